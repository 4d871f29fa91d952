/** A small fabric that is up within the test: its network is real, and nothing of it touches the system. */
import { startNetwork } from '../../../os/network/network-runner.ts';
import type { RunningNetwork } from '../../../os/network/running-network.ts';
import { type TestContext, testContext, type TestOptions } from '../../testing/test-context.ts';
import { up } from '../../up.ts';

export const RACK = `version: 1
name: rack
switches:
  tor1: { spanningTree: { priority: 4096 }, ports: { 1-2: { vlan: 10 }, 5: { vlan: 10 }, 3: { vlan: 10, speed: 25G }, 9: { trunk: [10, 20] } } }
  tor2: { ports: { 9: { trunk: [10, 20] } } }
hosts:
  esx1: { nics: { nic0: { addresses: [192.0.2.11/24] } } }
  esx2: { nics: { nic0: { addresses: [192.0.2.12/24, "2001:db8::12/64"], dhcpServer: { first: 192.0.2.100, last: 192.0.2.109 } }, nic1: { addresses: [198.51.100.2/24] } } }
  esx3: { nics: { nic0: { dhcp: true } } }
links:
  - [esx3:nic0, tor1:5]
  - [esx1:nic0, tor1:1]
  - [esx2:nic0, tor1:2]
  - { ends: [tor1:9, tor2:9], faults: { loss: 0.5% } }
`;

export interface RunningRack {
  readonly context: TestContext;
  readonly network: RunningNetwork;
  /** What was written since it was asked last. */
  said(): string;
  stop(): Promise<number>;
}

export async function runningRack(options: TestOptions = {}): Promise<RunningRack> {
  let network: RunningNetwork | undefined;
  const context = testContext({
    ...options,
    files: { 'rack.yaml': RACK },
    async startNetwork(plan, services) {
      network = await startNetwork(plan, services);
      return network;
    },
  });
  const done = up('rack.yaml', {}, context);
  while (!context.written().includes('ready')) await new Promise((resolve) => setImmediate(resolve));
  let heard = context.written().length;
  return {
    context,
    network: network!,
    said() {
      const text = context.written().slice(heard);
      heard += text.length;
      // Events go the same way.
      return text
        .split('\n')
        .filter((line) => !line.startsWith('{"level"'))
        .join('\n');
    },
    stop() {
      context.signal();
      return done;
    },
  };
}
