/** Marks at some switches are marks at none for what goes by the others. */
import type { Fabric } from '../../../fabric/model.ts';
import { losslessPortOf } from '../../lossless.ts';
import { endpointName, roceEndpointsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { segmentsOf, type Segment } from '../../segments.ts';
import { fabricExample } from '../../example.ts';

const host = (name: string, last: number): string =>
  `  ${name}:\n    nics:\n      nic0: { rdma: { kind: roce-v2, ecn: true }, vlans: { 2: { addresses: [192.0.2.${last}/24] } } }\n`;
const tor = (name: string, marks: string): string =>
  `  ${name}:${marks === '' ? '' : `\n    dcb: { marks: ${marks} }`}\n    ports:\n      1: { trunk: [2], native: none }\n      48: { trunk: [2], native: none }\n`;
const MARKS = '{ 3: { min: 150KB, max: 1500KB } }';
const example = (marks: string): string =>
  fabricExample(
    `hosts:\n${host('esx1', 11)}${host('esx2', 12)}switches:\n${tor('tor1', MARKS)}${tor('tor2', marks)}links:\n  - [esx1:nic0, tor1:1]\n  - [esx2:nic0, tor2:1]\n  - [tor1:48, tor2:48]`,
  );

export const ecnGap: Rule = {
  id: 'SW-1147',
  name: 'ecn-gap',
  severity: 'warning',
  title: 'Some switches of a VLAN with RoCE mark packets when queues grow, and others do not',
  meaning:
    'Senders slow down by what is marked. A queue at a switch that marks nothing fills up to the pause or to loss, however well the others do.',
  remedy: 'Write the same `marks` at all switches of the VLAN.',
  ignored: 'Congestion control works in one rack, and the links from other racks pause.',
  source: ['RFC 3168 §5', 'IBTA RoCE v2 (Annex A17)'],
  examples: { fail: example(''), pass: example(MARKS) },
  check: (fabric) => {
    const roce = new Map(roceEndpointsOf(fabric).flatMap((one) => (one.rdma.ecn === true ? [[one.endpoint, one] as const] : [])));
    const findings = segmentsOf(fabric).flatMap((segment): Finding[] => {
      const talker = segment.attached.find(({ endpoint }) => roce.has(endpoint));
      if (talker === undefined || segment.switches.length < 2) return [];
      const { marking, silent } = portsOf(fabric, segment);
      if (marking === undefined) return [];
      return silent.map((one) => ({
        at: one.at,
        missingFrom: one.at,
        message: `\`${one.name}\` marks nothing, and \`${marking.place}\` marks RoCE of \`${endpointName(talker.endpoint)}\` in the same VLAN.`,
        remedy: `Write the \`marks\` of \`${marking.place}\` at \`${one.name}\` too.`,
        related: [
          { at: marking.at, message: `\`${marking.place}\` marks` },
          { at: roce.get(talker.endpoint)!.rdma.at, message: `RoCE of \`${endpointName(talker.endpoint)}\`` },
        ],
        cause: marking.at,
        restsOn: [marking.at],
      }));
    });
    return [...new Map(findings.toReversed().map((one) => [one.at.join('\n'), one])).values()].toReversed();
  },
};

/** Where packets of the segment are marked, and switches of it without any marks. */
function portsOf(fabric: Fabric, segment: Segment) {
  const ends = [...segment.attached.map(({ uplink }) => uplink.at), ...segment.trunks.flatMap((trunk) => trunk.ends)];
  const marks = ends.flatMap((end) => {
    const port = losslessPortOf(fabric, end.port);
    return port?.dcb.marks === undefined || port.dcb.marks.value.length === 0
      ? []
      : [{ node: end.node, place: port.place, at: port.dcb.marks.at }];
  });
  const nodes = new Set(marks.map(({ node }) => node));
  return { marking: marks[0], silent: segment.switches.filter(({ name }) => !nodes.has(name)) };
}
