/** SPC-5 (REPORT LUNS): the command goes to LUN 0 (or the well known logical unit, which few initiators try). */
import { targetExample } from '../../example.ts';
import type { Rule } from '../../rule.ts';

export const noLunZero: Rule = {
  id: 'SW-1019',
  name: 'no-lun-zero',
  severity: 'warning',
  title: 'A target has no LUN 0',
  meaning:
    'Initiators ask LUN 0 which LUNs there are. The target answers for it, but some initiators look no further than a LUN 0 without a disk.',
  remedy: 'Number the LUNs from 0.',
  ignored: 'One operating system sees the disks and another sees none, at the same target.',
  source: ['SPC-5 (REPORT LUNS)'],
  examples: {
    fail: targetExample('luns: { 1: { store: memory, size: 64MiB } }'),
    pass: targetExample('luns: { 0: { store: memory, size: 64MiB } }'),
  },
  check: (fabric) =>
    fabric.arrays
      .flatMap((array) => array.targets)
      .filter((target) => target.luns.length > 0 && !target.luns.some((lun) => lun.lun === 0))
      .map((target) => ({
        at: [...target.at, 'luns'],
        message: 'There is no LUN 0, and some initiators look no further.',
        remedy: 'Number the LUNs from 0.',
      })),
};
