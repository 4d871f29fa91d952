/** A file store has a path, a memory store has none. */
import { lunExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

export const storePath: Rule = {
  id: 'SW-1013',
  name: 'store-path',
  severity: 'error',
  title: 'A file LUN has no path, or a memory LUN has one',
  meaning: 'The bytes of a `file` store are in the file at `path`; a `memory` store would ignore it, and forget everything when it stops.',
  remedy: 'Add the path, or write `store: file`.',
  ignored: 'What was thought to be on disk is gone after a restart, or `samewire up` does not start.',
  source: [OWN],
  examples: { fail: lunExample('store: file, size: 64MiB'), pass: lunExample('store: file, size: 64MiB, path: disk1.img') },
  check(fabric) {
    const findings: Finding[] = [];
    for (const lun of fabric.arrays.flatMap((array) => array.targets).flatMap((target) => target.luns)) {
      const at = [...lun.at, 'path'];
      if (lun.store === 'file' && lun.path === undefined) {
        const message = `LUN ${lun.lun} is kept in a file and has no path.`;
        findings.push({ at, missingFrom: lun.at, message, remedy: 'Add `path:`, such as `disk1.img`.' });
      }
      if (lun.store === 'memory' && lun.path !== undefined) {
        findings.push({ at, message: 'A LUN that is kept in memory has no file.', remedy: 'Leave `path` out, or write `store: file`.' });
      }
    }
    return findings;
  },
};
