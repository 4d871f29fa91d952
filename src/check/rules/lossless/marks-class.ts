/** The traffic class that is marked is the one that RoCE is in. */
import { classesOf, listText, losslessPortOf } from '../../lossless.ts';
import { endpointName, lossyAt, marksOf, roceEndpointsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { uplinksByNic } from '../../segments.ts';
import { roceExample } from './examples.ts';

const example = (marked: number): string =>
  roceExample('priority: 3, ecn: true', 'dcb: { pfc: [3] }', {
    port: `dcb: { pfc: [3], classes: { 0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: 50 }, 1: { priorities: [3], bandwidth: 50 } }, marks: { ${marked}: { min: 150KB, max: 1500KB } } }`,
  });

export const marksClass: Rule = {
  id: 'SW-1145',
  name: 'marks-class',
  severity: 'warning',
  title: 'A switch marks a traffic class that RoCE is not in',
  meaning: 'Congestion control of RoCE v2 slows down by marks. Packets of its class get none here, however full the queue is.',
  remedy: 'Write the marks for the class that holds the priority of RoCE.',
  ignored: 'Queues of RoCE fill up to the pause, and pauses spread over the network.',
  source: ['IBTA RoCE v2 (Annex A17)', 'Zhu et al., Congestion Control for Large-Scale RDMA Deployments (DCQCN)'],
  examples: { fail: example(3), pass: example(1) },
  check: (fabric) => {
    const told = new Set<string>();
    return roceEndpointsOf(fabric).flatMap((one): Finding[] => {
      const mark = marksOf(one)[0];
      if (mark === undefined || one.rdma.ecn === false || one.rdma.kind !== 'roce-v2') return [];
      if (lossyAt(fabric, one.nic, mark.priority) !== undefined) return [];
      return (uplinksByNic(fabric).get(one.nic) ?? []).flatMap(({ at }): Finding[] => {
        const port = losslessPortOf(fabric, at.port);
        const marks = port?.dcb.marks;
        const classes = port === undefined ? undefined : classesOf(fabric, port);
        if (port === undefined || marks === undefined || classes === undefined || marks.value.length === 0) return [];
        const own = classes.value.find(({ priorities }) => priorities.includes(mark.priority));
        const key = marks.at.join('\n');
        if (own === undefined || marks.value.some(({ trafficClass }) => trafficClass === own.number) || told.has(key)) return [];
        told.add(key);
        return [
          {
            at: marks.at,
            message: `\`${port.place}\` marks class ${listText(marks.value.map(({ trafficClass }) => `${trafficClass}`))}, and RoCE of \`${endpointName(one.endpoint)}\` (priority ${mark.priority}) is in class ${own.number}.`,
            remedy: `Write the marks for class ${own.number}. In Onyx: \`traffic-class ${own.number} congestion-control ecn minimum-absolute 150 maximum-absolute 1500\`.`,
            related: [
              { at: mark.at, message: 'the priority of RoCE' },
              { at: [...own.at, 'priorities'], message: `class ${own.number}` },
            ],
            restsOn: [mark.at, own.at],
          },
        ];
      });
    });
  },
};
