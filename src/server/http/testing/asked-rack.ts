/** A small fabric that is up with its page, and requests to it that can say anything. */
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFabric } from '../../view/testing/started-fabric.ts';
import type { RunningFabric } from '../../running-fabric.ts';
import { type FabricServer, openServer } from '../open-server.ts';
import { choosePage } from '../page-address.ts';

export const RACK = `version: 1
name: rack
switches:
  tor1: { ports: { 1-3: { vlan: 10 } } }
hosts:
  esx1:
    nics: { nic0: { addresses: [192.0.2.11/24] } }
    iscsi: { vmhba64: { initiator: "iqn.1998-01.com.vmware:esx1", discovery: [array1] } }
arrays:
  array1:
    nics: { a0: { addresses: [192.0.2.20/24] } }
    portals: [192.0.2.20]
    targets: { iqn.2026-01.net.example:disk1: { luns: [{ store: memory, size: 1MiB }], access: [{ initiator: "iqn.1998-01.com.vmware:esx1" }] } }
links:
  - [esx1:nic0, tor1:1]
  - [array1:a0, tor1:2]
`;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Of JSON. */
  readonly value: Readonly<Record<string, unknown>>;
}

export interface Question {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text as it is, anything else as JSON with its content type. */
  readonly body?: unknown;
}

export interface AskedRack extends AsyncDisposable {
  readonly fabric: RunningFabric;
  readonly server: FabricServer;
  /** `127.0.0.1:40123`. */
  readonly host: string;
  readonly port: number;
  readonly token: string;
  /** Of the folder where the control socket may be. */
  readonly environment: Readonly<Record<string, string>>;
  ask(path: string, question?: Question): Promise<Answer>;
  /** The same with the token. */
  act(path: string, body?: unknown): Promise<Answer>;
}

export async function askedRack(
  options: { readonly token?: string; readonly page?: string; readonly text?: string } = {},
): Promise<AskedRack> {
  const folder = mkdtempSync(join(tmpdir(), 'samewire-page-'));
  const started = await startFabric(options.text ?? RACK);
  const environment = { XDG_RUNTIME_DIR: folder };
  const server = await openServer(started.fabric, environment);
  const given = options.token === undefined ? {} : { SAMEWIRE_PAGE_TOKEN: options.token };
  const url = new URL(await server.openPage(choosePage(options.page ?? '127.0.0.1:0', given)));
  const token = url.hash.slice('#token='.length);
  const ask = (path: string, question: Question = {}): Promise<Answer> => askAt(Number(url.port), path, question);
  return {
    fabric: started.fabric,
    server,
    host: url.host,
    port: Number(url.port),
    token,
    environment,
    ask,
    act: (path, body) => ask(path, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body }),
    async [Symbol.asyncDispose]() {
      await server.close();
      await started[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true });
    },
  };
}

function askAt(port: number, path: string, { method = 'GET', headers = {}, body }: Question): Promise<Answer> {
  const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const own = body === undefined || typeof body === 'string' ? {} : { 'content-type': 'application/json' };
  return new Promise((resolve, reject) => {
    const asking = request({ host: '127.0.0.1', port, path, method, headers: { ...own, ...headers }, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(pieces).toString('utf8');
        const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text: whole,
          value: isJson ? (JSON.parse(whole) as Readonly<Record<string, unknown>>) : {},
        });
      });
    });
    asking.on('error', reject);
    asking.end(text);
  });
}
