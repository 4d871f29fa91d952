/** What a host sends without a VLAN needs a VLAN at the switch: frames without a tag, and those whose tag has a priority only. */
import type { Fabric } from '../../../fabric/model.ts';
import { untaggedVlan } from '../../../fabric/network/carried-vlans.ts';
import type { Path } from '../../../fabric/problem.ts';
import { vlansOf, vlansPlace, vlansRestOn } from '../../bridge-ports.ts';
import { sendingsOf } from '../../group-uplinks.ts';
import { isUsed, placeOf, type Uplink, uplinksOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { esxExample, groupHost } from './examples.ts';

const example = (port: string): string => esxExample(groupHost('vlan: 0'), port);

export const untaggedUplink: Rule = {
  id: 'SW-1069',
  name: 'untagged-uplink',
  severity: 'error',
  title: 'An uplink sends frames without a VLAN, and the switch takes none',
  meaning:
    'A port group of VLAN 0, and RDMA whose tags carry a priority alone (VLAN 0), leave it to the switch which VLAN they are in. A port without a native VLAN drops such frames.',
  remedy: 'Give the port of the switch a `native` or `untagged` VLAN that it carries, or the port group its VLAN.',
  ignored: 'The link is up, and those at the port group hear nobody.',
  source: ['IEEE 802.1Q §6.9', LOWE_BLOG],
  examples: { fail: example('tagged: [10, 20]'), pass: example('tagged: [10], untagged: 20') },
  check: (fabric) => [...ofSenders(fabric), ...uplinksOf(fabric).flatMap(ofPriorities)],
};

const drops = (uplink: Uplink): boolean => untaggedVlan(vlansOf(uplink.at)) === 0;

const placed = ({ at: end, station }: Uplink, restsOn: readonly Path[] = []): Pick<Finding, 'related' | 'restsOn'> => ({
  related: [
    { at: vlansPlace(end), message: 'the port of the switch' },
    { at: station.nic.at, message: 'the uplink' },
  ],
  restsOn: [...vlansRestOn(end), [...station.nic.at, 'vlans'], ...restsOn],
});

const ofSenders = (fabric: Fabric): Finding[] =>
  sendingsOf(fabric)
    .filter(({ vlan, uplink }) => vlan === undefined && drops(uplink))
    .map(({ name, at, what, uplink, restsOn }) => ({
      at,
      message: `${what === 'interface' ? 'Interface' : 'Port group'} \`${name}\` sends frames without a tag by \`${uplink.station.nic.name}\`, and \`${placeOf(uplink.at)}\` drops them.`,
      remedy: 'Give that port a `native` or `untagged` VLAN, or write the VLAN here.',
      ...placed(uplink, restsOn),
    }));

/** RDMA on a port where nothing else says a VLAN: its priority stands in a tag of VLAN 0. */
function ofPriorities(uplink: Uplink): Finding[] {
  const { machine, nic, node } = uplink.station;
  const { rdma } = nic;
  if (rdma === undefined || !rdma.enabled || rdma.priority === undefined || !rdma.kind.startsWith('roce') || uplink.at.port.disabled)
    return [];
  if (nic.interfaces.length > 1 || nic.interfaces.some(isUsed) || !drops(uplink)) return [];
  const teamed = [...machine.teams.flatMap(({ nics }) => nics), ...machine.virtualSwitches.flatMap(({ uplinks }) => uplinks)];
  if (teamed.some(({ text }) => text === nic.name)) return [];
  return [
    {
      at: rdma.at,
      message: `\`${node}:${nic.name}\` puts RDMA in priority ${rdma.priority} without a VLAN, and \`${placeOf(uplink.at)}\` drops what has none.`,
      remedy: 'Give that port a `native` or `untagged` VLAN, or the adapter port a VLAN in `vlans`.',
      ...placed(uplink),
    },
  ];
}
