/** Standard switches, port groups and VMkernel interfaces as commands of esxcli. */
import { shellQuoted } from '../core/shell-words.ts';
import { maskOfBits } from '../core/netmask.ts';
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress } from '../../fabric/network/ip-prefix.ts';
import { formatIp, isIpv4 } from '../../wire/ip/address.ts';
import type { Emission } from '../core/emission.ts';
import { emitSecurity, emitTeaming } from './teaming.ts';

const STANDARD = 'esxcli network vswitch standard';

export function emitSwitches(emission: Emission): void {
  for (const name of emission.names('virtualSwitches')) {
    const place = ['virtualSwitches', name];
    if (emission.peek(...place, 'kind') !== 'standard') {
      emission.refuseAll('Only standard switches are made on the host; a distributed one is made in vCenter.', ...place);
      continue;
    }
    const kind = emission.take(...place, 'kind');
    const ports = emission.take(...place, 'ports');
    const word = shellQuoted(name);
    emission.command(
      `${STANDARD} add --vswitch-name=${word}${ports === undefined ? '' : ` --ports=${String(ports.value)}`}`,
      kind,
      name === 'vSwitch0' ? 'A new host has it already, with vmnic0 and vmk0.' : undefined,
    );
    const mtu = emission.take(...place, 'mtu');
    if (mtu !== undefined) emission.command(`${STANDARD} set --vswitch-name=${word} --mtu=${String(mtu.value)}`, mtu);
    const uplinks = emission.take(...place, 'uplinks');
    for (const port of (uplinks?.value ?? []) as readonly string[])
      emission.command(`${STANDARD} uplink add --uplink-name=${shellQuoted(emission.device(port))} --vswitch-name=${word}`, uplinks);
    emitTeaming(emission, [...place, 'teaming'], `${STANDARD} policy failover set --vswitch-name=${word}`, uplinks, false);
    emitSecurity(emission, [...place, 'security'], `${STANDARD} policy security set --vswitch-name=${word}`);
    for (const group of emission.names(...place, 'portGroups')) emitGroup(emission, name, group);
    emission.verify(
      `${STANDARD} list --vswitch-name=${word}`,
      `   Name: ${name}`,
      `   MTU: ${String(mtu?.value ?? 1500)}`,
      ...((uplinks?.value ?? []) as readonly string[]).map((port) => emission.device(port)),
    );
    emission.verify(`${STANDARD} policy failover get --vswitch-name=${word}`, 'Load Balancing:');
  }
  const groups = emission.names('virtualSwitches').flatMap((name) => emission.names('virtualSwitches', name, 'portGroups'));
  if (groups.length > 0) emission.verify(`${STANDARD} portgroup list`, ...groups.toSorted());
}

function emitGroup(emission: Emission, name: string, group: string): void {
  const place = ['virtualSwitches', name, 'portGroups', group];
  const word = shellQuoted(group);
  emission.command(
    `${STANDARD} portgroup add --portgroup-name=${word} --vswitch-name=${shellQuoted(name)}`,
    emission.take(...place, 'present'),
  );
  const vlan = emission.take(...place, 'vlan');
  if (vlan !== undefined) emission.command(`${STANDARD} portgroup set --portgroup-name=${word} --vlan-id=${String(vlan.value)}`, vlan);
  emission.refuse('A group of a standard switch has one VLAN, or all with their tags (4095).', ...place, 'trunk');
  const uplinks = emission.setting('virtualSwitches', name, 'uplinks');
  emitTeaming(emission, [...place, 'teaming'], `${STANDARD} portgroup policy failover set --portgroup-name=${word}`, uplinks, true);
  emitSecurity(emission, [...place, 'security'], `${STANDARD} portgroup policy security set --portgroup-name=${word}`);
}

/** Tags of interfaces; vSAN has a command of its own. */
export const TAGS: Readonly<Record<string, string>> = {
  management: 'Management',
  vmotion: 'VMotion',
  'fault-tolerance': 'faultToleranceLogging',
};

