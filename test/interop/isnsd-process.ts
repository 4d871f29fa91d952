/** Open-iSNS's server, isnsd, as a peer: its own process, port, database and configuration; and isnsadm, which asks it on our behalf. */
import { type ChildProcess, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { runPeer } from './run-peer.ts';
import { makeScratch } from './scratch.ts';
import { freePort } from './tgtd-process.ts';

export interface IsnsdOptions {
  /** More lines of its configuration: `RegistrationPeriod`, `ESIMinInterval`. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Nodes in no discovery domain see each other; default true. */
  readonly defaultDomain?: boolean;
}

export interface Isnsd {
  readonly pid: number;
  readonly port: number;
  /** `127.0.0.1:PORT`. */
  readonly server: string;
  /** Runs isnsadm in the name of a node; rejects unless it succeeds. `control`: over the server's own socket, with every right. */
  readonly admin: (node: string, args: readonly string[], control?: boolean) => Promise<string>;
  /** What it has logged. */
  readonly log: () => string;
  /** Kills it; `restart` brings it back. */
  readonly kill: () => Promise<void>;
  /** Kills it if it runs, and starts it again on the same port. */
  readonly restart: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

const TRIES = 100;
const TRY_EVERY_MS = 50;

export async function startIsnsd(options: IsnsdOptions = {}): Promise<Isnsd> {
  const scratch = makeScratch();
  const port = await freePort();
  const server = `127.0.0.1:${port}`;
  const control = scratch.path('control');
  const configuration = scratch.write(
    'isnsd.conf',
    lines({
      SourceName: 'iqn.2026-01.net.example:isnsd',
      BindAddress: server,
      DefaultDiscoveryDomain: options.defaultDomain === false ? 0 : 1,
      RegistrationPeriod: '1h',
      SLPRegister: 0,
      // DSA keys are beyond what we do, and beyond what anybody uses (RFC 4171 §5.5).
      Security: 0,
      PIDFile: scratch.path('pid'),
      ControlSocket: control,
      ...options.settings,
    }),
  );
  let output = '';
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const started = spawn('isnsd', ['-f', '-4', '-d', 'state,scn,esi,message', '-c', configuration], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` },
    });
    child = started;
    for (const stream of [started.stdout, started.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-200_000);
      });
    const failed = new Promise<never>((_, reject) => started.once('error', reject));
    for (let attempt = 1; !(await Promise.race([accepts(port), failed])); attempt += 1) {
      if (attempt === TRIES || started.exitCode !== null) throw new Error(`isnsd does not come up:\n${output}`);
      await sleep(TRY_EVERY_MS);
    }
  };
  const end = async (): Promise<void> => {
    const ending = child;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => ending.once('close', () => resolve()));
    ending.kill('SIGKILL');
    await ended;
  };
  const stop = async (): Promise<void> => {
    await end();
    scratch.remove();
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  let clients = 0;
  return {
    get pid() {
      return child!.pid!;
    },
    port,
    server,
    admin: async (node, args, isControl = false) => {
      clients += 1;
      const own = scratch.write(
        `client${clients}.conf`,
        lines({ SourceName: node, ServerAddress: server, Security: 0, ControlSocket: control }),
      );
      const run = await runPeer('isnsadm', ['-c', own, ...(isControl ? ['--local'] : []), ...args], { timeoutMs: 20_000 });
      if (run.code !== 0) throw new Error(`isnsadm ${args.join(' ')} (${run.code}): ${run.stdout}${run.stderr}`);
      return run.stdout;
    },
    log: () => output,
    kill: end,
    restart: async () => {
      await end();
      await start();
    },
    stop,
  };
}

const lines = (settings: Readonly<Record<string, string | number>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
