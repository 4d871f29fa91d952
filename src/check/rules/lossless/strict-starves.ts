/** Bulk traffic is not strict. */
import { distinct, losslessPortsOf, pfcOf, prioritiesText } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { ETS } from './words.ts';

const example = (rest: string, own: string): string =>
  linkExample({
    nic: 'dcb: { pfc: [3] }',
    port: `vlan: 10, dcb: { pfc: [3], classes: { 0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: ${rest} }, 3: { priorities: [3], ${own} } } }`,
  });

export const strictStarves: Rule = {
  id: 'SW-1122',
  name: 'strict-starves',
  severity: 'warning',
  title: 'The traffic class of a priority without loss is strict, and others have shares',
  meaning:
    'A strict class sends whenever it has something. Storage can always fill a port, and then nothing is left for the shares of the others.',
  remedy: 'Give the class a `bandwidth` instead of `strict`; strict is for small things such as cluster heartbeats and congestion notices.',
  ignored: 'During a rebuild management, cluster heartbeats and the switches own protocols time out.',
  source: [ETS],
  examples: { fail: example('100', 'strict: true'), pass: example('40', 'bandwidth: 60') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), (port) => [port.dcb.classes, pfcOf(fabric, port)]).flatMap((one): Finding[] => {
      const [classes, pfc] = [one.dcb.classes, pfcOf(fabric, one)];
      const others = classes?.value.filter(({ strict }) => !strict) ?? [];
      if (classes === undefined || pfc === undefined || others.length === 0) return [];
      return classes.value
        .filter(({ strict, priorities }) => strict && priorities.some((priority) => pfc.value.includes(priority)))
        .map(({ at, number, priorities }) => ({
          at: [...at, 'strict'],
          message: `Class ${number} of \`${one.place}\`, with ${prioritiesText(priorities)} and PFC, goes before ${others.length === 1 ? `class ${others[0]!.number}` : `${others.length} classes`} with a share.`,
          remedy: 'Write `bandwidth` instead of `strict: true`.',
          related: [{ at: pfc.at, message: 'PFC' }],
          restsOn: [pfc.at],
        }));
    }),
};
