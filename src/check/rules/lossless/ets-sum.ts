/** Shares of the traffic classes of a port are parts of a whole. */
import { distinct, hasDefaultClass, losslessPortsOf, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { ETS } from './words.ts';

const example = (rest: number): string =>
  linkExample({
    nic: 'mtu: 1500',
    port: `vlan: 10, dcb: { classes: { 0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: ${rest} }, 3: { priorities: [3], bandwidth: 60 } } }`,
  });

export const etsSum: Rule = {
  id: 'SW-1116',
  name: 'ets-sum',
  severity: 'error',
  title: 'The shares of the traffic classes of a port do not add up to 100',
  meaning:
    'Shares are percentages of what strict classes leave over. DCBX takes no others, and systems refuse or rescale them, each in its own way.',
  remedy: 'Change the `bandwidth` of one class so that all add up to 100.',
  ignored: 'The command fails, or both ends of a link come to different shares of the same numbers.',
  source: [ETS, 'Validate-DCB of Microsoft'],
  examples: { fail: example(50), pass: example(40) },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), ({ dcb }) => [dcb.classes]).flatMap((one): Finding[] => {
      const classes = one.dcb.classes;
      const shared = (classes?.value ?? []).filter(({ strict }) => !strict);
      const said = shared.filter(({ bandwidth }) => bandwidth !== undefined);
      const sum = said.reduce((total, { bandwidth }) => total + bandwidth!, 0);
      // A class without a share gets what the others leave.
      const right = sum === 100 || (sum < 100 && (said.length < shared.length || hasDefaultClass(one)));
      if (classes === undefined || said.length === 0 || right) return [];
      return [
        {
          at: classes.at,
          message: `The shares of \`${whose(one, classes)}\` add up to ${sum} percent.`,
          remedy: `Make them 100: ${said.map(({ number, bandwidth }) => `class ${number} has ${bandwidth!}`).join(', ')}.`,
          related: said.map(({ at, bandwidth }) => ({ at: [...at, 'bandwidth'], message: `${bandwidth!} percent` })),
        },
      ];
    }),
};
