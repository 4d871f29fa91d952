/**
 * Advanced properties of adapters: the standardized keywords of Microsoft ("Standardized INF Keywords for Network Devices"), what vendors call them
 * in their drivers, and what their values mean. Drivers print values as words (`Rx & Tx Enabled`), the registry has numbers.
 *
 * Jumbo packets are counted with the 14 bytes of the Ethernet header, as the standardized keyword is. Some drivers leave them out (Mellanox WinOF):
 * there 1500 and 9000 stand where others have 1514 and 9014. Nobody means a packet of 1486 or 8986 bytes, so both are read as what they say.
 */
import { formatMac, parseMac } from '../../wire/ethernet/mac.ts';
import type { SettingValue } from '../core/setting.ts';

export const ETHERNET_HEADER_BYTES = 14;

export interface Property {
  /** Below the adapter port; several properties may say one setting (IPv4 and IPv6). */
  readonly key: readonly string[];
  /** `null`: nothing is set (`--`, `Auto`); undefined: nobody knows what it means. */
  read(value: string): SettingValue | null | undefined;
}

interface Known {
  readonly keywords: readonly string[];
  readonly names: readonly string[];
  readonly property: Property | undefined;
}

const lookup =
  (words: Readonly<Record<string, SettingValue | null>>) =>
  (value: string): SettingValue | null | undefined =>
    words[value.toLowerCase()];

const switchable = lookup({ enabled: true, disabled: false, '1': true, '0': false, on: true, off: false });
/** Direction of an offload: in one only is neither yes nor no. */
const bothWays = lookup({ 'rx & tx enabled': true, 'tx & rx enabled': true, enabled: true, disabled: false, '3': true, '0': false });
const whole =
  (least: number, most: number) =>
  (value: string): SettingValue | undefined =>
    /^\d{1,6}$/.test(value) && Number(value) >= least && Number(value) <= most ? Number(value) : undefined;

function mtuOfJumbo(value: string): number | null | undefined {
  if (/^disabled$/i.test(value)) return 1500;
  const match = /^(\d{3,5})(?: bytes)?$/i.exec(value);
  if (match === null) return undefined;
  const bytes = Number(match[1]);
  return bytes === 1500 || bytes === 9000 ? bytes : bytes - ETHERNET_HEADER_BYTES;
}

const SPEEDS: Readonly<Record<string, number>> = { gbps: 1e9, mbps: 1e6 };

function speedOf(value: string): number | null | undefined {
  if (/^auto/i.test(value) || value === '0') return null;
  const match = /^(\d{1,3}(?:\.\d)?) ?([GM]bps) Full[ -]?Duplex$/i.exec(value);
  return match === null ? undefined : Number(match[1]) * SPEEDS[match[2]!.toLowerCase()]!;
}

const kinds = lookup({
  iwarp: 'iwarp',
  infiniband: 'infiniband',
  roce: 'roce-v1',
  rocev1: 'roce-v1',
  'roce v1': 'roce-v1',
  rocev2: 'roce-v2',
  'roce v2': 'roce-v2',
  '1': 'iwarp',
  '2': 'infiniband',
  '3': 'roce-v1',
  '4': 'roce-v2',
});

const flowControls = lookup({
  disabled: 'none',
  none: 'none',
  'tx enabled': 'send',
  'rx enabled': 'receive',
  'rx & tx enabled': 'both',
  'tx & rx enabled': 'both',
  'auto negotiation': 'auto',
  'auto-negotiation': 'auto',
  '0': 'none',
  '1': 'send',
  '2': 'receive',
  '3': 'both',
  '4': 'auto',
});

const address = (value: string): SettingValue | null | undefined => {
  if (value === '' || value === '--' || /^not present$/i.test(value)) return null;
  const mac = parseMac(/^[0-9a-fA-F]{12}$/.test(value) ? value.replace(/(..)(?=.)/g, '$1:') : value.replaceAll('-', ':'));
  return mac === undefined ? undefined : formatMac(mac);
};

const say = (keywords: readonly string[], names: readonly string[], key: readonly string[], read: Property['read']): Known => ({
  keywords,
  names,
  property: { key, read },
});
const nothing = (names: readonly string[], keywords: readonly string[] = []): Known => ({ keywords, names, property: undefined });

