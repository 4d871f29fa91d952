/** An InfiniBand subnet has a manager, and perhaps one to take over from it. */
import type { Finding, Rule } from '../../rule.ts';
import { placeOf } from '../../network.ts';
import { WINOF_README } from '../../sources.ts';
import { ADDRESS, subnetExample } from './examples.ts';
import { type Subnet, subnetsOf } from './subnets.ts';

const MANAGERS_MAX = 2;

export const subnetManager: Rule = {
  id: 'SW-1218',
  name: 'subnet-manager',
  severity: 'warning',
  title: 'An InfiniBand subnet has no manager, more than two, or two that are alike',
  meaning:
    'Without a subnet manager no port becomes active. A second one takes over when the first fails; OpenSM is not to run on more than two machines. Of several the one with the higher priority is master. OpenSM serves one port: each subnet needs its own.',
  remedy: 'Write `subnetManager` at one switch or host of the subnet, or at two, with different priorities.',
  ignored: 'Ports stay in state INITIALIZED with the link up; or masters change places with every restart, and all paths are set up anew.',
  source: [WINOF_README, 'IBTA 1.x §14.4'],
  examples: { fail: subnetExample(ADDRESS, undefined, { ib: '' }), pass: subnetExample(ADDRESS) },
  check: (fabric) => subnetsOf(fabric).flatMap(managerFindings),
};

function managerFindings({ ports, managers }: Subnet): Finding[] {
  const first = ports[0];
  if (first === undefined) return [];
  const subnet = `the InfiniBand subnet of \`${placeOf(first)}\`${ports.length === 1 ? '' : ` and ${ports.length - 1} more port${ports.length === 2 ? '' : 's'}`}`;
  if (managers.length === 0)
    return [
      {
        at: first.nic.at,
        message: `No subnet manager is declared in ${subnet}.`,
        remedy: 'Write `subnetManager: {}` at a switch or a host there; a host with several ports lists them in `nics`.',
        related: ports.slice(1, 4).map((port) => ({ at: port.nic.at, message: `\`${placeOf(port)}\`` })),
        restsOn: [['hosts'], ['arrays'], ['switches'], ['links']],
      },
    ];
  if (managers.length > MANAGERS_MAX)
    return [
      {
        at: managers[MANAGERS_MAX]!.manager.at,
        message: `There are ${managers.length} subnet managers in ${subnet}: ${managers.map(({ place }) => `\`${place}\``).join(', ')}.`,
        remedy: 'Keep two.',
        related: managers.slice(0, MANAGERS_MAX).map(({ manager, place }) => ({ at: manager.at, message: `\`${place}\`` })),
      },
    ];
  const [one, other] = managers;
  if (other === undefined || one!.manager.standby !== other.manager.standby || one!.manager.priority !== other.manager.priority) return [];
  return [
    {
      at: [...other.manager.at, 'priority'],
      missingFrom: other.manager.at,
      message: `The subnet managers at \`${one!.place}\` and \`${other.place}\` have the same priority, ${other.manager.priority}: the lower GUID decides which is master.`,
      remedy: 'Write a higher `priority` at the one that is to be master.',
      related: [{ at: one!.manager.at, message: `\`${one!.place}\`` }],
      restsOn: [managers.map(({ manager }) => [...manager.at, 'priority'])].flat(),
    },
  ];
}
