/** RFC 7143 §13.8: SendTargets lists an address once for each portal group tag. */
import { formatAddress, ISCSI_PORT } from '../../../fabric/address.ts';
import type { Portal } from '../../../fabric/model.ts';
import { arrayExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const portals = (second: string): string =>
  arrayExample(
    `portals:\n  - { listen: "127.0.0.1:3261", announce: "203.0.113.7:3260" }\n  - { listen: "127.0.0.1:3262", announce: "${second}", group: 2 }\ntargets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]`,
  );

export const duplicateAnnounce: Rule = {
  id: 'SW-1018',
  name: 'duplicate-announce',
  severity: 'error',
  title: 'Two portals announce the same address',
  meaning: 'An address leads to one portal, of one portal group. Initiators would see one path twice, or one portal in two groups.',
  remedy: 'Announce each portal under an address or port of its own.',
  ignored: 'A host counts a path that there is not: when the real one fails, so does the other.',
  source: ['RFC 7143 §13.8'],
  examples: { fail: portals('203.0.113.7:3260'), pass: portals('203.0.113.7:3261') },
  check(fabric) {
    const findings: Finding[] = [];
    const seen = new Map<string, Portal>();
    for (const portal of fabric.arrays.flatMap((array) => array.portals)) {
      if (portal.announce === undefined) continue;
      const announced = formatAddress(portal.announce.host, portal.announce.port ?? ISCSI_PORT);
      const first = seen.get(announced);
      if (first === undefined) seen.set(announced, portal);
      else {
        findings.push({
          at: [...portal.at, 'announce'],
          message: `\`${announced}\` is announced by another portal.`,
          remedy: 'Announce an address or port of its own.',
          related: [{ at: [...first.at, 'announce'], message: 'the other one' }],
        });
      }
    }
    return findings;
  },
};
