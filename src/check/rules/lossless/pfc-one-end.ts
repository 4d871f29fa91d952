/** PFC takes two. */
import { bothWays, exchangeOf, losslessLinks, prioritiesText, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample } from './examples.ts';
import { PFC, pfcCommand } from './words.ts';

const example = (pfc: string): string => linkExample({ nic: 'dcb: { pfc: [3] }', port: `vlan: 10, dcb: { pfc: ${pfc} }` });

export const pfcOneEnd: Rule = {
  id: 'SW-1111',
  name: 'pfc-one-end',
  severity: 'error',
  title: 'PFC is on at one end of a link only',
  meaning: 'The end without PFC neither asks for a pause nor makes one: what is thought to be without loss is not.',
  remedy: 'Turn PFC on for the same priorities at both ends, or off at both.',
  ignored: 'Works in the test with two machines; under load the switch drops RoCE packets, and throughput falls to a few percent.',
  source: [PFC, DEMARTEK_GUIDE],
  examples: { fail: example('false'), pass: example('[3]') },
  check: (fabric) =>
    losslessLinks(fabric).flatMap((link) =>
      bothWays(link).flatMap(([one, other]): Finding[] => {
        const [on, off] = [one.dcb.pfc, other.dcb.pfc];
        if (on === undefined || off === undefined || on.value.length === 0 || off.value.length > 0) return [];
        if (exchangeOf(link) !== 'fixed') return [];
        return [
          {
            at: off.at,
            message: `\`${one.place}\` keeps ${prioritiesText(on.value)} from loss, and \`${other.place}\` has PFC off.`,
            remedy: `Write \`pfc: [${on.value.join(', ')}]\` at \`${whose(other, off)}\`.${pfcCommand(other, on.value)}`,
            related: [{ at: on.at, message: `\`${one.place}\`` }],
            cause: off.at,
            restsOn: [on.at],
          },
        ];
      }),
    ),
};
