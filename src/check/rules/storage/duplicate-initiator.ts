/** One entry an initiator. */
import type { Access } from '../../../fabric/model.ts';
import { targetExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const access = (second: string): string =>
  targetExample(
    `luns: [{ store: memory, size: 64MiB }]\naccess:\n  - iqn.1994-05.com.redhat:client1\n  - { initiator: ${second}, chap: { user: disk, secret: { env: DISK_SECRET } } }`,
  );

export const duplicateInitiator: Rule = {
  id: 'SW-1016',
  name: 'duplicate-initiator',
  severity: 'error',
  title: 'An initiator is listed twice for one target',
  meaning: 'Only one of the entries can say how it logs in.',
  remedy: 'Keep one of them.',
  ignored: 'The initiator logs in by the rights or the secret of the other entry.',
  source: [OWN],
  examples: { fail: access('iqn.1994-05.com.redhat:client1'), pass: access('iqn.1994-05.com.redhat:client2') },
  check(fabric) {
    const findings: Finding[] = [];
    for (const target of fabric.arrays.flatMap((array) => array.targets)) {
      const seen = new Map<string, Access>();
      for (const access of target.access ?? []) {
        const first = seen.get(access.initiator);
        if (first === undefined) seen.set(access.initiator, access);
        else {
          const related = [{ at: first.at, message: 'the first one' }];
          findings.push({ at: access.at, message: `\`${access.initiator}\` is listed twice.`, remedy: 'Keep one of them.', related });
        }
      }
    }
    return findings;
  },
};
