/** A small fabric that is up within the test, with its page on a free port of loopback: hosts, a network, an array, all in memory. */
import { processContext } from '../../src/cli/process-context.ts';
import { up } from '../../src/cli/up.ts';
import type { RunningFabric } from '../../src/server/running-fabric.ts';
import { makeScratch } from '../interop/scratch.ts';

export const TOKEN = 'a-token-for-the-fuzzer-only';

const FABRIC = `version: 1
name: fuzzed
switches:
  tor1: { spanningTree: { priority: 4096 }, ports: { 1-3: { vlan: 10 }, 9: { trunk: [10] } } }
  tor2: { ports: { 1-3: { vlan: 10 }, 9: { trunk: [10] } } }
hosts:
  esx1:
    nics: { nic0: { addresses: [192.0.2.11/24] } }
    iscsi: { vmhba64: { initiator: iqn.2026-01.net.samewire:esx1, discovery: [array1/left, array1/right] } }
  esx2:
    nics: { nic0: { addresses: [192.0.2.12/24] } }
    iscsi:
      vmhba64:
        initiator: iqn.2026-01.net.samewire:esx2
        targets: [{ name: iqn.2026-01.net.samewire:disk, address: array1/left }]
arrays:
  array1:
    nics: { eth0: { addresses: [192.0.2.20/24] }, eth1: { addresses: [192.0.2.21/24] } }
    portals:
      - { name: left, listen: "192.0.2.20:3260", group: 1 }
      - { name: right, listen: "192.0.2.21:3260", group: 2 }
    targets:
      iqn.2026-01.net.samewire:disk: { luns: [{ store: memory, size: 1MiB }, { store: memory, size: 2MiB }] }
links:
  - [esx1:nic0, tor1:1]
  - [esx2:nic0, tor2:1]
  - [array1:eth0, tor1:2]
  - [array1:eth1, tor2:2]
  - [tor1:9, tor2:9]
`;

export interface FuzzedFabric {
  readonly fabric: RunningFabric;
  readonly port: number;
  stop(): Promise<number>;
}

export async function startFuzzedFabric(): Promise<FuzzedFabric> {
  const scratch = makeScratch();
  const file = scratch.write('fuzzed.yaml', FABRIC);
  const real = processContext('1.2.3');
  let fabric: RunningFabric | undefined;
  let ask: (() => void) | undefined;
  let [said, complained] = ['', ''];
  const done = up(
    file,
    { json: true, page: '127.0.0.1:0' },
    {
      ...real,
      environment: { SAMEWIRE_PAGE_TOKEN: TOKEN },
      terminal: undefined,
      out: (text) => void (said += said.includes('\n') ? '' : text),
      err: (text) => void (complained += text),
      onSignal(listener) {
        ask = listener;
        return () => {};
      },
      onExit: () => () => {},
      openServer(running) {
        fabric = running;
        return real.openServer(running);
      },
    },
  );
  while (!said.includes('\n')) await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 20))]);
  const { url } = JSON.parse(said) as { readonly url?: string };
  if (url === undefined || fabric === undefined) throw new Error(`it is not up: ${complained}`);
  return {
    fabric,
    port: Number(new URL(url).port),
    async stop() {
      // A second signal would not ask.
      ask?.();
      ask = undefined;
      const code = await done;
      scratch.remove();
      return code;
    },
  };
}
