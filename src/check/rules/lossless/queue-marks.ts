/** Marking begins before it is complete. */
import { distinct, losslessPortsOf, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';

const example = (max: string): string =>
  linkExample({ nic: 'dcb: { pfc: [3] }', port: `vlan: 10, dcb: { pfc: [3], marks: { 3: { min: 150KB, max: ${max} } } }` });

export const queueMarks: Rule = {
  id: 'SW-1144',
  name: 'queue-marks',
  severity: 'error',
  title: 'Marking of a traffic class ends before it begins',
  meaning: 'From `min` on packets may be marked, at `max` all are: `max` below `min` is refused, or marks nothing.',
  remedy: 'Write a `max` that is not below `min`.',
  ignored: 'Senders hear of no congestion, and PFC has to stop them instead.',
  source: ['RFC 3168', 'IBTA RoCE v2 (Annex A17)'],
  examples: { fail: example('100KB'), pass: example('1500KB') },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), ({ dcb }) => [dcb.marks]).flatMap((one): Finding[] =>
      (one.dcb.marks?.value ?? [])
        .filter(({ minBytes, maxBytes }) => maxBytes < minBytes)
        .map(({ at, trafficClass, minBytes, maxBytes }) => ({
          at: [...at, 'max'],
          message: `\`${whose(one, one.dcb.marks!)}\` begins to mark class ${trafficClass} at ${minBytes} bytes and marks all at ${maxBytes}.`,
          remedy: `Write \`max\` of ${minBytes} bytes or more.`,
          related: [{ at: [...at, 'min'], message: 'begins here' }],
          restsOn: [[...at, 'min']],
        })),
    ),
};
