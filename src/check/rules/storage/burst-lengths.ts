/** RFC 7143 §13.14: FirstBurstLength must not exceed MaxBurstLength. */
import { formatSize } from '../../../fabric/size.ts';
import { arrayExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';

const negotiation = (maxBurst: string): string =>
  arrayExample(
    `portals: ["127.0.0.1:3260"]\nnegotiation: { firstBurst: 512KiB, maxBurst: ${maxBurst} }\ntargets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]`,
  );

export const burstLengths: Rule = {
  id: 'SW-1020',
  name: 'burst-lengths',
  severity: 'error',
  title: 'The first burst may be longer than any burst',
  meaning: 'FirstBurstLength must not exceed MaxBurstLength (RFC 7143 §13.14); initiators refuse to log in.',
  remedy: 'Make `maxBurst` at least `firstBurst`.',
  ignored: 'The login fails with a parameter error before any disk is seen.',
  source: ['RFC 7143 §13.14'],
  examples: { fail: negotiation('256KiB'), pass: negotiation('512KiB') },
  check: (fabric) =>
    fabric.arrays
      .map((array) => array.negotiation)
      .filter(({ firstBurstBytes, maxBurstBytes }) => firstBurstBytes > maxBurstBytes)
      .map(({ at, firstBurstBytes, maxBurstBytes }) => ({
        at: [...at, 'firstBurst'],
        message: `A first burst of ${formatSize(firstBurstBytes)} is longer than the longest burst, ${formatSize(maxBurstBytes)}.`,
        remedy: `Write \`firstBurst: ${formatSize(maxBurstBytes)}\` or less, or raise \`maxBurst\`.`,
      })),
};
