/** A VLAN that ports are in exists on their switch. */
import { endpointsOf } from '../../endpoints.ts';
import { fabricExample } from '../../example.ts';
import type { PortVlanChoice, Switch } from '../../../fabric/network/model.ts';
import { holdsVlan } from '../../../fabric/network/vlan-list.ts';
import type { Path } from '../../../fabric/problem.ts';
import type { Finding, Rule } from '../../rule.ts';
import { attachmentsOf, vlanAt } from '../../segments.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';

const example = (vlans: string): string =>
  fabricExample(`switches:\n  tor1:\n    vlans: { ${vlans} }\n    ports:\n      1-8: { vlan: 10 }\n      9-16: { vlan: 20 }`);

/** Every switch has it from the factory (IEEE 802.1Q §9.6, table 9-2). */
const DEFAULT_VLAN = 1;

export const vlanSetUp: Rule = {
  id: 'SW-1070',
  name: 'vlan-set-up',
  severity: 'error',
  title: 'A port is in a VLAN that its switch has not',
  meaning: 'A switch forwards frames only of VLANs that were set up on it; a port may be put into another, and stays silent.',
  remedy: 'Add the VLAN to `vlans` of the switch. On Onyx, NX-OS and ProCurve: `vlan 20`, before the port is put into it.',
  ignored: 'The port shows its VLAN as inactive, and all that is plugged in there is alone.',
  source: ['IEEE 802.1Q §8.8', DEMARTEK_GUIDE],
  examples: { fail: example('10: { name: storage }'), pass: example('10: { name: storage }, 20: { name: guests }') },
  check(fabric) {
    const findings = new Map<string, Finding>();
    const look = (one: Switch, vlan: number, at: Path, who: string): void => {
      if (one.vlans === undefined || vlan === DEFAULT_VLAN || vlan === 0 || findings.has(`${one.name} ${vlan}`)) return;
      if (setUp(one).has(vlan)) return;
      findings.set(`${one.name} ${vlan}`, {
        at,
        missingFrom: at,
        message: `${who} is in VLAN ${vlan}, and \`${one.name}\` has no such VLAN.`,
        remedy: `Add \`${vlan}: {}\` to \`vlans\` of \`${one.name}\`.`,
        related: [{ at: [...one.at, 'vlans'], message: 'the VLANs of the switch' }],
        restsOn: [[...one.at, 'vlans']],
      });
    };
    for (const one of fabric.switches) {
      if (one.vlans === undefined) continue;
      for (const { name, at, vlans } of one.aggregations)
        for (const vlan of namedVlans(vlans)) look(one, vlan, at, `Aggregation \`${one.name}:${name}\``);
      const seen = new Set<Path>();
      for (const { name, at, vlans, declared, aggregation } of one.ports) {
        // Those that one key lists are alike.
        if (!declared || aggregation !== undefined || seen.has(at)) continue;
        seen.add(at);
        for (const vlan of namedVlans(vlans)) look(one, vlan, at, `\`${one.name}:${name}\``);
      }
    }
    for (const endpoint of endpointsOf(fabric)) {
      if (endpoint.vlan === undefined) continue;
      for (const { uplink } of attachmentsOf(fabric, endpoint))
        look(uplink.at.one, vlanAt(uplink, endpoint), endpoint.at, `\`${endpoint.node}:${endpoint.name}\``);
    }
    return [...findings.values()];
  },
};

const known = new WeakMap<Switch, ReadonlySet<number>>();

function setUp(one: Switch): ReadonlySet<number> {
  let vlans = known.get(one);
  if (vlans === undefined) known.set(one, (vlans = new Set(one.vlans!.map(({ vlan }) => vlan))));
  return vlans;
}

/** Those written one by one: a range or `all` may hold some that nobody has yet. */
function namedVlans(choice: PortVlanChoice): number[] {
  if (choice.mode === 'access') return [choice.vlan];
  const [untagged, ranges] = choice.mode === 'trunk' ? [choice.native, choice.allowed] : [choice.untagged ?? 0, choice.tagged];
  // A native VLAN that the trunk does not carry may be meant for nobody.
  const isCarried = choice.mode === 'listed' || holdsVlan(ranges, untagged);
  return [...(isCarried ? [untagged] : []), ...ranges.filter(({ first, last }) => first === last).map(({ first }) => first)];
}
