/** A boot agent for iSCSI knows a target. */
import type { Rule } from '../../rule.ts';
import { MARVELL_GUIDE } from '../../sources.ts';
import { bootExample, staticBoot, targetBoot } from './examples.ts';
import { bootingOf } from './booting.ts';

export const bootTarget: Rule = {
  id: 'SW-1193',
  name: 'boot-target',
  severity: 'error',
  title: 'A port is to boot by iSCSI and has no target',
  meaning: 'The agent logs in to a target that is set in it, or to one that DHCP tells it. Here is neither.',
  remedy: 'Write `targets` with an address and a name, or `targetFromDhcp: true`.',
  ignored: 'The machine passes the port over and boots from the next device, or from none.',
  source: ['RFC 4173', MARVELL_GUIDE],
  examples: { fail: bootExample(staticBoot('')), pass: bootExample(targetBoot()) },
  check: (fabric) =>
    bootingOf(fabric)
      .filter(({ boot }) => boot.protocol === 'iscsi' && boot.targets.length === 0 && !boot.targetFromDhcp)
      .map(({ boot, place }) => ({
        at: [...boot.at, 'targets'],
        missingFrom: boot.at,
        message: `\`${place}\` is to boot by iSCSI, and no target is said, nor that DHCP tells it.`,
        remedy: 'Add `targets: [{ address: "192.0.2.20:3260", name: iqn... }]`, or `targetFromDhcp: true`.',
        restsOn: [[...boot.at, 'targetFromDhcp']],
      })),
};
