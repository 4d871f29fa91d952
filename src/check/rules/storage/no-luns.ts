/** A target without a disk. */
import { targetExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';

export const noLuns: Rule = {
  id: 'SW-1015',
  name: 'no-luns',
  severity: 'warning',
  title: 'A target has no LUNs',
  meaning: 'Initiators log in and find nothing.',
  remedy: 'Add a LUN, or `redirect` if the target has moved.',
  ignored: 'The session is up, all counters look healthy, and the list of disks stays empty.',
  source: ['SAM-5 §4.7'],
  examples: { fail: targetExample('alias: Empty'), pass: targetExample('redirect: 192.0.2.7:3260') },
  check: (fabric) =>
    fabric.arrays
      .flatMap((array) => array.targets)
      .filter((target) => target.luns.length === 0 && target.redirect === undefined)
      .map((target) => ({
        at: [...target.at, 'luns'],
        missingFrom: target.at,
        restsOn: [[...target.at, 'redirect']],
        message: 'This target has no LUNs: initiators find nothing behind it.',
        remedy: 'Add `luns:` with a disk, such as `- { store: memory, size: 64MiB }`.',
      })),
};
