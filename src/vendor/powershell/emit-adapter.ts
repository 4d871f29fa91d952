/** Adapter ports, their addresses and routes as cmdlets. */
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress } from '../../fabric/network/ip-prefix.ts';
import { formatIp, inPrefix, isIpv4, parseAddress } from '../../wire/ip/address.ts';
import type { Emission } from '../core/emission.ts';
import type { Setting } from '../core/setting.ts';
import { aliasOf } from './aliases.ts';
import { ETHERNET_HEADER_BYTES } from './properties.ts';
import { quoted } from './words.ts';

type Key = readonly string[];

/** With the keyword, which all vendors share; their own names for it differ. */
const property = (alias: string, keyword: string, value: string | number): string =>
  `Set-NetAdapterAdvancedProperty -Name ${quoted(alias)} -RegistryKeyword ${quoted(keyword)} -RegistryValue ${value}`;

export function emitJumbo(emission: Emission, alias: string, setting: Setting | undefined): void {
  if (setting === undefined) return;
  emission.command(
    property(alias, '*JumboPacket', Number(setting.value) + ETHERNET_HEADER_BYTES),
    setting,
    'With the Ethernet header; drivers that count without it (Mellanox WinOF) want 14 less, and many take only some sizes.',
  );
  emission.verify(
    `Get-NetAdapterAdvancedProperty -Name ${quoted(alias)} -RegistryKeyword "*JumboPacket"`,
    String(Number(setting.value) + ETHERNET_HEADER_BYTES),
  );
}

/** Read back they would mean the packet without its header. */
const isMisleading = (mtu: unknown): boolean => mtu === 1500 - ETHERNET_HEADER_BYTES || mtu === 9000 - ETHERNET_HEADER_BYTES;

const FLOW_CONTROL: Readonly<Record<string, number>> = { none: 0, send: 1, receive: 2, both: 3, auto: 4 };
const KINDS: Readonly<Record<string, number>> = { iwarp: 1, infiniband: 2, 'roce-v1': 3, 'roce-v2': 4 };

export function emitNics(emission: Emission): void {
  for (const nic of emission.names('nics')) {
    const place = ['nics', nic];
    emission.take(...place, 'device');
    const alias = emission.device(nic);
    const mac = emission.take(...place, 'mac');
    if (mac !== undefined) emission.command(`Set-NetAdapter -Name ${quoted(alias)} -MacAddress ${macText(mac)} -Confirm:$false`, mac);
    if (isMisleading(emission.peek(...place, 'mtu')))
      emission.refuse('Its value would be read as 1500 or 9000 without the header.', ...place, 'mtu');
    emitJumbo(emission, alias, emission.take(...place, 'mtu'));
    const speed = emission.setting(...place, 'speed');
    const speedText = speed === undefined ? undefined : textOfSpeed(Number(speed.value));
    if (speedText !== undefined)
      emission.command(
        `Set-NetAdapterAdvancedProperty -Name ${quoted(alias)} -DisplayName "Speed & Duplex" -DisplayValue ${quoted(speedText)}`,
        emission.take(...place, 'speed'),
        'Drivers word it differently: `Get-NetAdapterAdvancedProperty -DisplayName "Speed & Duplex" | Select ValidDisplayValues`.',
      );
    const pause = emission.take(...place, 'flowControl');
    if (pause !== undefined) emission.command(property(alias, '*FlowControl', FLOW_CONTROL[String(pause.value)]!), pause);
    emitVlan(emission, nic, alias);
    emitRdma(emission, place, alias);
    emitOffloads(emission, place, alias);
    const overhead = emission.take(...place, 'encapsulationOverhead');
    if (overhead !== undefined) emission.command(property(alias, '*EncapOverhead', Number(overhead.value)), overhead);
    const functions = emission.take(...place, 'sriov', 'functions');
    if (functions !== undefined)
      emission.command(
        functions.value === 0
          ? `Disable-NetAdapterSriov -Name ${quoted(alias)}`
          : `Set-NetAdapterSriov -Name ${quoted(alias)} -NumVFs ${String(functions.value)} -Enabled $true`,
        functions,
      );
    emission.refuseAll('Functions are settled with the virtual machine that has them.', ...place, 'sriov');
  }
}

