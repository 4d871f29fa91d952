/** SPC-4 §5.16.2: access is declared for target port groups, and those are what portals say they are in. */
import { arrayExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const array = (group: number): string =>
  arrayExample(
    `portals: [{ listen: "127.0.0.1:3260" }, { listen: "127.0.0.1:3261", group: 2 }]\ngroups: [{ group: ${group}, access: standby }]\ntargets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]`,
  );

export const unknownGroup: Rule = {
  id: 'SW-1025',
  name: 'unknown-group',
  severity: 'error',
  title: 'Access is declared for a portal group that no portal is in',
  meaning: 'What is said of it is said of nothing, and the group that was meant stays active and optimized.',
  remedy: 'Write the `group` of a portal of this array, or give a portal that group.',
  ignored: 'Hosts use the path that was to stand by, and the preferred one idles.',
  source: ['SPC-4 §5.16.2'],
  examples: { fail: array(3), pass: array(2) },
  check(fabric) {
    const findings: Finding[] = [];
    for (const { at: array, portals, groups } of fabric.arrays) {
      const known = [...new Set(portals.map(({ group }) => group))].toSorted((a, b) => a - b);
      for (const { at, group } of groups) {
        if (known.includes(group)) continue;
        findings.push({
          at: [...at, 'group'],
          message: `No portal is in group ${group}.`,
          remedy: known.length === 1 ? `The portals are in group ${known[0]}.` : `The portals are in the groups ${known.join(', ')}.`,
          restsOn: [[...array, 'portals']],
        });
      }
    }
    return findings;
  },
};
