/** What an InfiniBand port has is said under `infiniband`, and what an Ethernet port has is not. */
import { isUsed, type MachinePort, machinePortsOf, placeOf } from '../../network.ts';
import { fabricExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { WINOF_README } from '../../sources.ts';

const example = (settings: string): string =>
  fabricExample(`hosts:\n  lin1:\n    os: linux\n    nics:\n      ib0: { portType: infiniband, ${settings} }`);

export const infinibandPort: Rule = {
  id: 'SW-1209',
  name: 'infiniband-port',
  severity: 'error',
  title: 'A port has settings of the other kind of network',
  meaning:
    'IP runs over InfiniBand by an interface of its own (IPoIB). VLANs and FCoE are Ethernet’s; partitions, GUIDs and IPoIB are InfiniBand’s.',
  remedy: 'Put the addresses of an InfiniBand port into `infiniband: { ipoib: ... }`, and write a partition key instead of a VLAN.',
  ignored: 'The interface with the address does not exist on the host: the driver makes one of another kind and name.',
  source: ['RFC 4391', WINOF_README],
  examples: { fail: example('addresses: [192.0.2.11/24]'), pass: example('infiniband: { ipoib: { addresses: [192.0.2.11/24] } }') },
  check: (fabric) => machinePortsOf(fabric).flatMap(strayFindings),
};

function strayFindings(port: MachinePort): Finding[] {
  const { nic } = port;
  const name = `\`${placeOf(port)}\``;
  const kind = [...nic.at, 'portType'];
  const restsOn = [kind];
  if (nic.portType === 'ethernet')
    return nic.infiniband === undefined
      ? []
      : [
          {
            at: nic.infiniband.at,
            message: `${name} has settings for InfiniBand, and is an Ethernet port.`,
            remedy: 'Write `portType: infiniband`, or take `infiniband` out.',
            restsOn,
          },
        ];
  if (nic.portType === 'auto') return [];
  const findings: Finding[] = [];
  const related = [{ at: kind, message: 'it is InfiniBand' }];
  for (const on of nic.interfaces) {
    if (on.vlan !== undefined)
      findings.push({
        at: on.at,
        message: `${name} has VLAN ${on.vlan}, and InfiniBand has no VLANs.`,
        remedy: 'Write a partition key in `pkeys` instead.',
        related,
        restsOn,
      });
    else if (isUsed(on))
      findings.push({
        at: on.addresses[0]?.at ?? on.at,
        message: `${name} is an InfiniBand port, and has IP of its own.`,
        remedy: 'Put it into `infiniband: { ipoib: ... }`.',
        related,
        restsOn,
      });
  }
  if (nic.fcoe !== undefined)
    findings.push({
      at: nic.fcoe.at,
      message: `${name} is an InfiniBand port, and does no FCoE.`,
      remedy: 'Take `fcoe` out.',
      related,
      restsOn,
    });
  return findings;
}
