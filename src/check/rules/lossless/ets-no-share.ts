/** A traffic class that has traffic has a share. */
import { distinct, losslessPortsOf, prioritiesText, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { ETS } from './words.ts';

const example = (share: number): string =>
  linkExample({
    nic: 'mtu: 1500',
    port: `vlan: 10, dcb: { classes: { 0: { priorities: [0, 1, 2, 4, 5, 6, 7], bandwidth: ${share} }, 3: { priorities: [3], bandwidth: ${100 - share} } } }`,
  });

export const etsNoShare: Rule = {
  id: 'SW-1119',
  name: 'ets-no-share',
  severity: 'error',
  title: 'A traffic class with priorities has a share of 0 percent',
  meaning: 'It may send only while all the others have nothing to send; Windows and many switches refuse it.',
  remedy: 'Give the class at least 1 percent, or make it strict.',
  ignored: 'Spanning tree, LACP and management stop while storage is busy, and links or cluster nodes are declared dead.',
  source: [ETS],
  examples: { fail: example(0), pass: example(5) },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), ({ dcb }) => [dcb.classes]).flatMap((one): Finding[] =>
      (one.dcb.classes?.value ?? [])
        .filter(({ bandwidth, strict, priorities }) => bandwidth === 0 && !strict && priorities.length > 0)
        .map(({ at, number, priorities }) => ({
          at: [...at, 'bandwidth'],
          message: `Class ${number} of \`${whose(one, one.dcb.classes!)}\`, with ${prioritiesText(priorities)}, has no share.`,
          remedy: 'Write at least `bandwidth: 1`, or `strict: true`.',
        })),
    ),
};