const KNOWN: readonly Known[] = [
  say(['*FlowControl'], ['Flow Control'], ['flowControl'], flowControls),
  say(['*JumboPacket'], ['Jumbo Packet', 'Jumbo Frame', 'Jumbo Mtu'], ['mtu'], mtuOfJumbo),
  say(['VlanID', 'VLAN_ID'], ['VLAN ID'], ['vlan'], whole(0, 4094)),
  say(['*NetworkDirect'], ['NetworkDirect Functionality', 'NetworkDirect'], ['rdma', 'enabled'], switchable),
  say(['*NetworkDirectTechnology'], ['NetworkDirect Technology', 'RoCE Mode'], ['rdma', 'kind'], kinds),
  say(
    ['*RoceMaxFrameSize', 'RoceMaxFrameSize'],
    ['R/RoCE Max Frame Size', 'NetworkDirect Mtu Size', 'NetworkDirect MTU'],
    ['rdma', 'mtu'],
    (value) => (/^auto/i.test(value) ? null : [256, 512, 1024, 2048, 4096].find((bytes) => String(bytes) === value)),
  ),
  say(['*EncapOverhead'], ['Encapsulation Overhead', 'EncapOverhead', 'Encap Overhead'], ['encapsulationOverhead'], whole(0, 480)),
  say(['*SRIOV'], ['SR-IOV'], ['sriov', 'functions'], lookup({ disabled: 0, '0': 0 })),
  say(['*QOS'], ['Quality Of Service', 'QOS'], ['qos'], switchable),
  say(['*SpeedDuplex'], ['Speed & Duplex', 'Link Speed'], ['speed'], speedOf),
  say(['NetworkAddress'], ['Network Address', 'Locally Administered Address'], ['mac'], address),
  say(['*IPChecksumOffloadIPv4'], ['IPv4 Checksum Offload'], ['offloads', 'checksum'], bothWays),
  say(['*TCPUDPChecksumOffloadIPv4'], ['TCP/UDP Checksum Offload (IPv4)'], ['offloads', 'checksum'], bothWays),
  say(['*TCPUDPChecksumOffloadIPv6'], ['TCP/UDP Checksum Offload (IPv6)'], ['offloads', 'checksum'], bothWays),
  say(['*TCPChecksumOffloadIPv4'], ['TCP Checksum Offload (IPv4)'], ['offloads', 'checksum'], bothWays),
  say(['*TCPChecksumOffloadIPv6'], ['TCP Checksum Offload (IPv6)'], ['offloads', 'checksum'], bothWays),
  say(['*UDPChecksumOffloadIPv4'], ['UDP Checksum Offload (IPv4)'], ['offloads', 'checksum'], bothWays),
  say(['*UDPChecksumOffloadIPv6'], ['UDP Checksum Offload (IPv6)'], ['offloads', 'checksum'], bothWays),
  say(['*LsoV2IPv4'], ['Large Send Offload V2 (IPv4)', 'Large Send Offload Version 2 (IPv4)'], ['offloads', 'largeSend'], switchable),
  say(['*LsoV2IPv6'], ['Large Send Offload V2 (IPv6)', 'Large Send Offload Version 2 (IPv6)'], ['offloads', 'largeSend'], switchable),
  say(['*RscIPv4'], ['Recv Segment Coalescing (IPv4)'], ['offloads', 'largeReceive'], switchable),
  say(['*RscIPv6'], ['Recv Segment Coalescing (IPv6)'], ['offloads', 'largeReceive'], switchable),
  say(['*RSS'], ['Receive Side Scaling'], ['offloads', 'receiveScaling'], switchable),
  say(['*NumRssQueues'], ['Maximum Number of RSS Queues'], ['offloads', 'receiveQueues'], whole(1, 256)),
  say(['*VMQ'], ['Virtual Machine Queues'], ['offloads', 'virtualQueues'], switchable),
  say(['*EncapsulatedPacketTaskOffload'], ['Encapsulated Task Offload'], ['offloads', 'encapsulated'], switchable),
  say(['*InterruptModeration'], ['Interrupt Moderation'], ['offloads', 'interruptModeration'], switchable),
  say(['*ReceiveBuffers'], ['Receive Buffers', 'Receive Buffers (0=Auto)'], ['offloads', 'receiveBuffers'], whole(1, 65_536)),
  say(
    ['*TransmitBuffers'],
    ['Send Buffers', 'Transmit Buffers', 'Transmit Buffers (0=Auto)'],
    ['offloads', 'sendBuffers'],
    whole(1, 65_536),
  ),
  nothing(['Priority & Vlan Tag', 'Priority & VLAN', 'Packet Priority & VLAN'], ['*PriorityVLANTag']),
  nothing([
    'Maximum number of RSS Processors',
    'RSS Base Processor Number',
    'RSS Maximum Processor Number',
    'RSS Load Balancing Profile',
    'RSSProfile',
  ]),
  nothing(['Preferred NUMA Node', 'NUMA node ID', 'VMQ VLAN Filtering', 'Receive Completion Method', 'Link control']),
  nothing(['Rx Interrupt Moderation Type', 'Rx Interrupt Moderation Profile', 'Tx Interrupt Moderation Profile']),
  nothing(['NVGRE Encapsulated Task Offload', 'VXLAN Encapsulated Task Offload', 'VXLAN UDP destination port number']),
];

export type Recognised =
  | { readonly kind: 'property'; readonly property: Property }
  /** Known, and the fabric file has no word for it. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'ambiguous'; readonly names: readonly string[] }
  | { readonly kind: 'unknown' };

export const propertyOfKeyword = (keyword: string): Recognised =>
  found(KNOWN.filter(({ keywords }) => keywords.some((one) => one.toLowerCase() === keyword.toLowerCase())));

/** A cell that PowerShell cut short ends in dots: it may be the beginning of several. */
export function propertyOfName(name: string): Recognised {
  const cutShort = /(?:\.\.\.|…)$/.exec(name);
  if (cutShort === null) return found(KNOWN.filter(({ names }) => names.some((one) => one.toLowerCase() === name.toLowerCase())));
  const begin = name.slice(0, cutShort.index).trimEnd().toLowerCase();
  return found(begin.length < 4 ? [] : KNOWN.filter(({ names }) => names.some((one) => one.toLowerCase().startsWith(begin))), begin);
}

function found(known: readonly Known[], begin?: string): Recognised {
  const [first] = known;
  if (first === undefined) return { kind: 'unknown' };
  const keys = new Set(known.map(({ property }) => property?.key.join('.') ?? ''));
  if (keys.size > 1) {
    const names = known.flatMap((one) => one.names.filter((name) => begin === undefined || name.toLowerCase().startsWith(begin)));
    return { kind: 'ambiguous', names };
  }
  return first.property === undefined ? { kind: 'nothing' } : { kind: 'property', property: first.property };
}
