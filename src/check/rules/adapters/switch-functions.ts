/** Hyper-V gives guests virtual functions through a switch that was made for it. */
import { nicsNamed } from '../../endpoints.ts';
import { machineExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { givenFunctionsOf, guestPlace } from '../../slots.ts';

const example = (sriov: boolean): string =>
  machineExample(`os: windows
adapters:
  slot1: { model: mellanox-connectx-4-lx-en, ports: [nic0] }
nics:
  nic0: { sriov: { functions: 8 } }
virtualSwitches:
  switch1: { kind: hyper-v, uplinks: [nic0], sriov: ${sriov} }
vms:
  vm1: { nics: { eth0: { kind: pass-through, function: nic0/0 } } }`);

export const switchFunctions: Rule = {
  id: 'SW-1190',
  name: 'switch-functions',
  severity: 'error',
  title: 'A guest has a virtual function of a port whose virtual switch gives none',
  meaning: 'On Hyper-V the virtual switch hands out the functions of its uplinks. Whether it does is decided when the switch is made.',
  remedy: 'Write `sriov: true` at the virtual switch.',
  ignored:
    'The guest falls back to the slow path without a word: SR-IOV is enabled for its adapter, and the status never says "SR-IOV active".',
  source: ['Microsoft Learn, New-VMSwitch -EnableIov'],
  examples: { fail: example(false), pass: example(true) },
  check: (fabric) =>
    givenFunctionsOf(fabric).flatMap((one) => {
      const { machine, nic, node } = one;
      if (nic === undefined) return [];
      return machine.virtualSwitches
        .filter(({ kind, sriov, uplinks }) => kind === 'hyper-v' && sriov === false && nicsNamed(machine, uplinks).includes(nic))
        .map((given) => ({
          at: [...given.at, 'sriov'],
          message: `\`${guestPlace(one)}\` has a function of \`${node}:${nic.name}\`, and the virtual switch \`${node}:${given.name}\` there gives none.`,
          remedy: `Write \`sriov: true\`. On Windows: \`New-VMSwitch -EnableIov $true\`; the switch has to be made anew.`,
          related: [{ at: one.given.at, message: 'the function' }],
          cause: [...given.at, 'sriov'],
        }));
    }),
};
