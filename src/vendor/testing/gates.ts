/** What each dialect has to bring back: some nodes in the tests of its room, hundreds in test/vendor/. */
import { chelsio } from '../chelsio/index.ts';
import { commands as chelsioCommands } from '../chelsio/read.ts';
import type { Dialect, OutputKind } from '../core/dialect.ts';
import { keyText } from '../core/setting.ts';
import { esxcli } from '../esxcli/index.ts';
import { commands as esxcliCommands } from '../esxcli/read-commands.ts';
import { ios } from '../ios/index.ts';
import { iscsiadm } from '../iscsiadm/index.ts';
import { commandList } from '../linux/commands.ts';
import { linux } from '../linux/index.ts';
import { nxos } from '../nxos/index.ts';
import { onyx } from '../onyx/index.ts';
import { powershell } from '../powershell/index.ts';
import { script } from '../powershell/read-script.ts';
import { procurve } from '../procurve/index.ts';
import { runningConfig } from '../procurve/running-config.ts';
import { targetcli } from '../targetcli/index.ts';
import { generateArray } from './generate-array.ts';
import { generateHost } from './generate-host.ts';
import { generateSwitch, type SwitchOptions } from './generate-switch.ts';
import type { Generated } from './generated.ts';
import { roundTrip, type TripChoice } from './round-trip.ts';

interface Gate {
  readonly dialect: Dialect;
  readonly output: OutputKind;
  readonly make: (seed: number) => Generated;
  readonly choice?: (made: Generated) => TripChoice;
}

const CATALYST: SwitchOptions = {
  style: 'gigabit',
  speeds: ['100M', '1G', '10G'],
  flowControl: ['none', 'receive', 'auto', 'both'],
  mtus: [1500, 9198],
};

const DRIVERS = { cxl: { max_vfs: ['2,2', '0,3,,4,0', '16,16'], max_ports: [8, 12], rss_q: [1, 16] }, cheiscsi: { debug: [0, 1] } };

const GATES = {
  onyx: { dialect: onyx, output: onyx.outputs[0]!, make: (seed) => generateSwitch(seed, { style: 'slot' }) },
  nxos: {
    dialect: nxos,
    output: nxos.outputs[0]!,
    make: (seed) => generateSwitch(seed, { style: seed % 2 === 0 ? 'ethernet' : 'slot' }),
  },
  ios: { dialect: ios, output: ios.outputs[0]!, make: (seed) => generateSwitch(seed, CATALYST) },
  procurve: {
    dialect: procurve,
    output: runningConfig,
    make: (seed) => generateSwitch(seed, { style: seed % 2 === 0 ? 'letter' : 'number' }),
    // Of `trunk: all` the switch has the VLANs that are set up, which is told with the rest that it can't have.
    choice: ({ node }) => {
      const unsaid = new Set(procurve.emit(node).unsaid.map(({ setting }) => keyText(setting.key)));
      return { only: (key) => !unsaid.has(keyText(key)) };
    },
  },
  linux: { dialect: linux, output: commandList, make: (seed) => generateHost(seed, 'linux', { without: ['device'] }) },
  'arrays with linux': { dialect: linux, output: commandList, make: (seed) => generateArray(seed, { network: true }) },
  iscsiadm: { dialect: iscsiadm, output: iscsiadm.outputs[0]!, make: (seed) => generateHost(seed, 'linux') },
  esxcli: { dialect: esxcli, output: esxcliCommands, make: (seed) => generateHost(seed, 'esxi') },
  chelsio: {
    dialect: chelsio,
    output: chelsioCommands,
    make: (seed) =>
      generateHost(seed, 'esxi', { drivers: DRIVERS, without: ['iscsi', 'virtualSwitches', 'nicDcb', 'hostDcb', 'offloads', 'rdma'] }),
    choice: () => ({ only: ([section]) => section === 'drivers' }),
  },
  powershell: { dialect: powershell, output: script, make: (seed) => generateHost(seed, 'windows') },
  targetcli: { dialect: targetcli, output: targetcli.outputs[2]!, make: (seed) => generateArray(seed) },
  'saveconfig.json': {
    dialect: targetcli,
    output: targetcli.outputs[0]!,
    make: (seed) => generateArray(seed),
    choice: () => ({ text: (node) => targetcli.emit(node).files[0]!.text }),
  },
} as const satisfies Readonly<Record<string, Gate>>;

export type GateName = keyof typeof GATES;
export const gateNames = Object.keys(GATES) as readonly GateName[];

/** Seeds that are looked at, for one node that is the dialect's. */
const SEEDS_A_NODE_MAX = 8;

/** Undefined: so many nodes came back; else what the first that did not is, and how to make it again. */
export function broken(name: GateName, nodes: number): string | undefined {
  const { dialect, output, make, choice }: Gate = GATES[name];
  let back = 0;
  for (let seed = 0; back < nodes; seed += 1) {
    if (seed >= nodes * SEEDS_A_NODE_MAX) return `${name}: of ${seed} nodes only ${back} have something of it`;
    const made = make(seed);
    const chosen = choice?.(made);
    // A node of which the dialect says nothing comes back from nothing.
    const isAbout = (key: readonly string[]): boolean => dialect.says(key) && chosen?.only?.(key) !== false;
    if (!made.node.settings.some(({ key, quiet }) => quiet !== true && isAbout(key))) continue;
    const wrong = roundTrip(dialect, output, made, chosen);
    if (wrong !== undefined) return wrong;
    back += 1;
  }
  return undefined;
}
