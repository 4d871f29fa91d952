/** The policy for SMB Direct has a priority, and not the common one. */
import { isForRdma } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { windowsExample } from './examples.ts';

const example = (priority: number): string =>
  windowsExample(`policies: { SMB: { match: "net-direct:445", priority: ${priority} } }`).replaceAll('pfc: [3]', `pfc: [${priority}]`);

export const smbPolicyPriority: Rule = {
  id: 'SW-1160',
  name: 'smb-policy-priority',
  severity: 'error',
  title: 'The policy for SMB Direct has priority 0, or none',
  meaning:
    'Priority 0 is that of everything nobody marks: kept from loss, all of it is; lossy, RDMA is dropped. A policy without a priority marks nothing.',
  remedy: 'Write a priority from 1 to 7 that PFC is on for, 3 or 5 as a rule.',
  ignored: 'RDMA shares its queue with all ordinary traffic, and the one pauses or drops the other.',
  source: ['Validate-DCB of Microsoft', 'IEEE 802.1Q Annex I'],
  examples: { fail: example(0), pass: example(3) },
  check: (fabric) =>
    fabric.hosts.flatMap(({ name, machine }): Finding[] =>
      machine.policies
        .filter((policy) => isForRdma(policy) && policy.dscp === undefined && (policy.priority === undefined || policy.priority === 0))
        .map(({ at, name: policy, priority }) => ({
          at: priority === undefined ? at : [...at, 'priority'],
          ...(priority === undefined ? { missingFrom: at } : {}),
          message: `Policy \`${policy}\` of \`${name}\` is for RDMA, and ${priority === undefined ? 'says no priority' : 'has priority 0'}.`,
          remedy: 'Write `priority: 3`, or another that PFC is on for.',
          restsOn: [
            [...at, 'match'],
            [...at, 'priority'],
            [...at, 'dscp'],
          ],
        })),
    ),
};
