/** Ports of a switch that are one lead to ports that are one. */
import type { Fabric } from '../../../fabric/model.ts';
import { aggregates, aggregationKey, bundlesOf, linkedOf } from '../../bundles.ts';
import { aggregationAt } from '../../bridge-ports.ts';
import { isUsed, placeOf, type Uplink, uplinksOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { VSPHERE_NETWORKING } from './documents.ts';
import { lag, oneSwitch, team } from './examples.ts';

const example = (tor: string): string => oneSwitch(team('mode: active-backup, '), tor);

export const aggregationUnwanted: Rule = {
  id: 'SW-1084',
  name: 'aggregation-unwanted',
  severity: 'error',
  title: 'A switch aggregates ports of a host that does not',
  meaning:
    'The switch sends what is for the host by any of the ports; a host that fails over, or keeps each guest at one port, does not take it there.',
  remedy:
    'Take the ports out of `aggregations`, or choose `ip-hash`, `static` or `lacp` at the host. On ESXi: `esxcli network vswitch standard policy failover set -v vSwitch0 -l iphash`.',
  ignored: 'Some connections work and others do not, by their addresses, and it changes with each failover.',
  source: [LOWE_BLOG, VSPHERE_NETWORKING, 'IEEE 802.1AX'],
  examples: { fail: example(lag('mode: static')), pass: example('ports: { 1: {}, 2: {} }') },
  check: (fabric) => [...ofBundles(fabric), ...ofSinglePorts(fabric)],
};

const ofBundles = (fabric: Fabric): Finding[] =>
  bundlesOf(fabric).flatMap((bundle): Finding[] => {
    if (aggregates(bundle, fabric) !== false || bundle.members.length < 2) return [];
    const all = linkedOf(fabric, bundle);
    const keys = all.map(({ uplink }) => aggregationKey(uplink.at));
    // Of one over two switches each has a half, which may be a single port.
    const linked = all.find(
      ({ aggregation }, index) =>
        aggregation !== undefined && (aggregation.ports.length > 1 || keys.indexOf(keys[index]) !== keys.lastIndexOf(keys[index])),
    );
    if (linked === undefined) return [];
    const { aggregation, uplink } = linked;
    const { mode } = bundle.teaming;
    const at = mode?.at ?? bundle.at;
    const own = mode === undefined ? 'keeps each guest at one uplink, as nothing else is said' : `is in mode \`${mode.value}\``;
    return [
      {
        at,
        ...(mode === undefined ? { missingFrom: at } : {}),
        message: `\`${bundle.name}\` ${own}, and \`${placeOf(uplink.at)}\` is part of the aggregation \`${aggregation!.name}\`.`,
        remedy: 'Take the ports out of the aggregation, or choose `ip-hash`, `static` or `lacp` here.',
        related: [
          { at: aggregation!.at, message: 'the aggregation' },
          { at: bundle.at, message: `\`${bundle.name}\`` },
        ],
        restsOn: [aggregation!.at, bundle.at],
      },
    ];
  });

/** Ports that no team has and that work each for itself. */
function ofSinglePorts(fabric: Fabric): Finding[] {
  const teamed = new Set(bundlesOf(fabric).flatMap(({ members }) => members));
  const told = new Set<object>();
  return uplinksOf(fabric).flatMap(({ station: { node, machine, nic }, at: end }: Uplink): Finding[] => {
    const aggregation = aggregationAt(end);
    if (aggregation === undefined || aggregation.ports.length < 2 || teamed.has(nic) || !nic.interfaces.some(isUsed)) return [];
    // A port that a virtual switch over a team names is in the team.
    if (machine.virtualSwitches.some(({ uplinks }) => uplinks.some(({ text }) => text === nic.name)) || told.has(aggregation)) return [];
    told.add(aggregation);
    return [
      {
        at: nic.at,
        missingFrom: nic.at,
        message: `\`${node}:${nic.name}\` works for itself, and \`${placeOf(end)}\` is part of the aggregation \`${aggregation.name}\`.`,
        remedy: `Make a team of the ports behind \`${aggregation.name}\`, or take them out of it.`,
        related: [{ at: aggregation.at, message: 'the aggregation' }],
        restsOn: [aggregation.at, [...machine.at, 'teams'], [...machine.at, 'virtualSwitches']],
      },
    ];
  });
}
