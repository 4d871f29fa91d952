/** SPC-4 §5.16.2.4: through standby and unavailable groups no data goes. */
import { portalsOf } from '../../../fabric/model.ts';
import { arrayExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const array = (access: string): string =>
  arrayExample(
    `portals: [{ listen: "127.0.0.1:3260" }, { listen: "127.0.0.1:3261", group: 2 }]\ngroups:\n  - { group: 1, access: standby }\n  - { group: 2, access: ${access} }\ntargets:\n  iqn.2026-01.net.example:disk1:\n    luns: [{ store: memory, size: 64MiB }]`,
  );

export const noActiveGroup: Rule = {
  id: 'SW-1027',
  name: 'no-active-group',
  severity: 'warning',
  title: 'A target has no portal group that is active',
  meaning: 'Initiators find the disks but read and write nothing, until one of them makes a group active. Not all of them can.',
  remedy: 'Let one group that the target uses be `active-optimized` or `active-nonoptimized`.',
  ignored: 'The disks are listed, and each read and write fails with NOT READY.',
  source: ['SPC-4 §5.16.2.4'],
  examples: { fail: array('unavailable'), pass: array('active-nonoptimized') },
  check(fabric) {
    const findings: Finding[] = [];
    for (const array of fabric.arrays) {
      const passive = array.groups.filter(({ access }) => access === 'standby' || access === 'unavailable');
      for (const target of array.targets) {
        const used = portalsOf(array, target);
        if (used.length === 0 || used.some(({ group }) => !passive.some((other) => other.group === group))) continue;
        const [first] = passive.filter(({ group }) => used.some((portal) => portal.group === group));
        findings.push({
          at: [...first!.at, 'access'],
          message: `No group of ${target.name} is active.`,
          remedy: 'Let one of them be `active-optimized` or `active-nonoptimized`.',
          related: [{ at: target.at, message: 'reached through passive groups alone' }],
          restsOn: [
            [...array.at, 'portals'],
            [...array.at, 'groups'],
            [...target.at, 'portals'],
          ],
        });
      }
    }
    return findings;
  },
};