export const macText = (setting: Setting): string => quoted(String(setting.value).toUpperCase().replaceAll(':', '-'));

const textOfSpeed = (bits: number): string | undefined =>
  bits % 1e9 === 0 ? `${bits / 1e9} Gbps Full Duplex` : bits % 1e6 === 0 ? `${bits / 1e6} Mbps Full Duplex` : undefined;

/** An adapter of Windows is in one VLAN, or in none. */
function emitVlan(emission: Emission, nic: string, alias: string): void {
  const place = ['nics', nic];
  const vlans = emission.names(...place, 'vlans');
  const [vlan] = vlans;
  const isBoth = ['addresses', 'dhcp', 'autoconfigure'].some((name) => emission.has(...place, name));
  if (vlan === undefined) return;
  if (vlans.length > 1 || isBoth) {
    emission.refuseAll('An adapter of Windows has one VLAN or none; a team or a virtual switch has several.', ...place, 'vlans');
    return;
  }
  const key = [...place, 'vlans', vlan];
  emission.command(
    property(alias, 'VlanID', vlan),
    emission.take(...key, 'present'),
    'The tags need the property "Priority & VLAN" on, as it is by default.',
  );
  emission.verify(`Get-NetAdapterAdvancedProperty -Name ${quoted(alias)} -RegistryKeyword "VlanID"`, vlan);
  if (emission.peek(...key, 'mtu') === emission.peek(...place, 'mtu') && !isMisleading(emission.peek(...key, 'mtu')))
    emission.take(...key, 'mtu');
  emission.refuse('The frame size is that of the adapter.', ...key, 'mtu');
  emission.refuseAll('Windows gives priorities by policies (`policies`).', ...key, 'egress');
  emission.refuseAll('Windows gives priorities by policies (`policies`).', ...key, 'ingress');
}

function emitRdma(emission: Emission, place: Key, alias: string): void {
  const kind = emission.take(...place, 'rdma', 'kind');
  if (kind !== undefined)
    emission.command(property(alias, '*NetworkDirectTechnology', KINDS[String(kind.value)]!), kind, 'Where the adapter has several kinds.');
  const mtu = emission.take(...place, 'rdma', 'mtu');
  if (mtu !== undefined) {
    const name =
      vendorOf(emission, place[1]!) === 'QLogic' || vendorOf(emission, place[1]!) === 'Marvell'
        ? 'NetworkDirect Mtu Size'
        : 'R/RoCE Max Frame Size';
    emission.command(
      `Set-NetAdapterAdvancedProperty -Name ${quoted(alias)} -DisplayName ${quoted(name)} -DisplayValue ${quoted(String(mtu.value))}`,
      mtu,
      'Drivers call it differently: Mellanox "R/RoCE Max Frame Size", QLogic "NetworkDirect Mtu Size".',
    );
  }
  const enabled = emission.take(...place, 'rdma', 'enabled');
  if (enabled !== undefined) {
    emission.command(`${enabled.value === true ? 'Enable' : 'Disable'}-NetAdapterRdma -Name ${quoted(alias)}`, enabled);
    emission.verify(`Get-NetAdapterRdma -Name ${quoted(alias)}`, enabled.value === true ? 'True' : 'False');
  }
  emission.refuse('What RDMA traffic gets is said by a policy for its port (`policies`: net-direct:445).', ...place, 'rdma', 'priority');
  emission.refuse('Only drivers have a word for it.', ...place, 'rdma', 'dscp');
  emission.refuse('Only drivers have a word for it.', ...place, 'rdma', 'ecn');
}

function vendorOf(emission: Emission, nic: string): string | undefined {
  const host = emission.node.fabric.hosts.find(({ name }) => name === emission.node.name);
  return host?.machine.adapters.find(({ ports }) => ports.some(({ text }) => text === nic))?.model.vendor;
}

const SWITCHES: Readonly<Record<string, string>> = {
  checksum: 'NetAdapterChecksumOffload',
  largeSend: 'NetAdapterLso',
  largeReceive: 'NetAdapterRsc',
  receiveScaling: 'NetAdapterRss',
  virtualQueues: 'NetAdapterVmq',
  encapsulated: 'NetAdapterEncapsulatedPacketTaskOffload',
};

