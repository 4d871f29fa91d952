/** Memory has no size of its own. */
import { lunExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

export const memorySize: Rule = {
  id: 'SW-1012',
  name: 'memory-size',
  severity: 'error',
  title: 'A memory LUN has no size',
  meaning: 'A file brings its size with it, memory does not.',
  remedy: 'Add `size`.',
  ignored: 'There is nothing to serve: `samewire up` does not start.',
  source: [OWN],
  examples: { fail: lunExample('store: memory'), pass: lunExample('store: memory, size: 64MiB') },
  check: (fabric) =>
    fabric.arrays
      .flatMap((array) => array.targets)
      .flatMap((target) => target.luns)
      .filter((lun) => lun.store === 'memory' && lun.sizeBytes === undefined)
      .map((lun) => ({
        at: [...lun.at, 'size'],
        missingFrom: lun.at,
        message: `LUN ${lun.lun} is kept in memory and has no size.`,
        remedy: 'Add `size:`, such as `64MiB`.',
      })),
};
