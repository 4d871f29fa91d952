/** Two portals can't listen on one address and port. */
import { formatAddress, isWildcard } from '../../fabric/address.ts';
import type { Portal } from '../../fabric/model.ts';
import { arrayExample } from '../example.ts';
import type { Finding, Rule } from '../rule.ts';

const targets = 'targets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]';

export const duplicatePortal: Rule = {
  id: 'SW-1002',
  name: 'duplicate-portal',
  severity: 'error',
  title: 'Two portals listen on the same address',
  meaning:
    'Only one listener can have an address and port; `0.0.0.0` and `[::]` stand for every address of the machine. The second would fail when the fabric comes up.',
  remedy: 'Use another port, or port 0 for a free one.',
  examples: {
    fail: arrayExample(`portals: ["127.0.0.1:3260", "127.0.0.1:3260"]\n${targets}`),
    pass: arrayExample(`portals: ["127.0.0.1:3260", "127.0.0.1:3261", "127.0.0.1:0", "127.0.0.1:0"]\n${targets}`),
  },
  check(fabric) {
    const findings: Finding[] = [];
    const earlier: Portal[] = [];
    for (const portal of fabric.arrays.flatMap((array) => array.portals)) {
      const first = earlier.find((other) => overlap(portal, other));
      if (first !== undefined) {
        findings.push({
          at: portal.at,
          message: `\`${formatAddress(portal.listen.host, portal.listen.port)}\` is taken by another portal.`,
          remedy: 'Use another port, or port 0 for a free one.',
          related: [{ at: first.at, message: 'the other one' }],
        });
      }
      earlier.push(portal);
    }
    return findings;
  },
};

function overlap({ listen: a }: Portal, { listen: b }: Portal): boolean {
  if (a.port !== b.port || a.port === 0) return false;
  if (a.host === b.host) return true;
  if (a.family === b.family) return isWildcard(a) || isWildcard(b);
  // A socket on [::] takes IPv4 connections too.
  return a.host === '::' || b.host === '::';
}
