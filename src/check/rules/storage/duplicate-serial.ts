/** SPC-5 (VPD page 80h): a unit serial number belongs to one logical unit of a vendor. */
import type { Lun } from '../../../fabric/model.ts';
import { targetExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const luns = (second: string): string =>
  targetExample(`luns:\n  - { store: memory, size: 64MiB, serial: A1 }\n  - { store: memory, size: 64MiB, serial: ${second} }`);

export const duplicateSerial: Rule = {
  id: 'SW-1017',
  name: 'duplicate-serial',
  severity: 'error',
  title: 'Two LUNs have the same serial number',
  meaning: 'Initiators take two disks with one serial number for two paths to one disk, and mix their data.',
  remedy: 'Give each a serial number of its own, or leave `serial` out.',
  ignored:
    'Multipathing builds one disk out of two: what is written by one path is not read back by the other, and the file system is lost.',
  source: ['SPC-5 (VPD page 80h)'],
  examples: { fail: luns('A1'), pass: luns('A2') },
  check(fabric) {
    const findings: Finding[] = [];
    const seen = new Map<string, Lun>();
    for (const lun of fabric.arrays.flatMap((array) => array.targets).flatMap((target) => target.luns)) {
      if (lun.serial === undefined) continue;
      const first = seen.get(lun.serial);
      if (first === undefined) seen.set(lun.serial, lun);
      else {
        findings.push({
          at: [...lun.at, 'serial'],
          message: `The serial number \`${lun.serial}\` is that of another LUN.`,
          remedy: 'Write another one, or leave it out.',
          related: [{ at: [...first.at, 'serial'], message: 'the other one' }],
        });
      }
    }
    return findings;
  },
};
