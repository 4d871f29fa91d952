/** Both directions of a link share it alike. */
import type { TrafficClass } from '../../../fabric/lossless/model.ts';
import { exchangeOf, losslessLinks, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { ETS } from './words.ts';

const classes = (share: number): string =>
  `classes: { 0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: ${100 - share} }, 3: { priorities: [3], bandwidth: ${share} } }`;
const example = (share: number): string =>
  linkExample({ nic: `dcb: { pfc: [3], ${classes(60)} }`, port: `vlan: 10, dcb: { pfc: [3], ${classes(share)} }` });

export const etsDiffers: Rule = {
  id: 'SW-1123',
  name: 'ets-differs',
  severity: 'warning',
  title: 'The two ends of a link share it in different ways',
  meaning:
    'Each end decides for what it sends. That is allowed, and seldom meant: a priority has one share on the way there and another on the way back.',
  remedy: 'Write the same shares at both ends, or let one end take them over by DCBX.',
  ignored: 'Reads are slow and writes fast, or the other way round, and only while something else is busy.',
  source: [ETS],
  examples: { fail: example(30), pass: example(60) },
  check: (fabric) =>
    losslessLinks(fabric).flatMap((link): Finding[] => {
      const [one, other] = link.ends;
      const [here, there] = [one.dcb.classes, other.dcb.classes];
      if (here === undefined || there === undefined || here.value.length === 0 || there.value.length === 0) return [];
      if (exchangeOf(link) !== 'fixed' || sharesText(here.value) === sharesText(there.value)) return [];
      return [
        {
          at: here.at,
          message: `\`${one.place}\` shares the link as ${sharesText(here.value)}, and \`${other.place}\` as ${sharesText(there.value)}.`,
          remedy: `Write the same \`classes\` here and at \`${whose(other, there)}\`.`,
          related: [{ at: there.at, message: `\`${other.place}\`` }],
          cause: there.at,
          restsOn: [there.at],
        },
      ];
    }),
};

/** Of priorities with the same share together; numbers of classes are each end's own affair. */
export const sharesText = (classes: readonly TrafficClass[]): string =>
  classes
    .filter(({ priorities }) => priorities.length > 0)
    .map(
      ({ priorities, strict, bandwidth }) =>
        `${priorities.join(', ')}: ${strict ? 'strict' : bandwidth === undefined ? 'rest' : `${bandwidth} percent`}`,
    )
    .toSorted()
    .join('; ');
