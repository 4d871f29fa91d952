/** Frames for guests are not to be joined by the adapter. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import { nicsNamed } from '../../endpoints.ts';
import { machineExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';

const example = (largeReceive: boolean): string =>
  machineExample(`os: windows
nics:
  nic0: { offloads: { largeReceive: ${largeReceive} } }
  nic1: { offloads: { largeReceive: ${largeReceive} } }
virtualSwitches:
  switch1: { kind: hyper-v, embeddedTeaming: true, uplinks: [nic0, nic1] }`);

export const coalescingSwitch: Rule = {
  id: 'SW-1189',
  name: 'coalescing-switch',
  severity: 'warning',
  title: 'A port of a Hyper-V switch is to join received segments',
  meaning:
    'Receive segment coalescing in the adapter does not go together with guests: Windows turns it off when the port becomes part of a virtual switch. From Windows Server 2019 the switch has its own.',
  remedy: 'Write `largeReceive: false` at the port.',
  ignored: 'The setting says on and the traffic says off: a comparison of hosts finds a difference that is none, and one that is slow.',
  source: ['Microsoft Learn, RSC in the vSwitch', DEMARTEK_GUIDE],
  examples: { fail: example(true), pass: example(false) },
  check: (fabric) =>
    machinesOf(fabric).flatMap(({ name, machine }) =>
      machine.virtualSwitches
        .filter(({ kind }) => kind === 'hyper-v')
        .flatMap((one) =>
          nicsNamed(machine, one.uplinks)
            .filter(({ offloads }) => offloads?.largeReceive === true)
            .map((nic) => ({
              at: [...nic.offloads!.at, 'largeReceive'],
              message: `\`${name}:${nic.name}\` joins received segments, and is an uplink of the virtual switch \`${name}:${one.name}\`.`,
              remedy: `Write \`largeReceive: false\`. On Windows: \`Disable-NetAdapterRsc -Name "${nic.device ?? nic.name}"\`.`,
              related: [{ at: one.at, message: `the virtual switch \`${one.name}\`` }],
            })),
        ),
    ),
};
