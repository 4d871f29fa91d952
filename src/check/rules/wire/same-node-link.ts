/** A cable goes from one thing to another. */
import { fabricExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';

const example = (end: string): string => fabricExample(`switches:\n  tor1: {}\n  tor2: {}\nlinks:\n  - [tor1:1, ${end}]`);

export const sameNodeLink: Rule = {
  id: 'SW-1041',
  name: 'same-node-link',
  severity: 'warning',
  title: 'Both ends of a link are at the same node',
  meaning: 'It leads nowhere: a machine hears itself, and spanning tree blocks one of the two ports of a switch.',
  remedy: 'Lead one end to another node.',
  ignored: 'At best the port is blocked; without spanning tree the first broadcast fills the link.',
  source: ['IEEE 802.1D-2004 §17'],
  examples: { fail: example('tor1:2'), pass: example('tor2:2') },
  check: (fabric) =>
    fabric.links
      .filter(({ ends: [one, other] }) => one.node === other.node && one.port !== other.port)
      .map(({ ends: [one, other] }) => ({
        at: other.at,
        message: `This link leads from \`${one.node}\` to itself.`,
        remedy: 'Lead one end to another node.',
        related: [{ at: one.at, message: 'the other end' }],
      })),
};
