/** A queue marks some packets before it marks all. */
import { fabricExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const example = (min: string): string =>
  fabricExample(`switches:\n  tor1: {}\n  tor2: {}\nlinks:\n  - ends: [tor1:1, tor2:1]\n    ecn: { min: ${min}, max: 150KB }`);

export const markingThresholds: Rule = {
  id: 'SW-1064',
  name: 'marking-thresholds',
  severity: 'error',
  title: 'Marks would begin above the queue length at which all packets are marked',
  meaning: 'From `min` on some packets are marked, from `max` on all: there is nothing between them.',
  remedy: 'Write a `min` that is not above `max`.',
  ignored: 'A switch refuses the profile, or marks every packet from the lower value on: throughput falls far below the rate of the link.',
  source: ['RFC 3168 §5', 'RFC 8257 §3.1'],
  examples: { fail: example('300KB'), pass: example('150KB') },
  check: (fabric) =>
    fabric.links.flatMap(({ at, ecn }): Finding[] => {
      if (ecn === undefined || ecn.minBytes <= ecn.maxBytes) return [];
      return [
        {
          at: [...at, 'ecn', 'min'],
          message: `\`min\` is ${ecn.minBytes} bytes, and \`max\` only ${ecn.maxBytes}.`,
          remedy: 'Write a `min` that is not above `max`.',
          related: [{ at: [...at, 'ecn', 'max'], message: '`max`' }],
        },
      ];
    }),
};
