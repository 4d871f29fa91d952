/** RFC 7143 §4.2.7.1: an iSCSI name is world wide unique. */
import type { Target } from '../../../fabric/model.ts';
import type { Finding, Rule } from '../../rule.ts';

const array = (name: string, port: number, target: string): string =>
  `  ${name}:\n    portals: ["127.0.0.1:${port}"]\n    targets:\n      ${target}:\n        luns: [{ store: memory, size: 64MiB }]\n`;

const fabric = (second: string): string =>
  `version: 1\nname: example\narrays:\n${array('array1', 3260, 'iqn.2026-01.net.example:disk1')}${array('array2', 3261, second)}`;

export const duplicateTarget: Rule = {
  id: 'SW-1001',
  name: 'duplicate-target',
  severity: 'error',
  title: 'Two targets have the same name',
  meaning:
    'An iSCSI name stands for one thing in the whole world. An initiator that finds it twice takes both for paths to the same disks, and mixes their data.',
  remedy: 'Give each target a name of its own.',
  ignored:
    'Multipathing builds one disk out of two: what is written by one path is not read back by the other, and the file system is lost.',
  source: ['RFC 7143 §4.2.7.1'],
  examples: { fail: fabric('iqn.2026-01.net.example:disk1'), pass: fabric('iqn.2026-01.net.example:disk2') },
  check(fabric) {
    const seen = new Map<string, Target>();
    const findings: Finding[] = [];
    for (const target of fabric.arrays.flatMap((array) => array.targets)) {
      const first = seen.get(target.name);
      if (first === undefined) seen.set(target.name, target);
      else {
        findings.push({
          at: target.at,
          message: `The name \`${target.name}\` is taken by another target.`,
          remedy: `Give it another name, such as \`${target.name}-2\`.`,
          related: [{ at: first.at, message: 'the other one' }],
        });
      }
    }
    return findings;
  },
};
