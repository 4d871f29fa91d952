/** Windows marks SMB Direct by a policy. */
import { isForRdma, roceEndpointsOf } from '../../rdma.ts';
import { losslessPortOf, pfcOf, prioritiesText } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { windowsExample } from './examples.ts';

const example = (name: string): string => windowsExample(`policies: { ${name}, TCP: { match: tcp, priority: 0 } }`);

export const smbPolicy: Rule = {
  id: 'SW-1159',
  name: 'smb-policy',
  severity: 'warning',
  title: 'A Windows machine with RoCE and PFC has policies, and none for RDMA',
  meaning: 'Traffic that no policy names goes in priority 0. PFC then keeps a priority from loss that nothing is sent in.',
  remedy: 'Add a policy for SMB Direct with a priority of `pfc`.',
  ignored: 'Counters of the priority stay at zero, and RoCE is dropped in priority 0.',
  source: [DEMARTEK_GUIDE, 'Validate-DCB of Microsoft'],
  examples: { fail: example('UDP: { match: udp, priority: 0 }'), pass: example('SMB: { match: "net-direct:445", priority: 3 }') },
  check: (fabric) => {
    const told = new Set<string>();
    return roceEndpointsOf(fabric).flatMap(({ endpoint, nic, rdma }): Finding[] => {
      const { machine, node } = endpoint;
      if (machine.os !== 'windows' || told.has(node) || rdma.priority !== undefined || rdma.dscp !== undefined) return [];
      const port = losslessPortOf(fabric, nic);
      const pfc = port === undefined ? undefined : pfcOf(fabric, port);
      if (pfc === undefined || pfc.value.length === 0 || machine.policies.length === 0 || machine.policies.some(isForRdma)) return [];
      // Iscsi, NFS and the like over RDMA have policies of their own; the default policy names everything.
      const everything = machine.policies.some(({ match, priority }) => match === 'default' && priority !== undefined && priority > 0);
      if (everything) return [];
      told.add(node);
      const at = machine.policies[0]!.at.slice(0, -1);
      return [
        {
          at,
          missingFrom: at,
          message: `\`${node}\` keeps ${prioritiesText(pfc.value)} from loss, and no policy puts RDMA there.`,
          remedy: `Write \`SMB: { match: "net-direct:445", priority: ${pfc.value[0]!} }\`. On Windows: \`New-NetQosPolicy SMB -NetDirectPortMatchCondition 445 -PriorityValue8021Action ${pfc.value[0]!}\`.`,
          related: [
            { at: pfc.at, message: 'PFC' },
            { at: rdma.at, message: 'RoCE' },
          ],
          restsOn: [pfc.at, rdma.at, [...machine.at, 'os'], ...machine.policies.map((one) => one.at)],
        },
      ];
    });
  },
};
