/** Two portals can't listen on one address and port; nor can what the fabric publishes. */
import { arrayExample } from '../../example.ts';
import { collide, type Listening, listeningOf, socketText } from '../../listening.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const targets = 'targets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]';

export const duplicatePortal: Rule = {
  id: 'SW-1002',
  name: 'duplicate-portal',
  severity: 'error',
  title: 'Two portals listen on the same address',
  meaning:
    'Only one listener can have an address and port; `0.0.0.0` and `[::]` stand for every address of the machine. The second would fail when the fabric comes up. What is published, and ports that QEMU connects to, listen too.',
  remedy: 'Use another port, or port 0 for a free one.',
  ignored:
    '`samewire up` ends with an address that is in use. On a real array the second service stays down, and which of the two answers depends on who started first.',
  source: ['RFC 9293', OWN],
  examples: {
    fail: arrayExample(`portals: ["127.0.0.1:3260", "127.0.0.1:3260"]\n${targets}`),
    pass: arrayExample(`portals: ["127.0.0.1:3260", "127.0.0.1:3261", "127.0.0.1:0", "127.0.0.1:0"]\n${targets}`),
  },
  check(fabric) {
    const findings: Finding[] = [];
    const earlier: Listening[] = [];
    for (const one of listeningOf(fabric)) {
      const first = earlier.find((other) => other.machine === one.machine && collide(one.socket, other.socket));
      if (first !== undefined) {
        const taker = one.what === first.what ? `another ${first.what}` : `a ${first.what}`;
        findings.push({
          at: one.at,
          message: `\`${socketText(one.socket)}\` is taken by ${taker}.`,
          remedy: one.what === 'port for QEMU' ? 'Use another port.' : 'Use another port, or port 0 for a free one.',
          related: [{ at: first.at, message: 'the other one' }],
        });
      }
      earlier.push(one);
    }
    return findings;
  },
};
