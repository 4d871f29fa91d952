/** Each interface with RDMA at a team has an adapter port of its own. */
import { addTo } from '../../../base/grouped.ts';
import { type Endpoint, endpointsByNode } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { hyperVExample } from './examples.ts';

const nics = (second: string): string =>
  ['p1', second]
    .map(
      (uplink, index) =>
        `SMB${index + 1}: { virtualSwitch: S2D, vlan: 2${uplink === '' ? '' : `, uplink: ${uplink}`}, rdma: true, addresses: [192.0.${index + 2}.11/24] }`,
    )
    .join('\n');

export const rdmaAffinity: Rule = {
  id: 'SW-1167',
  name: 'rdma-affinity',
  severity: 'warning',
  title: 'Interfaces with RDMA at a team are not spread over its ports',
  meaning:
    'A team puts each interface on one of its ports by an algorithm of its own. Without a mapping two of them may share a port while the other is idle, and change places after a restart.',
  remedy: 'Name another port of the team as `uplink` of each interface.',
  ignored: 'A host has half the bandwidth of the others until it is restarted.',
  source: ['Validate-DCB of Microsoft', 'Microsoft, Set-VMNetworkAdapterTeamMapping'],
  examples: { fail: hyperVExample(nics('')), pass: hyperVExample(nics('p2')) },
  check: (fabric) =>
    [...endpointsByNode(fabric)].flatMap(([node, endpoints]): Finding[] => {
      const bySwitch = new Map<string, Endpoint[]>();
      for (const one of endpoints)
        if (one.kind === 'virtual-nic' && one.virtualSwitch?.embeddedTeaming === true && one.virtualNic!.rdma?.value === true)
          addTo(bySwitch, one.virtualSwitch.name, one);
      return [...bySwitch].flatMap(([name, members]): Finding[] => {
        const { uplinks, at } = members[0]!.virtualSwitch!;
        if (members.length < 2 || uplinks.length < 2) return [];
        const taken = new Map<string, Endpoint>();
        return members.flatMap((one): Finding[] => {
          const { uplink, at: own } = one.virtualNic!;
          const before = uplink === undefined ? undefined : taken.get(uplink.text);
          if (uplink !== undefined && before === undefined) taken.set(uplink.text, one);
          // More interfaces than ports have to share some.
          if (uplink !== undefined && (before === undefined || taken.size >= uplinks.length)) return [];
          return [
            {
              at: uplink?.at ?? own,
              ...(uplink === undefined ? { missingFrom: own } : {}),
              message:
                before === undefined
                  ? `\`${node}:${one.name}\` does RDMA at team \`${name}\`, and is mapped to none of its ports.`
                  : `\`${node}:${one.name}\` and \`${node}:${before.name}\` do RDMA at team \`${name}\`, both by port \`${uplink!.text}\`.`,
              remedy: `Write \`uplink\` with another port. On Windows: \`Set-VMNetworkAdapterTeamMapping -ManagementOS -VMNetworkAdapterName ${one.name} -PhysicalNetAdapterName <port>\`.`,
              related: [
                { at, message: 'the team' },
                ...(before === undefined ? [] : [{ at: before.virtualNic!.uplink!.at, message: `\`${before.name}\`` }]),
              ],
              restsOn: [
                [...own, 'uplink'],
                [...at, 'uplinks'],
                [...at, 'embeddedTeaming'],
                ...members.map(({ virtualNic }) => virtualNic!.at),
              ],
            },
          ];
        });
      });
    }),
};