function emitOffloads(emission: Emission, place: Key, alias: string): void {
  for (const [name, noun] of Object.entries(SWITCHES)) {
    const setting = emission.take(...place, 'offloads', name);
    if (setting !== undefined) emission.command(`${setting.value === true ? 'Enable' : 'Disable'}-${noun} -Name ${quoted(alias)}`, setting);
  }
  const queues = emission.take(...place, 'offloads', 'receiveQueues');
  if (queues !== undefined)
    emission.command(`Set-NetAdapterRss -Name ${quoted(alias)} -NumberOfReceiveQueues ${String(queues.value)}`, queues);
  for (const [name, keyword] of [
    ['interruptModeration', '*InterruptModeration'],
    ['receiveBuffers', '*ReceiveBuffers'],
    ['sendBuffers', '*TransmitBuffers'],
  ] as const) {
    const setting = emission.take(...place, 'offloads', name);
    if (setting !== undefined) emission.command(property(alias, keyword, Number(setting.value)), setting);
  }
  emission.refuseAll('Windows has no cmdlet for it.', ...place, 'offloads');
}

/** After everything that makes interfaces. */
export function emitAddresses(emission: Emission): void {
  for (const place of places(emission)) {
    const alias = quoted(aliasOf(emission, place));
    const setting = emission.setting(...place, 'addresses');
    if (emission.isRefused(...place, 'present')) continue;
    for (const written of (emission.take(...place, 'addresses')?.value ?? []) as readonly string[]) {
      const [address, bits] = written.split('/') as [string, string];
      emission.command(`New-NetIPAddress -InterfaceAlias ${alias} -IPAddress ${address} -PrefixLength ${bits}`, setting);
    }
    if (setting !== undefined)
      emission.verify(
        `Get-NetIPAddress -InterfaceAlias ${alias}`,
        ...(setting.value as readonly string[]).map((text) => text.split('/')[0]!),
      );
    const dhcp = emission.take(...place, 'dhcp');
    if (dhcp !== undefined) emission.command(`Set-NetIPInterface -InterfaceAlias ${alias} -AddressFamily IPv4 -Dhcp Enabled`, dhcp);
    const advertised = emission.take(...place, 'autoconfigure');
    if (advertised !== undefined)
      emission.command(`Set-NetIPInterface -InterfaceAlias ${alias} -AddressFamily IPv6 -RouterDiscovery Enabled`, advertised);
  }
  emitRoutes(emission);
}

/** All that may have addresses. */
function places(emission: Emission): Key[] {
  const results: Key[] = [];
  for (const section of ['nics', 'teams', 'virtualNics'])
    for (const name of emission.names(section)) {
      results.push([section, name]);
      for (const vlan of emission.names(section, name, 'vlans')) results.push([section, name, 'vlans', vlan]);
    }
  return results;
}

/** A route of Windows is one of an interface: of that in whose network the router is. */
function emitRoutes(emission: Emission): void {
  const routes = emission.setting('routes');
  const written = ((routes?.value ?? []) as readonly string[]).map((text) => text.split(' via ') as [string, string]);
  const through = written.map(([, via]) => places(emission).find((place) => reaches(emission, place, via)));
  if (through.includes(undefined)) emission.refuse('No interface here is in the network of a router.', 'routes');
  else emission.take('routes');
  for (const [index, [to, via]] of written.entries())
    if (through[index] !== undefined && !through.includes(undefined))
      emission.command(
        `New-NetRoute -DestinationPrefix ${to} -NextHop ${via} -InterfaceAlias ${quoted(aliasOf(emission, through[index]))}`,
        routes,
      );
}

function reaches(emission: Emission, place: Key, via: string): boolean {
  const router = parseAddress(via);
  return ((emission.peek(...place, 'addresses') ?? []) as readonly string[]).some((text) => {
    const parsed = parseInterfaceAddress(text);
    return (
      router !== undefined &&
      !isMistake(parsed) &&
      isIpv4(parsed.value.address) === isIpv4(router) &&
      inPrefix(router, parsed.value.address, parsed.value.bits) &&
      formatIp(router) !== formatIp(parsed.value.address)
    );
  });
}
