/** An interface at a virtual switch keeps the priority that RDMA is marked with. */
import { endpointsOf } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { hyperVExample } from './examples.ts';

const nics = (tag: boolean): string =>
  `SMB1: { virtualSwitch: S2D, vlan: 2, uplink: p1, rdma: true, priorityTag: ${tag}, addresses: [192.0.2.11/24] }`;

export const priorityTag: Rule = {
  id: 'SW-1166',
  name: 'priority-tag',
  severity: 'error',
  title: 'An interface of a virtual switch does RDMA and drops priorities from its tags',
  meaning: 'Hyper-V takes the priority out of what its interfaces send unless it is told to keep it: RoCE then leaves in priority 0.',
  remedy: 'Write `priorityTag: true`.',
  ignored: 'Policies and PFC are right on host and switch, and RoCE is in none of their counters.',
  source: ['Validate-DCB of Microsoft', 'Microsoft, Set-VMNetworkAdapter -IeeePriorityTag'],
  examples: { fail: hyperVExample(nics(false)), pass: hyperVExample(nics(true)) },
  check: (fabric) =>
    endpointsOf(fabric).flatMap(({ node, virtualNic }): Finding[] =>
      virtualNic?.priorityTag?.value !== false || virtualNic.rdma?.value !== true
        ? []
        : [
            {
              at: virtualNic.priorityTag.at,
              message: `\`${node}:${virtualNic.name}\` does RDMA, and its frames leave without their priority.`,
              remedy: `Write \`priorityTag: true\`. On Windows: \`Set-VMNetworkAdapter -ManagementOS -Name ${virtualNic.name} -IeeePriorityTag On\`.`,
              related: [{ at: virtualNic.rdma.at, message: 'RDMA' }],
              restsOn: [virtualNic.rdma.at],
            },
          ],
    ),
};
