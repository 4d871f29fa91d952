/** RDMA through a virtual switch is on at both sides of it. */
import { endpointsOf } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { hyperVExample } from './examples.ts';

const nics = (rdma: boolean): string =>
  `SMB1: { virtualSwitch: S2D, vlan: 2, uplink: p1, rdma: ${rdma}, services: [smb-direct], addresses: [192.0.2.11/24] }`;

export const virtualRdma: Rule = {
  id: 'SW-1155',
  name: 'virtual-rdma',
  severity: 'error',
  title: 'RDMA through a virtual switch is on at one side of it only',
  meaning: 'Host interfaces at a virtual switch do RDMA by the adapters of its uplinks: it has to be on at the interface and at the ports.',
  remedy: 'Write `rdma: true` at the interface, and `rdma` with `enabled: true` at the uplinks.',
  ignored: 'SMB Direct is missing from the list of interfaces of SMB, and files go over TCP.',
  source: ['Validate-DCB of Microsoft', 'Microsoft, Enable-NetAdapterRdma'],
  examples: { fail: hyperVExample(nics(false)), pass: hyperVExample(nics(true)) },
  check: (fabric) =>
    endpointsOf(fabric).flatMap(({ kind, node, machine, virtualNic, nics: uplinks }): Finding[] => {
      if (kind !== 'virtual-nic' || virtualNic === undefined) return [];
      const said = uplinks.filter(({ rdma }) => rdma !== undefined);
      const name = `${node}:${virtualNic.name}`;
      if (virtualNic.rdma?.value === true) {
        const [first] = said;
        if (first === undefined || said.some(({ rdma }) => rdma!.enabled)) return [];
        return [
          {
            at: virtualNic.rdma.at,
            message: `\`${name}\` does RDMA, and its uplink \`${first.name}\` has it turned off.`,
            remedy: `Write \`enabled: true\` under \`rdma\` of \`${first.name}\`.${machine.os === 'windows' ? ` On Windows: \`Enable-NetAdapterRdma -Name "${first.device ?? first.name}"\`.` : ''}`,
            related: [{ at: first.rdma!.at, message: `\`${first.name}\`` }],
            restsOn: said.map(({ rdma }) => rdma!.at),
          },
        ];
      }
      const on = said.find(({ rdma }) => rdma!.enabled);
      if (on === undefined || !virtualNic.services.includes('smb-direct')) return [];
      return [
        {
          at: virtualNic.rdma?.at ?? virtualNic.at,
          ...(virtualNic.rdma === undefined ? { missingFrom: virtualNic.at } : {}),
          message: `\`${name}\` is for SMB Direct without RDMA, and its uplink \`${on.name}\` does it.`,
          remedy: `Write \`rdma: true\`.${machine.os === 'windows' ? ` On Windows: \`Enable-NetAdapterRdma -Name "vEthernet (${virtualNic.name})"\`.` : ''}`,
          related: [
            { at: on.rdma!.at, message: `\`${on.name}\`` },
            { at: [...virtualNic.at, 'services'], message: 'what it is for' },
          ],
          restsOn: [on.rdma!.at, [...virtualNic.at, 'services'], [...virtualNic.at, 'rdma']],
        },
      ];
    }),
};
