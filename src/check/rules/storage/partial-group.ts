/** RFC 7143 §4.4.1: a target is reached through portal groups, each as a whole. */
import { formatAddress } from '../../../fabric/address.ts';
import { portalsOf } from '../../../fabric/model.ts';
import { arrayExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';

const array = (group: number): string =>
  arrayExample(
    `portals:\n  - { name: front, listen: "127.0.0.1:3260" }\n  - { name: back, listen: "127.0.0.1:3261", group: ${group} }\ntargets:\n  iqn.2026-01.net.example:disk1:\n    portals: [front]\n    luns: [{ store: memory, size: 64MiB }]`,
  );

export const partialGroup: Rule = {
  id: 'SW-1024',
  name: 'partial-group',
  severity: 'error',
  title: 'A target uses some portals of a portal group, but not all',
  meaning: 'The connections of one session may use any portal of its group, so a target is behind all portals of a group or none.',
  remedy: 'Put the portals into groups of their own, or let the target use the whole group.',
  ignored: 'A session adds its second connection and is refused there: the path that was meant for failover is not one.',
  source: ['RFC 7143 §4.4.1'],
  examples: { fail: array(1), pass: array(2) },
  check(fabric) {
    const findings: Finding[] = [];
    for (const array of fabric.arrays) {
      for (const target of array.targets) {
        const used = portalsOf(array, target);
        const left = array.portals.find((portal) => !used.includes(portal) && used.some((other) => other.group === portal.group));
        if (left === undefined) continue;
        findings.push({
          at: [...target.at, 'portals'],
          message: `This leaves out ${left.name === undefined ? formatAddress(left.listen.host, left.listen.port) : `\`${left.name}\``}, which is in the same portal group (${left.group}).`,
          remedy: 'Give one of the portals another `group`, or list both here.',
          related: [{ at: left.at, message: 'left out' }],
          restsOn: [[...array.at, 'portals']],
        });
      }
    }
    return findings;
  },
};
