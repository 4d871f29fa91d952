/** A VLAN that is set up is of use to somebody. */
import { NOT_MEMBER } from '../../../link/port-vlans.ts';
import { fabricExample } from '../../example.ts';
import { vlansOf } from '../../bridge-ports.ts';
import { bridgePortsOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';

const example = (port: string): string =>
  fabricExample(`switches:\n  tor1:\n    vlans: { 10: {}, 20: {} }\n    ports:\n      1-8: { vlan: 10 }\n      48: { ${port} }`);

export const idleVlan: Rule = {
  id: 'SW-1071',
  name: 'idle-vlan',
  severity: 'warning',
  title: 'No port of a switch carries a VLAN that is set up on it',
  meaning: 'The VLAN was made, and the step that puts ports into it is missing, or is about another number.',
  remedy: 'Put ports into the VLAN, or leave it out. On Onyx: `interface ethernet 1/1 switchport trunk allowed-vlan 20`.',
  ignored: 'Those who should be in the VLAN are in none, or in that of everybody.',
  source: ['IEEE 802.1Q §8.8', DEMARTEK_GUIDE],
  examples: { fail: example('tagged: [10]'), pass: example('tagged: [10, 20]') },
  check(fabric) {
    // A switch of which no port is declared is not meant to be complete.
    const declared = new Set(bridgePortsOf(fabric).flatMap(({ one, port }) => (port.declared ? [one] : [])));
    const carried = new Map<object, Set<number>>();
    for (const end of bridgePortsOf(fabric)) {
      if (!declared.has(end.one) || end.one.vlans === undefined) continue;
      const vlans = carried.get(end.one) ?? new Set<number>();
      carried.set(end.one, vlans);
      const { members } = vlansOf(end);
      for (const { vlan } of end.one.vlans) if (members[vlan] !== NOT_MEMBER) vlans.add(vlan);
    }
    return fabric.switches.flatMap((one): Finding[] => {
      const vlans = carried.get(one);
      if (vlans === undefined || one.vlans === undefined) return [];
      return one.vlans
        .filter(({ vlan, addresses }) => vlan !== 1 && addresses.length === 0 && !vlans.has(vlan))
        .map(({ vlan, at }) => ({
          at,
          missingFrom: at,
          message: `VLAN ${vlan} is set up on \`${one.name}\`, and none of its ports carries it.`,
          remedy: `Add ${vlan} to the ports that are meant, or leave it out.`,
          related: [{ at: [...one.at, 'ports'], message: 'its ports' }],
          restsOn: [
            [...one.at, 'ports'],
            [...one.at, 'aggregations'],
          ],
        }));
    });
  },
};
