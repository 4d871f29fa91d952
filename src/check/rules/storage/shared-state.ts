/** Each array keeps its own state. */
import type { StorageArray } from '../../../fabric/model.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

const array = (name: string, port: number): string =>
  `  ${name}:\n    portals: ["127.0.0.1:${port}"]\n    targets:\n      iqn.2026-01.net.example:${name}:\n        luns: [{ store: memory, size: 64MiB }]\n`;

const fabric = (first: string, second: string): string =>
  `version: 1\nname: example\narrays:\n${array('array1', 3260)}    state: ${first}\n${array('array2', 3261)}    state: ${second}\n`;

export const sharedState: Rule = {
  id: 'SW-1022',
  name: 'shared-state',
  severity: 'error',
  title: 'Two arrays keep their state in the same directory',
  meaning: 'One would overwrite the reservations of the other.',
  remedy: 'Give each a directory of its own, or leave `state` out.',
  ignored: 'After a restart a cluster has lost its reservations, and two nodes write to one disk.',
  source: ['SPC-5 (persistent reservations)', OWN],
  examples: { fail: fabric('state', 'state'), pass: fabric('state/one', 'state/two') },
  check(fabric) {
    const findings: Finding[] = [];
    const seen = new Map<string, StorageArray>();
    for (const array of fabric.arrays) {
      const directory = array.state.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
      const first = seen.get(directory);
      if (first === undefined) seen.set(directory, array);
      else {
        findings.push({
          at: [...array.at, 'state'],
          message: `\`${array.name}\` would keep its state where \`${first.name}\` keeps its own.`,
          remedy: 'Write another directory, or leave it out.',
          related: [{ at: [...first.at, 'state'], message: 'the other one' }],
        });
      }
    }
    return findings;
  },
};
