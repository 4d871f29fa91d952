/** An interface that iSCSI is bound to has one uplink, so that a path is a path. */
import type { Fabric } from '../../../fabric/model.ts';
import { type Endpoint, endpointsByNode, nicsNamed, teamingOf } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { adaptersOf } from '../../walk.ts';
import { VSPHERE_NETWORKING } from './documents.ts';
import { twoSwitches } from './examples.ts';

const example = (first: string, second: string): string =>
  twoSwitches(
    `os: esxi
virtualSwitches:
  vSwitch1:
    uplinks: [p1, p2]
    portGroups:
      iSCSI-1: { vlan: 10, teaming: { ${first} } }
      iSCSI-2: { vlan: 10, teaming: { ${second} } }
virtualNics:
  vmk1: { portGroup: iSCSI-1, services: [iscsi], addresses: [192.0.2.11/24] }
  vmk2: { portGroup: iSCSI-2, services: [iscsi], addresses: [192.0.2.12/24] }
iscsi:
  vmhba64: { initiator: iqn.1998-01.com.vmware:esx1, portBinding: [vmk1, vmk2], discovery: ["192.0.2.20:3260"] }`,
  ).replaceAll('47: {}', '1: { tagged: [10] }');

export const portBinding: Rule = {
  id: 'SW-1097',
  name: 'port-binding',
  severity: 'error',
  title: 'An interface bound to iSCSI has not exactly one active uplink',
  meaning:
    'Multipathing counts on each bound interface staying at one port: with two, or with a standby, the virtual switch moves it when a link fails, and the path neither fails nor is where it is thought to be.',
  remedy:
    'For its port group list one uplink as `active` and the others as `unused`. On ESXi: `esxcli network vswitch standard portgroup policy failover set -p iSCSI-1 -a vmnic0`.',
  ignored: 'The interface is not offered for binding, or shows as not compliant, and its paths are dead.',
  source: [VSPHERE_NETWORKING],
  examples: {
    fail: example('active: [p1], standby: [p2]', 'active: [p2], unused: [p1]'),
    pass: example('active: [p1], unused: [p2]', 'active: [p2], unused: [p1]'),
  },
  check: (fabric) =>
    adaptersOf(fabric).flatMap(({ host, adapter }) =>
      (adapter.portBinding ?? []).flatMap((bound): Finding[] => {
        const endpoint = endpointsByNode(fabric)
          .get(host.name)
          ?.find(({ base }) => base === bound.text);
        if (endpoint?.virtualNic === undefined || endpoint.virtualSwitch === undefined) return [];
        const order = orderOf(fabric, endpoint);
        if (order === undefined || (order.active === 1 && order.standby === 0)) return [];
        const has = `${order.active} active uplink${order.active === 1 ? '' : 's'}${order.standby === 0 ? '' : ` and ${order.standby} on standby`}`;
        return [
          {
            at: bound.at,
            message: `\`${host.name}:${bound.text}\` is bound to \`${adapter.name}\`, and has ${has}.`,
            remedy: `For \`${endpoint.portGroup?.name ?? endpoint.virtualSwitch.name}\` list one uplink as \`active\` and the others as \`unused\`.`,
            related: [
              { at: endpoint.at, message: `\`${bound.text}\`` },
              { at: (endpoint.portGroup ?? endpoint.virtualSwitch).at, message: 'its uplinks' },
            ],
            restsOn: [endpoint.virtualSwitch.at, endpoint.at, [...host.machine.at, 'nics']],
          },
        ];
      }),
    ),
};

/** Of virtual switches of ESXi. */
function orderOf(fabric: Fabric, { machine, virtualSwitch, portGroup }: Endpoint): { active: number; standby: number } | undefined {
  if (virtualSwitch === undefined || (virtualSwitch.kind !== 'standard' && virtualSwitch.kind !== 'distributed')) return undefined;
  const { active, standby, unused } = teamingOf(fabric, virtualSwitch, portGroup);
  const uplinks = nicsNamed(machine, virtualSwitch.uplinks);
  if (uplinks.length === 0) return undefined;
  const [waiting, never] = [new Set(nicsNamed(machine, standby ?? [])), new Set(nicsNamed(machine, unused ?? []))];
  const using = active === undefined ? uplinks.filter((nic) => !waiting.has(nic) && !never.has(nic)) : nicsNamed(machine, active);
  return { active: using.length, standby: uplinks.filter((nic) => waiting.has(nic)).length };
}
