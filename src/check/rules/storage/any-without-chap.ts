/** `any` on a portal that others reach is no protection: an initiator's name is only a claim. */
import { isLoopback } from '../../../fabric/address.ts';
import { portalsOf } from '../../../fabric/model.ts';
import { targetExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const access = (keys: string): string => `luns: [{ store: memory, size: 64MiB }]\naccess: [{ initiator: any${keys} }]`;

export const anyWithoutChap: Rule = {
  id: 'SW-1005',
  name: 'any-without-chap',
  severity: 'warning',
  title: 'Any initiator may log in from other machines, without CHAP',
  meaning: 'Everyone on the network may read and write the disks.',
  remedy: 'Add `chap`, or name the initiators.',
  ignored: 'A machine that scans for targets, such as a freshly installed hypervisor, finds the disk and formats it.',
  source: ['RFC 7143 §9.2'],
  examples: {
    fail: targetExample(access(''), '192.0.2.1:3260'),
    pass: targetExample(access(', chap: { user: disk, secret: { env: DISK_SECRET } }'), '192.0.2.1:3260'),
  },
  check(fabric) {
    const findings: Finding[] = [];
    for (const array of fabric.arrays) {
      for (const target of array.targets) {
        if (portalsOf(array, target).every((portal) => isLoopback(portal.listen))) continue;
        for (const access of target.access ?? []) {
          if (access.initiator !== 'any' || access.chap !== undefined) continue;
          findings.push({
            at: access.at,
            message: 'Everyone on the network may use this target.',
            remedy: 'Add `chap: { user: ..., secret: { env: NAME } }`, or name the initiators.',
          });
        }
      }
    }
    return findings;
  },
};
