/** Both ends of an aggregation speak LACP, and one of them begins; or neither does. */
import type { Fabric } from '../../../fabric/model.ts';
import { aggregationAt } from '../../bridge-ports.ts';
import { aggregates, type Bundle, bundlesOf, linkedOf } from '../../bundles.ts';
import { trunksOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { VSPHERE_NETWORKING } from './documents.ts';
import { lag, oneSwitch, vSwitch } from './examples.ts';

const example = (mode: string): string => oneSwitch(vSwitch('teaming: { mode: ip-hash }, '), lag(`mode: ${mode}, tagged: [10]`));

export const lacpMismatch: Rule = {
  id: 'SW-1085',
  name: 'lacp-mismatch',
  severity: 'error',
  title: 'One end of an aggregation speaks LACP and the other does not',
  meaning:
    'An end with LACP waits for an answer before it uses the ports, and an end without never gives one. Two passive ends wait for each other.',
  remedy:
    'Write the same at both ends; of two with LACP let one be active. For IP hash of ESXi: `mode: static`; on NX-OS `channel-group 1 mode on`, on ProCurve `trunk 1-2 trk1 trunk`.',
  ignored: 'The links are up, the switch shows the ports as suspended or as individual, and one of them or none carries traffic.',
  source: [LOWE_BLOG, VSPHERE_NETWORKING, 'IEEE 802.1AX §6.4'],
  examples: { fail: example('lacp'), pass: example('static') },
  check: (fabric) => [...bundlesOf(fabric).flatMap((bundle) => ofBundle(fabric, bundle)), ...ofTrunks(fabric)],
};

function ofBundle(fabric: Fabric, bundle: Bundle): Finding[] {
  const { mode, lacpActive } = bundle.teaming;
  if (mode === undefined || aggregates(bundle, fabric) !== true) return [];
  const told = new Set<object>();
  return linkedOf(fabric, bundle).flatMap(({ aggregation, uplink }): Finding[] => {
    if (aggregation === undefined || told.has(aggregation)) return [];
    told.add(aggregation);
    const there = `\`${uplink.at.node}:${aggregation.name}\``;
    // Of an aggregation over two switches each half has the same to say about it.
    const place = { related: [{ at: aggregation.at, message: 'the aggregation' }], cause: mode.at, restsOn: [aggregation.at, bundle.at] };
    const speaks = mode.value === 'lacp';
    if (speaks !== (aggregation.mode === 'lacp'))
      return [
        {
          ...place,
          at: mode.at,
          message: speaks
            ? `\`${bundle.name}\` speaks LACP, and ${there} is static.`
            : `\`${bundle.name}\` is in mode \`${mode.value}\`, which is a static aggregation, and ${there} speaks LACP.`,
          remedy: speaks ? `Write \`mode: lacp\` for ${there}, or \`mode: static\` here.` : `Write \`mode: static\` for ${there}.`,
        },
      ];
    if (!speaks || lacpActive?.value !== false || aggregation.active) return [];
    return [
      {
        ...place,
        at: lacpActive.at,
        message: `\`${bundle.name}\` and ${there} only answer: neither of the two begins to speak LACP.`,
        remedy: 'Write `lacpActive: true` here, or `active: true` there.',
      },
    ];
  });
}

function ofTrunks(fabric: Fabric): Finding[] {
  const told = new Set<object>();
  return trunksOf(fabric).flatMap(({ ends }): Finding[] => {
    const [one, other] = ends.map(aggregationAt);
    if (one === undefined || other === undefined || told.has(one)) return [];
    told.add(one);
    const names = [`\`${ends[0].node}:${one.name}\``, `\`${ends[1].node}:${other.name}\``];
    const place = { related: [{ at: one.at, message: names[0]! }], restsOn: [one.at, other.at] };
    if (one.mode !== other.mode)
      return [
        {
          ...place,
          at: [...other.at, 'mode'],
          message: `${names[0]} is in mode \`${one.mode}\`, and ${names[1]}, at the other end, in mode \`${other.mode}\`.`,
          remedy: `Write \`mode: ${one.mode}\` here, or the same at both ends.`,
        },
      ];
    if (one.mode === 'static' || one.active || other.active) return [];
    return [
      {
        ...place,
        at: [...other.at, 'active'],
        message: `${names[0]} and ${names[1]} only answer: neither of the two begins to speak LACP.`,
        remedy: 'Let one of them be active.',
      },
    ];
  });
}
