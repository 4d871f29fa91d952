/** Every priority has a traffic class. */
import { distinct, hasDefaultClass, listText, losslessPortsOf, prioritiesText, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { ETS } from './words.ts';

const example = (rest: string): string =>
  linkExample({
    nic: 'mtu: 1500',
    port: `vlan: 10, dcb: { classes: { 0: { priorities: [${rest}], bandwidth: 40 }, 3: { priorities: [3], bandwidth: 60 } } }`,
  });

const ALL = [0, 1, 2, 3, 4, 5, 6, 7];

export const etsLeftOut: Rule = {
  id: 'SW-1118',
  name: 'ets-left-out',
  severity: 'warning',
  title: 'A priority is in no traffic class',
  meaning: 'What a device does with a priority that no class lists is its own affair: class 0, the class of the same number, or an error.',
  remedy: 'List all eight priorities.',
  ignored: 'Traffic of that priority shares a queue with something else than planned, and nobody sees it in the configuration.',
  source: [ETS],
  examples: { fail: example('0, 1, 2'), pass: example('0, 1, 2, 4, 5, 6, 7') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), ({ dcb }) => [dcb.classes]).flatMap((one): Finding[] => {
      const { classes } = one.dcb;
      // Of lossless ones another rule speaks.
      const lossless = one.dcb.pfc?.value ?? [];
      const listed = new Set(classes?.value.flatMap(({ priorities }) => priorities));
      const missing = ALL.filter((priority) => !listed.has(priority) && !lossless.includes(priority));
      if (classes === undefined || classes.value.length === 0 || missing.length === 0 || hasDefaultClass(one)) return [];
      return [
        {
          at: classes.at,
          message: `\`${whose(one, classes)}\` has ${prioritiesText(missing)} in no traffic class.`,
          remedy: `Add ${listText(missing.map(String))} to the \`priorities\` of a class.`,
        },
      ];
    }),
};
