/** Two veth pairs with a switch between them, in user space: our bridge by AF_PACKET, and Open vSwitch with its datapath in user space. */
import { spawn } from 'node:child_process';
import { startOpenVSwitch } from '../test/interop/open-vswitch.ts';
import type { BenchNamespace } from './bench-namespace.ts';
import { type Contender, pause, type Results, playRounds, type RoundSettings, stop } from './switch-rounds.ts';

const SWITCH_ENDS = ['in1', 'out1'] as const;

const contenders = (network: BenchNamespace, dist: string): readonly Contender[] => [
  {
    name: 'samewire',
    kind: 'interface',
    start: async () => {
      const [command, ...args] = [...network.within, process.execPath, 'bench/bridge-server.mjs', dist, 'interface', ...SWITCH_ENDS];
      const child = spawn(command!, args, { stdio: ['ignore', 'ignore', 'inherit'] });
      await pause(1000); // it has no way to say that it is there
      return { pid: child.pid!, send: 'in0', count: 'out0', stop: () => stop(child) };
    },
  },
  {
    name: 'Open vSwitch',
    kind: 'interface',
    start: async (folder) => {
      const openVSwitch = await startOpenVSwitch(network, folder);
      openVSwitch.configure('add-br br0 -- set bridge br0 datapath_type=netdev');
      for (const end of SWITCH_ENDS) openVSwitch.configure(`add-port br0 ${end}`);
      return { pid: openVSwitch.pid, send: 'in0', count: 'out0', stop: () => openVSwitch.stop() };
    },
  },
];

export async function compareSwitches(
  network: BenchNamespace,
  dist: string,
  settings: Omit<RoundSettings, 'batches' | 'within'>,
): Promise<Results> {
  for (const side of ['in', 'out']) {
    network.run(`ip link add ${side}0 type veth peer name ${side}1`);
    for (const end of [`${side}0`, `${side}1`]) network.run(`ip link set ${end} addrgenmode none; ip link set ${end} up`);
  }
  return await playRounds(contenders(network, dist), { ...settings, batches: true, within: network.within });
}