export function emitInterfaces(emission: Emission): void {
  for (const name of emission.names('virtualNics')) {
    const place = ['virtualNics', name];
    if (isDistributed(emission, String(emission.peek(...place, 'portGroup')))) {
      emission.refuseAll('Its port group is one of a distributed switch: vCenter makes such interfaces.', ...place);
      continue;
    }
    const group = emission.take(...place, 'portGroup');
    if (group === undefined || !/^vmk\d{1,3}$/.test(name)) {
      emission.refuseAll('An interface of ESXi is called vmk0 to vmk255 and is plugged into a port group.', ...place);
      continue;
    }
    const mtu = emission.take(...place, 'mtu');
    const mac = emission.take(...place, 'mac');
    const words = [mtu === undefined ? '' : ` --mtu=${String(mtu.value)}`, mac === undefined ? '' : ` --mac-address=${String(mac.value)}`];
    emission.command(
      `esxcli network ip interface add --interface-name=${name} --portgroup-name=${shellQuoted(String(group.value))}${words.join('')}`,
      group,
      name === 'vmk0' ? 'A new host has vmk0 already; what is to change on it is changed with `interface set`.' : undefined,
    );
    emitAddresses(emission, name);
    emitServices(emission, name);
    emission.refuse('The VLAN is that of its port group.', ...place, 'vlan');
    emission.verify(`esxcli network ip interface list`, `   Name: ${name}`, `   MTU: ${String(mtu?.value ?? 1500)}`);
  }
}

/** No standard switch of this host has the port group, and a distributed one has. */
function isDistributed(emission: Emission, group: string): boolean {
  const isLocal = emission.names('virtualSwitches').some((name) => emission.has('virtualSwitches', name, 'portGroups', group));
  return !isLocal && emission.node.fabric.distributedSwitches.some(({ portGroups }) => portGroups.some(({ name }) => name === group));
}

function emitAddresses(emission: Emission, name: string): void {
  const place = ['virtualNics', name];
  const command = 'esxcli network ip interface';
  const dhcp = emission.take(...place, 'dhcp');
  if (dhcp !== undefined) emission.command(`${command} ipv4 set --interface-name=${name} --type=dhcp`, dhcp);
  const written = (emission.peek(...place, 'addresses') ?? []) as readonly string[];
  const parsed = written.map(parseInterfaceAddress).flatMap((one) => (isMistake(one) ? [] : [one.value]));
  const fourth = parsed.filter(({ address }) => isIpv4(address)).length;
  if (fourth > 1 || (dhcp !== undefined && fourth > 0)) {
    emission.refuse('A VMkernel interface has one IPv4 address, by hand or by DHCP.', ...place, 'addresses');
  } else {
    const setting = emission.take(...place, 'addresses');
    for (const { address, bits } of parsed)
      emission.command(
        isIpv4(address)
          ? `${command} ipv4 set --interface-name=${name} --type=static --ipv4=${formatIp(address)} --netmask=${maskOfBits(bits)}`
          : `${command} ipv6 address add --interface-name=${name} --ipv6=${formatIp(address)}/${bits}`,
        setting,
      );
    if (fourth > 0)
      emission.verify(
        `${command} ipv4 get --interface-name=${name}`,
        ...parsed.filter(({ address }) => isIpv4(address)).map(({ address }) => formatIp(address)),
      );
  }
  const advertised = emission.take(...place, 'autoconfigure');
  if (advertised !== undefined) emission.command(`${command} ipv6 set --interface-name=${name} --enable-router-adv=true`, advertised);
}

function emitServices(emission: Emission, name: string): void {
  const services = (emission.peek('virtualNics', name, 'services') ?? []) as readonly string[];
  const setting = emission.setting('virtualNics', name, 'services');
  const known = services.filter((service) => service in TAGS || service === 'vsan');
  if (known.length === services.length) emission.take('virtualNics', name, 'services');
  else
    emission.refuse(
      'ESXi has tags for management, vMotion, fault tolerance and vSAN; iSCSI is said by port binding, VXLAN by NSX.',
      'virtualNics',
      name,
      'services',
    );
  for (const service of known)
    emission.command(
      service === 'vsan'
        ? `esxcli vsan network ip add --interface-name=${name}`
        : `esxcli network ip interface tag add --interface-name=${name} --tagname=${TAGS[service]!}`,
      setting,
    );
}

export function emitRoutes(emission: Emission): void {
  const routes = emission.take('routes');
  for (const route of (routes?.value ?? []) as readonly string[]) {
    const [to, via] = route.split(' via ') as [string, string];
    const family = via.includes(':') ? 'ipv6' : 'ipv4';
    const network = to === '0.0.0.0/0' || to === '::/0' ? 'default' : to;
    emission.command(`esxcli network ip route ${family} add --gateway=${via} --network=${network}`, routes);
  }
  if (routes !== undefined) emission.verify('esxcli network ip route ipv4 list');
}
