/** All links of an aggregation lead to one aggregation at the other end. */
import type { Fabric } from '../../../fabric/model.ts';
import { aggregationAt } from '../../bridge-ports.ts';
import { aggregationKey } from '../../bundles.ts';
import { fabricExample } from '../../example.ts';
import { type BridgePort, type FabricPort, joinedPorts, placeOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';

const example = (other: string): string =>
  fabricExample(`switches:
  tor1: { aggregations: { Po1: { ports: [47, 48], trunk: [10, 20], native: none } } }
  tor2: { ${other} }
links:
  - [tor1:47, tor2:47]
  - [tor1:48, tor2:48]`);

export const aggregationEnds: Rule = {
  id: 'SW-1090',
  name: 'aggregation-ends',
  severity: 'error',
  title: 'The links of an aggregation do not lead to one aggregation',
  meaning:
    'An aggregation is one link with two ends: at a switch the same ports have to be an aggregation too, and at hosts all lead to one. Only two switches that are peers may share an end.',
  remedy: 'Declare the aggregation at both switches, or take out the ports that lead elsewhere.',
  ignored: 'Frames come back by the other link: a loop that spanning tree does not see, or half of the traffic ends nowhere.',
  source: ['IEEE 802.1AX §6.3', LOWE_BLOG],
  examples: {
    fail: example('ports: { 47-48: { trunk: [10, 20], native: none } }'),
    pass: example('aggregations: { Po9: { ports: [47, 48], trunk: [10, 20], native: none } }'),
  },
  check(fabric) {
    const findings: Finding[] = [];
    for (const [near, far] of farEnds(fabric)) {
      const finding = notOne(near, far);
      if (finding !== undefined) findings.push(finding);
    }
    return findings;
  },
};

/** By aggregation what is behind it; of two at the ends of the same links the first tells. */
function farEnds(fabric: Fabric): ReadonlyMap<BridgePort, readonly FabricPort[]> {
  const byKey = new Map<string, { readonly near: BridgePort; readonly far: FabricPort[] }>();
  for (const { link, ends } of joinedPorts(fabric)) {
    if (link.down) continue;
    for (const [near, far] of [ends, ends.toReversed()] as const) {
      if (near!.kind !== 'switch') continue;
      const key = aggregationKey(near!);
      if (key === undefined || near!.port.disabled) continue;
      const one = byKey.get(key);
      if (one === undefined) byKey.set(key, { near: near!, far: [far!] });
      else one.far.push(far!);
    }
  }
  return new Map([...byKey.values()].map(({ near, far }) => [near, far]));
}

function notOne(near: BridgePort, far: readonly FabricPort[]): Finding | undefined {
  const aggregation = aggregationAt(near)!;
  const [first] = far;
  const odd = far.find((one) => partner(one) !== partner(first!));
  const loose = far.length > 1 ? far.find((one) => one.kind === 'switch' && aggregationKey(one) === undefined) : undefined;
  const named = `\`${near.node}:${aggregation.name}\``;
  const place = { at: aggregation.at, missingFrom: aggregation.at };
  if (loose !== undefined)
    return {
      ...place,
      message: `${named} leads to \`${placeOf(loose)}\`, which is in no aggregation.`,
      remedy: `Make the ports of \`${loose.node}\` an aggregation too.`,
      related: [{ at: portAt(loose), message: `\`${placeOf(loose)}\`` }],
      restsOn:
        loose.kind === 'switch'
          ? [
              [...loose.one.at, 'aggregations'],
              [...loose.one.at, 'ports'],
            ]
          : [],
    };
  if (odd === undefined) return undefined;
  return {
    ...place,
    message: `${named} leads to \`${placeOf(first!)}\` and to \`${placeOf(odd)}\`, which are not one.`,
    remedy: 'Let all its ports lead to one host, or to one aggregation of a switch.',
    related: [first!, odd].map((one) => ({ at: portAt(one), message: `\`${placeOf(one)}\`` })),
    restsOn: [first!, odd].map(portAt),
  };
}

const partner = (one: FabricPort): string =>
  one.kind === 'machine' ? `machine ${one.node}` : (aggregationKey(one) ?? `port ${placeOf(one)}`);

const portAt = (one: FabricPort) => (one.kind === 'machine' ? one.nic.at : one.port.at);
