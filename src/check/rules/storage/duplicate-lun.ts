/** SAM-5 §4.7: within a target a logical unit number names one logical unit. */
import type { Lun } from '../../../fabric/model.ts';
import { targetExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

export const duplicateLun: Rule = {
  id: 'SW-1003',
  name: 'duplicate-lun',
  severity: 'error',
  title: 'Two LUNs of a target have the same number',
  meaning: 'An initiator addresses a disk by its number: behind each there can be only one.',
  remedy: 'Give each LUN its own number, or leave `lun` out: then its place in the list counts, from 0.',
  ignored: 'The disk that was declared last is never seen by anybody, or hides the first.',
  source: ['SAM-5 §4.7'],
  examples: {
    fail: targetExample('luns:\n  - { lun: 0, store: memory, size: 64MiB }\n  - { lun: 0, store: memory, size: 1GiB }'),
    pass: targetExample('luns:\n  - { lun: 0, store: memory, size: 64MiB }\n  - { store: memory, size: 1GiB }'),
  },
  check(fabric) {
    const findings: Finding[] = [];
    for (const target of fabric.arrays.flatMap((array) => array.targets)) {
      const seen = new Map<number, Lun>();
      const free = 1 + Math.max(...target.luns.map((lun) => lun.lun));
      for (const lun of target.luns) {
        const first = seen.get(lun.lun);
        if (first === undefined) seen.set(lun.lun, lun);
        else {
          findings.push({
            at: [...lun.at, 'lun'],
            message: `LUN ${lun.lun} is there already.`,
            remedy: `Write \`lun: ${free}\`, which is free.`,
            related: [{ at: [...first.at, 'lun'], message: 'the first one' }],
          });
        }
      }
    }
    return findings;
  },
};
