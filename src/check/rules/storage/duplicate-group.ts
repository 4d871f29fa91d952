/** SPC-4 §5.16.2.1: all ports of a group are in the same state at all times. */
import { arrayExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const array = (group: number): string =>
  arrayExample(
    `portals: [{ listen: "127.0.0.1:3260" }, { listen: "127.0.0.1:3261", group: 2 }]\ngroups:\n  - { group: 2, access: standby }\n  - { group: ${group}, preferred: true }\ntargets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]`,
  );

export const duplicateGroup: Rule = {
  id: 'SW-1026',
  name: 'duplicate-group',
  severity: 'error',
  title: 'Access is declared twice for one portal group',
  meaning: 'A group has one access state at a time, and which of the two was meant nobody can tell.',
  remedy: 'Leave one of the entries.',
  ignored: 'Half of the hosts was set up for the one state, half for the other; paths flap when a group changes.',
  source: ['SPC-4 §5.16.2.1'],
  examples: { fail: array(2), pass: array(1) },
  check(fabric) {
    const findings: Finding[] = [];
    for (const { groups } of fabric.arrays) {
      for (const [index, { at, group }] of groups.entries()) {
        const first = groups.slice(0, index).find((other) => other.group === group);
        if (first === undefined) continue;
        findings.push({
          at: [...at, 'group'],
          message: `Group ${group} is listed already.`,
          remedy: 'Leave one of the two entries.',
          related: [{ at: [...first.at, 'group'], message: 'listed here' }],
        });
      }
    }
    return findings;
  },
};
