/** A subnet manager works at InfiniBand ports. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import type { Finding, Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';
import { fabricExample } from '../../example.ts';

const example = (nic: string): string =>
  fabricExample(`hosts:
  lin1:
    os: linux
    nics:
      eth0: {}
      ib0: { portType: infiniband }
    subnetManager: { nics: [${nic}] }`);

export const managerPort: Rule = {
  id: 'SW-1219',
  name: 'manager-port',
  severity: 'error',
  title: 'A subnet manager is to manage what is no InfiniBand',
  meaning: 'A subnet manager sends its messages over InfiniBand ports of the machine or switch it runs in.',
  remedy: 'Write InfiniBand ports in `nics`, or take `subnetManager` out.',
  ignored: 'OpenSM ends with "No local ports detected!", and the subnet stays without a manager.',
  source: [WINOF_README, 'opensm(8)'],
  examples: { fail: example('eth0'), pass: example('ib0') },
  check: (fabric) => [
    ...fabric.switches.flatMap(({ name, kind, at, subnetManager }) =>
      kind === 'infiniband' || subnetManager === undefined
        ? []
        : [
            {
              at: subnetManager.at,
              message: `\`${name}\` is an Ethernet switch, and has a subnet manager.`,
              remedy: 'Write `kind: infiniband`, or take `subnetManager` out.',
              related: [{ at, message: 'the switch' }],
              restsOn: [[...at, 'kind']],
            },
          ],
    ),
    ...machinesOf(fabric).flatMap(({ name, machine }) => machineFindings(name, machine)),
  ],
};

function machineFindings(node: string, { nics, subnetManager, at }: Machine): Finding[] {
  if (subnetManager === undefined || nics.length === 0) return [];
  const restsOn = [[...at, 'nics']];
  const ports = nics.filter(({ portType }) => portType !== 'ethernet').map(({ name }) => `\`${name}\``);
  const remedy =
    ports.length === 0 ? 'Write `portType: infiniband` at a port, or take `subnetManager` out.' : `Write ${ports.join(' or ')}.`;
  if (subnetManager.nics === undefined)
    return ports.length > 0
      ? []
      : [{ at: subnetManager.at, message: `A subnet manager runs at \`${node}\`, which has no InfiniBand port.`, remedy, restsOn }];
  return subnetManager.nics.flatMap((wanted, index): Finding[] => {
    const nic = nics.find(({ name }) => name === wanted);
    if (nic !== undefined && nic.portType !== 'ethernet') return [];
    const message = nic === undefined ? `and \`${node}\` has no such port` : 'which is an Ethernet port';
    return [
      {
        at: [...subnetManager.at, 'nics', index],
        message: `The subnet manager at \`${node}\` is to manage \`${wanted}\`, ${message}.`,
        remedy,
        ...(nic === undefined ? {} : { related: [{ at: nic.at, message: `\`${node}:${nic.name}\`` }] }),
        restsOn,
      },
    ];
  });
}
