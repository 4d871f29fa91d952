/** SBC-4 §4.5: a logical unit is a whole number of logical blocks. */
import { formatSize } from '../../../fabric/size.ts';
import { lunExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';

export const wholeBlocks: Rule = {
  id: 'SW-1007',
  name: 'whole-blocks',
  severity: 'error',
  title: 'The size of a LUN is no whole number of blocks',
  meaning: 'A disk consists of whole blocks: what is left over could not be addressed. A file that exists may be longer than its LUN.',
  remedy: 'Choose a size that is a multiple of `blockSize`.',
  ignored: 'The disk ends before the last partial block: a file system made for the full size fails when it first writes there.',
  source: ['SBC-4 §4.5'],
  examples: {
    fail: lunExample('store: memory, size: 1000000, blockSize: 4096'),
    pass: lunExample('store: memory, size: 1MiB, blockSize: 4096'),
  },
  check: (fabric) =>
    fabric.arrays
      .flatMap((array) => array.targets)
      .flatMap((target) => target.luns)
      .filter((lun) => lun.sizeBytes !== undefined && lun.sizeBytes % lun.blockBytes !== 0)
      .map((lun) => {
        const up = Math.ceil(lun.sizeBytes! / lun.blockBytes) * lun.blockBytes;
        return {
          at: [...lun.at, 'size'],
          message: `${lun.sizeBytes} bytes are no whole number of blocks of ${lun.blockBytes} bytes.`,
          remedy: `Write a multiple, such as \`${up % 1024 === 0 ? formatSize(up) : up}\`.`,
        };
      }),
};
