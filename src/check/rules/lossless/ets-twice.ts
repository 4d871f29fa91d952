/** A priority is in one traffic class, and there are eight classes. */
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
  title: 'A priority is in two traffic classes, or a traffic class has a number above 7',
  meaning: 'A frame waits in one queue: of two classes with its priority only one counts. Ports have eight classes, 0 to 7.',
  remedy: 'Name each priority in one class, and number classes from 0 to 7.',
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
        const beyond: Finding[] =
          each.number <= 7
            ? []
            : [
                {
                  at: each.at,
                  missingFrom: each.at,
                  message: `\`${owner}\` has a traffic class ${each.number}.`,
                  remedy: 'Number it from 0 to 7.',
                },
              ];
        const twice = each.priorities.flatMap((priority): Finding[] => {
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
        return [...beyond, ...twice];
      });
    }),
};
