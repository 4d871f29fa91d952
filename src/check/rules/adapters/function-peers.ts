/** Virtual functions of two ports reach one another outside of the adapter only. */
import { type Endpoint, endpointsOf } from '../../endpoints.ts';
import { inPrefix } from '../../../wire/ip/address.ts';
import { joinedPorts } from '../../network.ts';
import type { Nic } from '../../../fabric/network/model.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { machineExample } from '../../example.ts';

const example = (second: string): string =>
  machineExample(`os: esxi
adapters:
  slot1: { model: chelsio-t6225-cr, ports: [vmnic0, vmnic1] }
nics:
  vmnic0: { sriov: { functions: 2 } }
  vmnic1: { sriov: { functions: 2 } }
vms:
  vm1: { memoryReserved: true, nics: { eth0: { kind: pass-through, function: vmnic0/0, addresses: [192.0.2.31/24] } } }
  vm2: { memoryReserved: true, nics: { eth0: { kind: pass-through, function: ${second}, addresses: [192.0.2.32/24] } } }`);

export const functionPeers: Rule = {
  id: 'SW-1179',
  name: 'function-peers',
  severity: 'warning',
  title: 'Guests in one network have functions of two ports that nothing joins',
  meaning:
    'The adapter forwards between the functions of one port, not between those of two: frames from one to the other have to leave by the one cable and come back by the other.',
  remedy: 'Give both guests functions of one port, or link both ports to a switch that carries their VLAN.',
  ignored: 'Both guests have a link and an address, and neither hears the ARP requests of the other.',
  source: [CHELSIO_GUIDE],
  examples: { fail: example('vmnic1/0'), pass: example('vmnic0/1') },
  check(fabric) {
    const linked = new Set<Nic>();
    for (const { ends } of joinedPorts(fabric)) for (const end of ends) if (end.kind === 'machine') linked.add(end.nic);
    const findings: Finding[] = [];
    const earlier = new Map<string, Endpoint[]>();
    for (const one of endpointsOf(fabric)) {
      if (one.vmNic?.function === undefined || one.nics.length !== 1) continue;
      const before = earlier.get(one.node) ?? [];
      earlier.set(one.node, [...before, one]);
      const other = before.find((peer) => isCutOff(one, peer, linked));
      if (other === undefined) continue;
      const [port, far] = [one.nics[0]!, other.nics[0]!];
      findings.push({
        at: one.vmNic.function.at,
        message: `\`${one.node}:${one.name}\` and \`${other.node}:${other.name}\` are in one network and have functions of \`${port.name}\` and \`${far.name}\`, which no link joins.`,
        remedy: `Write a function of \`${far.name}\`, or link both ports to one switch.`,
        related: [
          { at: other.vmNic!.function!.at, message: `the function of \`${other.node}:${other.name}\`` },
          { at: port.at, message: `\`${one.node}:${port.name}\`` },
          { at: far.at, message: `\`${one.node}:${far.name}\`` },
        ],
        restsOn: [['links']],
      });
    }
    return findings;
  },
};

/** Of two ports, of which at least one is linked to nothing: where both are, what is behind decides. */
const isCutOff = (one: Endpoint, other: Endpoint, linked: ReadonlySet<Nic>): boolean =>
  one.nics[0] !== other.nics[0] &&
  [one.nics[0]!, other.nics[0]!].some((nic) => !linked.has(nic) && nic.attach === undefined) &&
  one.vlan === other.vlan &&
  one.on.addresses.some((a) => other.on.addresses.some((b) => inPrefix(a.address, b.address, Math.min(a.bits, b.bits))));
