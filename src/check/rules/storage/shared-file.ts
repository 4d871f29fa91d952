/** One file, one disk. */
import type { Lun } from '../../../fabric/model.ts';
import { targetExample } from '../../example.ts';
import { plainPath } from '../../plain-path.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const luns = (second: string): string => targetExample(`luns:\n  - { store: file, path: a.img }\n  - { store: file, path: ${second} }`);

export const sharedFile: Rule = {
  id: 'SW-1006',
  name: 'shared-file',
  severity: 'error',
  title: 'Two LUNs keep their bytes in the same file',
  meaning:
    'To initiators they are two disks with caches, reservations and locks of their own: writes to one change the other behind its back.',
  remedy: 'Use a file for each. For two ways to one disk, give its target two portals. Read-only LUNs may share a file.',
  ignored: 'A file system checks out today and is damaged tomorrow, each time that both disks are in use.',
  source: ['SAM-5 §4.7', OWN],
  examples: { fail: luns('./a.img'), pass: luns('b.img') },
  check(fabric) {
    const findings: Finding[] = [];
    const seen = new Map<string, Lun>();
    for (const lun of fabric.arrays.flatMap((array) => array.targets).flatMap((target) => target.luns)) {
      if (lun.store !== 'file' || lun.path === undefined) continue;
      const file = plainPath(lun.path);
      const first = seen.get(file);
      if (first === undefined) seen.set(file, lun);
      else if (!first.readOnly || !lun.readOnly) {
        findings.push({
          at: [...lun.at, 'path'],
          message: `\`${lun.path}\` is the file of another LUN already.`,
          remedy: 'Use another file. For two ways to one disk, give its target two portals.',
          related: [{ at: [...first.at, 'path'], message: 'the other one' }],
        });
      }
    }
    return findings;
  },
};
