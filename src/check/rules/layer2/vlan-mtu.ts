/** An interface in a VLAN sends by its parent. */
import type { NicInterface } from '../../../fabric/network/interface-model.ts';
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { Path } from '../../../fabric/problem.ts';
import { machineExample } from '../../example.ts';
import { nicsNamed } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';

const example = (mtu: number): string =>
  machineExample(`nics:\n  p1: { mtu: ${mtu}, vlans: { 20: { mtu: 9000, addresses: [192.0.2.11/24] } } }`);

export const vlanMtu: Rule = {
  id: 'SW-1077',
  name: 'vlan-mtu',
  severity: 'error',
  title: 'A VLAN interface has a larger MTU than the port it is on',
  meaning: 'Its packets leave by the port, which takes none that are longer than its own MTU.',
  remedy: 'Raise the MTU of the port first, then that of the VLAN. On Linux: `ip link set p1 mtu 9000`.',
  ignored: 'The system refuses the MTU when it comes up, and the interface stays at 1500 or stays down.',
  source: ['IEEE 802.1Q', LOWE_BLOG],
  examples: { fail: example(1500), pass: example(9000) },
  check: (fabric) =>
    machinesOf(fabric).flatMap(({ name, machine }) => [
      ...machine.nics.flatMap((nic) => larger(`${name}:${nic.name}`, nic.at, nic.mtuBytes, nic.interfaces)),
      ...machine.teams.flatMap((team) => {
        const ports = nicsNamed(machine, team.nics).map(({ mtuBytes }) => mtuBytes);
        const own = team.mtuBytes ?? (ports.length === 0 ? Infinity : Math.min(...ports));
        return larger(`${name}:${team.name}`, team.at, own, team.interfaces);
      }),
    ]),
};

const larger = (parent: string, at: Path, ownMtuBytes: number, interfaces: readonly NicInterface[]): Finding[] =>
  interfaces
    .filter(({ vlan, mtuBytes }) => vlan !== undefined && mtuBytes > ownMtuBytes)
    .map((one) => ({
      at: [...one.at, 'mtu'],
      message: `VLAN ${one.vlan} has an MTU of ${one.mtuBytes}, and its port \`${parent}\` of ${ownMtuBytes}.`,
      remedy: `Write \`mtu: ${one.mtuBytes}\` for the port too.`,
      related: [{ at: [...at, 'mtu'], message: 'the port' }],
      cause: [...at, 'mtu'],
      restsOn: [[...at, 'mtu']],
    }));
