/** What may be dropped is kept out of the priority that may not. */
import { isForRdma } from '../../rdma.ts';
import { losslessPortOf, pfcOf } from '../../lossless.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { windowsExample } from './examples.ts';

const example = (priority: number): string =>
  windowsExample(`policies:\n  SMB: { match: "net-direct:445", priority: 3 }\n  DEFAULT: { match: default, priority: ${priority} }`);

export const lossyPolicy: Rule = {
  id: 'SW-1161',
  name: 'lossy-policy',
  severity: 'warning',
  title: 'A policy puts everything, or all of TCP or UDP, into a priority without loss',
  meaning:
    'Headroom and share are made for storage. With everything in that priority any busy program pauses the port, and TCP, which needs losses to find its rate, fills every buffer.',
  remedy: 'Give the default policy, TCP and UDP a priority without PFC, such as 0.',
  ignored: 'Pauses all day, and storage waits for backups and web pages.',
  source: [DEMARTEK_GUIDE, 'Validate-DCB of Microsoft'],
  examples: { fail: example(3), pass: example(0) },
  check: (fabric) =>
    fabric.hosts.flatMap(({ name, machine }): Finding[] => {
      const common = machine.policies.filter((policy) => COMMON.has(policy.match) && policy.priority !== undefined);
      if (common.length === 0) return [];
      return common.flatMap((policy): Finding[] => {
        const pfc = losslessWith(fabric, machine, policy.priority!);
        if (pfc === undefined) return [];
        const rdma = machine.policies.find((one) => isForRdma(one) && one.priority === policy.priority);
        return [
          {
            at: [...policy.at, 'priority'],
            message: `Policy \`${policy.name}\` of \`${name}\` puts ${WHAT[policy.match]} into priority ${policy.priority!}, which is without loss${rdma === undefined ? '' : ` and that of policy \`${rdma.name}\``}.`,
            remedy: `Write \`priority: 0\`.${policy.match === 'default' ? ' On Windows: `New-NetQosPolicy DEFAULT -Default -PriorityValue8021Action 0`.' : ''}`,
            related: [{ at: pfc.at, message: 'PFC' }, ...(rdma === undefined ? [] : [{ at: rdma.at, message: `policy \`${rdma.name}\`` }])],
            restsOn: [pfc.at, [...policy.at, 'match']],
          },
        ];
      });
    }),
};

const COMMON = new Set(['default', 'tcp', 'udp']);
const WHAT: Readonly<Record<string, string>> = { default: 'everything that no other policy names', tcp: 'all of TCP', udp: 'all of UDP' };

/** PFC of a port of the machine that keeps the priority from loss. */
function losslessWith(fabric: Fabric, machine: Machine, priority: number) {
  for (const nic of machine.nics) {
    const port = losslessPortOf(fabric, nic);
    const pfc = port === undefined ? undefined : pfcOf(fabric, port);
    if (pfc?.value.includes(priority) === true) return pfc;
  }
  return undefined;
}
