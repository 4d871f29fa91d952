/** A priority is in one traffic class. */
import { distinct, losslessPortsOf, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { ETS } from './words.ts';

const example = (first: string): string =>
  linkExample({
    nic: 'mtu: 1500',
    port: `vlan: 10, dcb: { classes: { 0: { priorities: [${first}], bandwidth: 40 }, 3: { priorities: [3], bandwidth: 60 } } }`,
  });

export const etsTwice: Rule = {
  id: 'SW-1117',
  name: 'ets-twice',
  severity: 'error',
  title: 'A priority is in two traffic classes',
  meaning: 'A frame waits in one queue: of two classes with its priority only one counts.',
  remedy: 'Name each priority in one class.',
  ignored: 'The class that was entered last has the priority, and the share of the other is never used.',
  source: [ETS],
  examples: { fail: example('0, 1, 2, 3, 4, 5, 6, 7'), pass: example('0, 1, 2, 4, 5, 6, 7') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), ({ dcb }) => [dcb.classes]).flatMap((one): Finding[] => {
      const { classes } = one.dcb;
      if (classes === undefined) return [];
      const owner = whose(one, classes);
      const first = new Map<number, (typeof classes.value)[number]>();
      return classes.value.flatMap((each): Finding[] => {
        return each.priorities.flatMap((priority): Finding[] => {
          const before = first.get(priority);
          if (before === undefined) {
            first.set(priority, each);
            return [];
          }
          return [
            {
              at: [...each.at, 'priorities'],
              message: `\`${owner}\` has priority ${priority} in class ${before.number} and in class ${each.number}.`,
              remedy: 'Take it out of one of them.',
              related: [{ at: [...before.at, 'priorities'], message: `class ${before.number}` }],
              restsOn: [before.at],
            },
          ];
        });
      });
    }),
};
