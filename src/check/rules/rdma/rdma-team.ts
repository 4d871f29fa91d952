/** A team of the Windows operating system does no RDMA. */
import type { Finding, Rule } from '../../rule.ts';
import { fabricExample } from '../../example.ts';

const example = (team: string): string =>
  fabricExample(`hosts:\n  win1:\n    os: windows\n    nics:\n      p1: { rdma: roce-v2 }\n      p2: { rdma: roce-v2 }\n    ${team}`);

export const rdmaTeam: Rule = {
  id: 'SW-1158',
  name: 'rdma-team',
  severity: 'error',
  title: 'Ports with RDMA are in a team of the Windows operating system',
  meaning: 'LBFO, the teaming of Windows itself, hides RDMA of its ports: SMB Direct sees a team that can not do it.',
  remedy: 'Leave the ports alone, SMB Multichannel uses both; or team them in a Hyper-V switch with `embeddedTeaming: true` (SET).',
  ignored: 'RDMA is on at both adapters, and Get-SmbClientNetworkInterface says that none is capable of it.',
  source: ['Validate-DCB of Microsoft', 'Microsoft, NIC Teaming: features that teams do without'],
  examples: {
    fail: example('teams: { Storage: { nics: [p1, p2], mode: active-backup } }'),
    pass: example('virtualSwitches: { S2D: { kind: hyper-v, embeddedTeaming: true, uplinks: [p1, p2] } }'),
  },
  check: (fabric) =>
    fabric.hosts.flatMap(({ name: host, machine }): Finding[] => {
      if (machine.os !== 'windows') return [];
      const ports = new Map(machine.nics.map((nic) => [nic.name, nic]));
      return machine.teams.flatMap(({ at, name, nics }): Finding[] => {
        const members = nics.flatMap(({ text, at: place }) => {
          const nic = ports.get(text);
          return nic?.rdma?.enabled === true ? [{ nic, place }] : [];
        });
        const [first] = members;
        if (first === undefined) return [];
        return [
          {
            at: first.place,
            message: `\`${host}:${first.nic.name}\` does RDMA, and is in team \`${name}\`, which does not.`,
            remedy: 'Take it out of the team, or write a virtual switch of Hyper-V with `embeddedTeaming: true` instead.',
            related: members.map(({ nic }) => ({ at: nic.rdma!.at, message: `RDMA of \`${nic.name}\`` })),
            restsOn: [at, first.nic.rdma!.at, [...machine.at, 'os']],
          },
        ];
      });
    }),
};
