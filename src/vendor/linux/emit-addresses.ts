/** Links up, addresses, and routes at the end: a route wants the network of its router. */
import type { Emission } from '../core/emission.ts';
import { type InterfaceNames, isInterfaceName, type PortPlace } from './names.ts';

interface Place {
  readonly key: readonly string[];
  readonly device: string;
}

export function emitAddresses(emission: Emission, ports: readonly PortPlace[], names: InterfaceNames): void {
  const places: Place[] = [];
  const vlansOf = (key: readonly string[], device: string): Place[] =>
    emission.names(...key, 'vlans').map((vlan) => ({ key: [...key, 'vlans', vlan], device: names.ofVlan(device, vlan) }));
  const made = new Set(emission.commands.flatMap(({ text }) => /^ip link add (?:link \S+ )?name (\S+)/.exec(text)?.[1] ?? []));
  for (const { nic, name } of ports) places.push({ key: ['nics', nic], device: name }, ...vlansOf(['nics', nic], name));
  for (const team of emission.names('teams'))
    if (made.has(team)) places.push({ key: ['teams', team], device: team }, ...vlansOf(['teams', team], team));
  for (const bridge of emission.names('virtualSwitches'))
    if (made.has(bridge)) places.push({ key: ['virtualNics', untaggedAt(emission, bridge)], device: bridge });
  for (const nic of emission.names('virtualNics'))
    if (made.has(nic) && isInterfaceName(nic)) places.push({ key: ['virtualNics', nic], device: nic });

  for (const { key, device } of places) {
    const from =
      emission.setting(...key, 'present') ??
      emission.setting(...key, 'mtu') ??
      emission.setting(...key, 'nics') ??
      emission.setting('virtualSwitches', device, 'kind') ??
      emission.setting(...key, 'portGroup');
    emission.command(`ip link set dev ${device} up`, from);
  }
  for (const { key, device } of places) {
    const addresses = emission.take(...key, 'addresses');
    for (const address of Array.isArray(addresses?.value) ? addresses.value : [])
      emission.command(`ip address add ${address} dev ${device}`, addresses);
    const dhcp = emission.take(...key, 'dhcp');
    if (dhcp !== undefined) emission.command(`dhclient -4 ${device}`, dhcp);
    const autoconfigure = emission.take(...key, 'autoconfigure');
    if (autoconfigure !== undefined) {
      emission.command(`sysctl -w net/ipv6/conf/${device}/accept_ra=1`, autoconfigure);
      emission.command(`sysctl -w net/ipv6/conf/${device}/autoconf=1`, autoconfigure);
    }
  }
}

/** The interface without tags of the machine at a bridge; none: the bridge, which has no addresses then. */
function untaggedAt(emission: Emission, bridge: string): string {
  const command = emission.commands.find(({ text }) => text.startsWith(`ip link property add dev ${bridge} altname `));
  return command?.text.split(' ').at(-1) ?? bridge;
}

export function emitRoutes(emission: Emission): void {
  const routes = emission.take('routes');
  for (const route of Array.isArray(routes?.value) ? routes.value : []) {
    const [to, , via] = String(route).split(' ');
    emission.command(`ip ${via!.includes(':') ? '-6 ' : ''}route add ${to} via ${via}`, routes);
  }
}
