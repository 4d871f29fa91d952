/** RFC 7143 §4.2.7: a name stands for one iSCSI node. */
import { arrayExample, EXAMPLE_HOST, exampleArray } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { adaptersOf } from '../../walk.ts';

const hosts = (second: string): string =>
  `${arrayExample(exampleArray())}hosts:\n  esx1: { iscsi: { vmhba64: { initiator: ${EXAMPLE_HOST}, discovery: [array1] } } }\n  esx2: { iscsi: { vmhba64: { initiator: ${second}, discovery: [array1] } } }\n`;

export const hostInitiator: Rule = {
  id: 'SW-1028',
  name: 'host-initiator',
  severity: 'error',
  title: 'Two hosts have the same iSCSI name',
  meaning:
    'To a target they are one initiator: access lists and persistent reservations of one hold for the other, and disks are written to by both.',
  remedy: 'Give each host a name of its own.',
  ignored:
    'Sessions of the two hosts end each other again and again (session reinstatement), or both write to one disk and damage its file system.',
  source: ['RFC 7143 §4.2.7', 'RFC 7143 §6.3.5'],
  examples: { fail: hosts(EXAMPLE_HOST), pass: hosts('iqn.1998-01.com.vmware:esx2') },
  check(fabric) {
    const findings: Finding[] = [];
    const first = new Map<string, ReturnType<typeof adaptersOf>[number]>();
    for (const one of adaptersOf(fabric)) {
      const { initiator } = one.adapter;
      const before = first.get(initiator);
      if (before === undefined) first.set(initiator, one);
      else if (before.host !== one.host) {
        findings.push({
          at: [...one.adapter.at, 'initiator'],
          message: `\`${initiator}\` is the name of an adapter of \`${before.host.name}\` already.`,
          remedy: 'Write another name.',
          related: [{ at: [...before.adapter.at, 'initiator'], message: 'the first one' }],
        });
      }
    }
    return findings;
  },
};
