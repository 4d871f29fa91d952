/**
 * Virtual switches as bridges with VLAN filtering. A bridge has no port groups: they are VLANs of its ports, tagged at the uplinks; guests get theirs
 * when they are plugged in. The machine's own interface is a VLAN on the bridge, or the bridge itself where it has no tags.
 */
import { carriedByBridge } from '../core/bridge.ts';
import type { Emission } from '../core/emission.ts';
import { type InterfaceNames, isInterfaceName } from './names.ts';

const machineOf = (emission: Emission) => {
  const { fabric, name } = emission.node;
  return [...fabric.hosts, ...fabric.arrays].find((one) => one.name === name)?.machine;
};

export function emitBridges(emission: Emission, names: InterfaceNames): void {
  for (const bridge of emission.names('virtualSwitches')) {
    const key = ['virtualSwitches', bridge];
    const kind = emission.setting(...key, 'kind');
    if (!isInterfaceName(bridge)) continue;
    if (kind?.value !== 'bridge') {
      emission.refuseAll(`A virtual switch of the kind \`${String(kind?.value)}\` is none of this dialect: it has bridges.`, ...key);
      continue;
    }
    emission.take(...key, 'kind');
    emission.command(`ip link add name ${bridge} type bridge vlan_filtering 1`, kind);
    const uplinks = emission.setting(...key, 'uplinks');
    const declared = Array.isArray(uplinks?.value) ? uplinks.value.map(String) : [];
    const ports = declared.map((uplink) => names.of(uplink));
    if (ports.includes(undefined)) emission.refuse('One of them has no name that Linux takes.', ...key, 'uplinks');
    else emission.take(...key, 'uplinks');
    for (const port of ports) if (port !== undefined) emission.command(`ip link set dev ${port} master ${bridge}`, uplinks);
    // A bridge takes the least of its ports, unless somebody sets another one when it is there.
    const mtu = emission.take(...key, 'mtu');
    if (mtu !== undefined) emission.command(`ip link set dev ${bridge} mtu ${String(mtu.value)}`, mtu);
    emitUplinkVlans(
      emission,
      bridge,
      ports.filter((port) => port !== undefined),
    );
    emission.refuse('A bridge has no number of ports.', ...key, 'ports');
    emission.refuseAll('A bridge has one uplink: a bond, where there are to be several.', ...key, 'teaming');
    emission.refuseAll('Bridges of Linux have no such policy.', ...key, 'security');
    for (const group of emission.names(...key, 'portGroups')) {
      emission.refuseAll(
        'A bridge has no port groups: its uplinks carry the VLAN, and a guest is put into it by `bridge vlan add dev TAP vid VLAN pvid untagged`.',
        ...key,
        'portGroups',
        group,
      );
    }
    for (const one of ['embeddedTeaming', 'sriov']) emission.refuse('It is of Hyper-V.', ...key, one);
  }
}

function emitUplinkVlans(emission: Emission, bridge: string, ports: readonly string[]): void {
  const declared = machineOf(emission)?.virtualSwitches.find(({ name }) => name === bridge);
  if (declared === undefined || declared.portGroups.length === 0) return;
  const { untagged, tagged } = carriedByBridge(declared);
  for (const port of ports) {
    const from = emission.setting('virtualSwitches', bridge, 'uplinks');
    if (tagged !== 'none') for (const vlans of tagged.split(',')) emission.command(`bridge vlan add dev ${port} vid ${vlans}`, from);
    if (untagged === 'none' && !tagged.split(',').some((vlans) => vlans === '1' || vlans.startsWith('1-')))
      emission.command(`bridge vlan del dev ${port} vid 1`, from);
  }
}

export function emitVirtualNics(emission: Emission): void {
  const untagged = new Set<string>();
  for (const nic of emission.names('virtualNics')) {
    const key = ['virtualNics', nic];
    if (!isInterfaceName(nic)) continue;
    const group = emission.setting(...key, 'portGroup');
    const bridge = bridgeOf(emission, group?.value, emission.peek(...key, 'virtualSwitch'));
    if (bridge === undefined) {
      emission.refuseAll('It is not at a bridge, which is all that this dialect makes.', ...key);
      continue;
    }
    const vlan = emission.setting(...key, 'vlan');
    const mac = emission.setting(...key, 'mac');
    const mtu = emission.setting(...key, 'mtu');
    if (Number(vlan?.value ?? 0) === 0) {
      if (untagged.has(bridge)) {
        emission.refuseAll('A bridge is one interface of the machine: another one without tags has no place at it.', ...key);
        continue;
      }
      untagged.add(bridge);
      if (nic !== bridge)
        emission.command(`ip link property add dev ${bridge} altname ${nic}`, group ?? emission.setting(...key, 'virtualSwitch'));
      if (mac !== undefined) emission.command(`ip link set dev ${bridge} address ${String(mac.value)}`, mac);
      if (mtu !== undefined) emission.command(`ip link set dev ${bridge} mtu ${String(mtu.value)}`, mtu);
    } else {
      emission.command(`bridge vlan add dev ${bridge} vid ${String(vlan!.value)} self`, vlan);
      emission.command(
        `ip link add link ${bridge} name ${nic}${mac === undefined ? '' : ` address ${String(mac.value)}`}${mtu === undefined ? '' : ` mtu ${String(mtu.value)}`} type vlan id ${String(vlan!.value)}`,
        vlan,
      );
    }
    if (group !== undefined) {
      if (/^[A-Za-z0-9_. -]{1,255}$/.test(String(group.value)))
        emission.command(
          `ip link set dev ${Number(vlan?.value ?? 0) === 0 ? bridge : nic} alias "${String(group.value)}"`,
          emission.take(...key, 'portGroup'),
        );
      else emission.refuse("An alias of an interface can't hold such a name.", ...key, 'portGroup');
    }
    for (const one of ['virtualSwitch', 'vlan', 'mac', 'mtu']) emission.take(...key, one);
    emission.refuse('It only says what the interface is for.', ...key, 'services');
    for (const one of ['rdma', 'uplink']) emission.refuse('It is of Hyper-V.', ...key, one);
  }
}

function bridgeOf(emission: Emission, group: unknown, virtualSwitch: unknown): string | undefined {
  const name =
    typeof virtualSwitch === 'string'
      ? virtualSwitch
      : emission.names('virtualSwitches').find((one) => emission.has('virtualSwitches', one, 'portGroups', String(group)));
  return name !== undefined && isInterfaceName(name) && emission.peek('virtualSwitches', name, 'kind') === 'bridge' ? name : undefined;
}
