/** Priorities without loss wait in queues of their own. */
import { classesOf, distinct, losslessPortsOf, pfcOf, prioritiesText, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { ETS, PFC } from './words.ts';

const example = (rest: string, own: string): string =>
  linkExample({
    nic: 'dcb: { pfc: [3] }',
    port: `vlan: 10, dcb: { pfc: [3], classes: { 0: { priorities: [${rest}], bandwidth: 40 }, 3: { priorities: [${own}], bandwidth: 60 } } }`,
  });

export const losslessSharedClass: Rule = {
  id: 'SW-1120',
  name: 'lossless-shared-class',
  severity: 'warning',
  title: 'A traffic class holds priorities with PFC and priorities without',
  meaning:
    'They share a queue: a pause for one holds up the others, and what fills the queue without PFC takes the place of what must not be lost.',
  remedy: 'Give the priorities with PFC a class of their own.',
  ignored: 'Ordinary traffic stops whenever storage is paused, or some switches drop the frames that were to be kept.',
  source: [PFC, ETS],
  examples: { fail: example('0, 1, 2, 5, 6, 7', '3, 4'), pass: example('0, 1, 2, 4, 5, 6, 7', '3') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), (port) => [classesOf(fabric, port), pfcOf(fabric, port)]).flatMap((one): Finding[] => {
      const [classes, pfc] = [classesOf(fabric, one), pfcOf(fabric, one)];
      if (classes === undefined || pfc === undefined) return [];
      return classes.value.flatMap(({ at, number, priorities }): Finding[] => {
        const kept = priorities.filter((priority) => pfc.value.includes(priority));
        if (kept.length === 0 || kept.length === priorities.length) return [];
        const others = priorities.filter((priority) => !kept.includes(priority));
        return [
          {
            at: [...at, 'priorities'],
            message: `Class ${number} of \`${whose(one, classes)}\` holds ${prioritiesText(kept)} with PFC and ${prioritiesText(others)} without.`,
            remedy: `Leave ${prioritiesText(kept)} alone in it.`,
            related: [{ at: pfc.at, message: 'PFC' }],
            restsOn: [pfc.at],
          },
        ];
      });
    }),
};
