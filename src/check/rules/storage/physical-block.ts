/** SBC-4 §4.6.1: a physical block holds one or more logical blocks. */
import { lunExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';

export const physicalBlock: Rule = {
  id: 'SW-1011',
  name: 'physical-block',
  severity: 'error',
  title: 'The physical block is smaller than the logical one',
  meaning: 'A physical block holds one or more whole logical blocks.',
  remedy: 'Leave `physicalBlockSize` out, or make it at least `blockSize`.',
  ignored: 'Initiators align partitions by a value that cannot be, or refuse the disk.',
  source: ['SBC-4 §4.6.1'],
  examples: {
    fail: lunExample('store: memory, size: 64MiB, blockSize: 4096, physicalBlockSize: 512'),
    pass: lunExample('store: memory, size: 64MiB, blockSize: 512, physicalBlockSize: 4096'),
  },
  check: (fabric) =>
    fabric.arrays
      .flatMap((array) => array.targets)
      .flatMap((target) => target.luns)
      .filter((lun) => lun.physicalBlockBytes < lun.blockBytes)
      .map((lun) => ({
        at: [...lun.at, 'physicalBlockSize'],
        message: `A physical block of ${lun.physicalBlockBytes} bytes can't hold a logical block of ${lun.blockBytes}.`,
        remedy: `Leave it out, or write \`${lun.blockBytes}\` or more.`,
      })),
};
