/**
 * One line a frame (IEEE 802.3, RFC 791, RFC 8200, RFC 9293), in the words of tcpdump with `-nn -S`: those who read captures know them.
 * Never throws.
 */
import { be16, be32, DecodeError } from '../../base/bytes.ts';
import { ARP_BYTES, ARP_REPLY, ARP_REQUEST, decodeArp } from '../ethernet/arp.ts';
import { decodeEthernet, TYPE_ARP, TYPE_IPV4, TYPE_IPV6, TYPE_LLDP } from '../ethernet/frame.ts';
import { decodeLldp } from '../ethernet/lldp.ts';
import { formatMac } from '../ethernet/mac.ts';
import { formatIp } from './address.ts';
import { pseudoHeaderSum } from './checksum.ts';
import { decodeDhcp, DHCP_CLIENT_PORT, DHCP_SERVER_PORT } from './dhcp.ts';
import * as icmp from './icmp.ts';
import { decodeIgmp } from './igmp.ts';
import {
  decodeIpv4,
  IPV4_DESTINATION_AT,
  IPV4_SOURCE_AT,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_IGMP,
  PROTOCOL_TCP,
  PROTOCOL_UDP,
} from './ipv4.ts';
import { decodeIpv6, IPV6_HEADER_BYTES, IPV6_SOURCE_AT } from './ipv6.ts';
import * as nd from './neighbor.ts';
import { decodeTcp, TCP_HEADER_BYTES } from './tcp.ts';
import { decodeUdp } from './udp.ts';

/** What stands in the frame, as far as it can be understood; where it can't, that is what the line says. */
export function describeFrame(frame: Uint8Array): string {
  return safely(() => {
    const { source, destination, tags, type, llc, payloadAt, payloadEnd } = decodeEthernet(frame);
    const prefix = tags.map(({ vlan, priority }) => `vlan ${vlan}, p ${priority}, `).join('');
    const between = `${formatMac(source)} > ${formatMac(destination)}`;
    if (type === TYPE_ARP) return prefix + describeArp(frame, payloadAt, payloadEnd);
    if (type === TYPE_IPV4) return prefix + describeIpv4(frame, payloadAt, payloadEnd);
    if (type === TYPE_IPV6) return prefix + describeIpv6(frame, payloadAt, payloadEnd);
    if (type === TYPE_LLDP) return `${prefix}LLDP, length ${payloadEnd - payloadAt}${systemOf(frame, payloadAt, payloadEnd)}`;
    const what = type === undefined ? `LLC dsap 0x${hex2(llc!.destination)}` : `ethertype 0x${type.toString(16).padStart(4, '0')}`;
    return `${prefix}${between}, ${what}, length ${payloadEnd - payloadAt}`;
  });
}

const hex2 = (value: number): string => value.toString(16).padStart(2, '0');

function safely(describe: () => string): string {
  try {
    return describe();
  } catch (error) {
    if (error instanceof DecodeError) return `malformed ${error.message}`;
    throw error;
  }
}

function systemOf(frame: Uint8Array, at: number, end: number): string {
  const { systemName } = decodeLldp(frame, at, end);
  return systemName === undefined ? '' : `: ${systemName}`;
}

function describeArp(frame: Uint8Array, at: number, end: number): string {
  const { operation, senderMac, senderAddress, targetAddress } = decodeArp(frame, at, end);
  const length = `length ${ARP_BYTES}`;
  if (operation === ARP_REQUEST) return `ARP, Request who-has ${formatIp(targetAddress)} tell ${formatIp(senderAddress)}, ${length}`;
  if (operation === ARP_REPLY) return `ARP, Reply ${formatIp(senderAddress)} is-at ${formatMac(senderMac)}, ${length}`;
  return `ARP, operation ${operation}, ${length}`;
}

/** Addresses in front of the ports, what the payload is, and whose protocol it is. */
interface Inside {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly at: number;
  readonly end: number;
  readonly pseudo: number;
}

export function describeIpv4(frame: Uint8Array, at: number, end: number): string {
  const packet = decodeIpv4(frame, at, end);
  const { protocol, payloadAt, payloadEnd, fragmentOffset, moreFragments } = packet;
  const source = formatIp(packet.source);
  const destination = formatIp(packet.destination);
  if (fragmentOffset !== 0) return `IP ${source} > ${destination}: ip-proto-${protocol}, fragment at ${fragmentOffset}`;
  if (moreFragments) return `IP ${source} > ${destination}: ip-proto-${protocol}, first fragment, length ${payloadEnd - payloadAt}`;
  const pseudo = pseudoHeaderSum(frame, at + IPV4_SOURCE_AT, IPV4_DESTINATION_AT - IPV4_SOURCE_AT, protocol, payloadEnd - payloadAt);
  return `IP ${describeInside(frame, { source, destination, protocol, at: payloadAt, end: payloadEnd, pseudo })}`;
}

export function describeIpv6(frame: Uint8Array, at: number, end: number): string {
  const { source, destination, protocol, fragment, payloadAt, payloadEnd } = decodeIpv6(frame, at, end);
  const [from, to] = [formatIp(source), formatIp(destination)];
  const length = payloadEnd - payloadAt;
  if (fragment !== undefined && (fragment.offset !== 0 || fragment.more)) return `IP6 ${from} > ${to}: frag (${fragment.offset}|${length})`;
  const extra = payloadAt === at + IPV6_HEADER_BYTES ? '' : 'HBH ';
  const pseudo = pseudoHeaderSum(frame, at + IPV6_SOURCE_AT, 16, protocol, length);
  return `IP6 ${describeInside(frame, { source: from, destination: to, protocol, at: payloadAt, end: payloadEnd, pseudo }, extra)}`;
}

function describeInside(frame: Uint8Array, inside: Inside, extra = ''): string {
  const { source, destination, protocol, at, end } = inside;
  const between = `${source} > ${destination}: ${extra}`;
  return safely(() => {
    if (protocol === PROTOCOL_TCP) return describeTcp(frame, inside);
    if (protocol === PROTOCOL_UDP) return describeUdp(frame, inside);
    if (protocol === PROTOCOL_ICMP) return between + describeIcmp(frame, at, end);
    if (protocol === PROTOCOL_ICMPV6) return between + describeIcmpv6(frame, inside);
    if (protocol === PROTOCOL_IGMP) return between + describeIgmp(frame, at, end);
    return `${between}ip-proto-${protocol} ${end - at}`;
  });
}

function describeUdp(frame: Uint8Array, { source, destination, at, end, pseudo }: Inside): string {
  const udp = decodeUdp(frame, at, end, pseudo);
  const { sourcePort, destinationPort, payloadAt, payloadEnd } = udp;
  const between = `${source}.${sourcePort} > ${destination}.${destinationPort}: `;
  const ports = [sourcePort, destinationPort];
  const length = payloadEnd - payloadAt;
  if (ports.includes(DHCP_SERVER_PORT) && (ports.includes(DHCP_CLIENT_PORT) || sourcePort === destinationPort)) {
    const { request, clientMac } = decodeDhcp(frame, payloadAt, payloadEnd);
    return `${between}BOOTP/DHCP, ${request ? `Request from ${formatMac(clientMac)}` : 'Reply'}, length ${length}`;
  }
  return `${between}UDP, length ${length}`;
}

const FLAG_LETTERS = 'FSRP.UEW';

function describeTcp(frame: Uint8Array, { source, destination, at, end, pseudo }: Inside): string {
  const { sourcePort, destinationPort, sequence, acknowledgment, flags, window, urgentPointer, payloadAt, payloadEnd } = decodeTcp(
    frame,
    at,
    end,
    pseudo,
  );
  const length = payloadEnd - payloadAt;
  const letters = [...FLAG_LETTERS].filter((_, bit) => (flags & (1 << bit)) !== 0).join('');
  const parts = [`Flags [${letters === '' ? 'none' : letters}]`];
  // As tcpdump does: a sequence number where it takes one, a range where there is data.
  if (length > 0) parts.push(`seq ${sequence}:${(sequence + length) >>> 0}`);
  else if ((flags & 0x07) !== 0) parts.push(`seq ${sequence}`);
  if ((flags & 0x10) !== 0) parts.push(`ack ${acknowledgment}`);
  parts.push(`win ${window}`);
  if ((flags & 0x20) !== 0) parts.push(`urg ${urgentPointer}`);
  const options = describeOptions(frame, at + TCP_HEADER_BYTES, payloadAt);
  if (options !== '') parts.push(`options [${options}]`);
  parts.push(`length ${length}`);
  return `${source}.${sourcePort} > ${destination}.${destinationPort}: ${parts.join(', ')}`;
}

function describeOptions(frame: Uint8Array, start: number, end: number): string {
  const words: string[] = [];
  for (let at = start; at < end; ) {
    const kind = frame[at]!;
    if (kind === 0) {
      words.push('eol');
      break;
    }
    if (kind === 1) {
      words.push('nop');
      at += 1;
      continue;
    }
    const bytes = at + 1 < end ? frame[at + 1]! : 0;
    if (bytes < 2 || at + bytes > end) {
      words.push('bad opt');
      break;
    }
    if (kind === 2 && bytes === 4) words.push(`mss ${be16(frame, at + 2)}`);
    else if (kind === 3 && bytes === 3) words.push(`wscale ${frame[at + 2]}`);
    else if (kind === 4 && bytes === 2) words.push('sackOK');
    else if (kind === 5 && bytes % 8 === 2) {
      const blocks = Array.from({ length: (bytes - 2) / 8 }, (_, n) => `{${be32(frame, at + 2 + n * 8)}:${be32(frame, at + 6 + n * 8)}}`);
      words.push(`sack ${blocks.length} ${blocks.join('')}`);
    } else if (kind === 8 && bytes === 10) words.push(`TS val ${be32(frame, at + 2)} ecr ${be32(frame, at + 6)}`);
    else words.push(`unknown-${kind}`);
    at += bytes;
  }
  return words.join(',');
}

function describeIcmp(frame: Uint8Array, at: number, end: number): string {
  const { type, code, rest, bodyAt } = icmp.decodeIcmp(frame, at, end);
  const length = `length ${end - at}`;
  const numbers = `id ${icmp.echoIdentifier(rest)}, seq ${icmp.echoSequence(rest)}`;
  if (type === icmp.ICMP_ECHO_REQUEST) return `ICMP echo request, ${numbers}, ${length}`;
  if (type === icmp.ICMP_ECHO_REPLY) return `ICMP echo reply, ${numbers}, ${length}`;
  if (type === icmp.ICMP_UNREACHABLE && end - bodyAt >= 28) {
    const to = formatIp(frame, bodyAt + IPV4_DESTINATION_AT, 4);
    const inner = bodyAt + ((frame[bodyAt]! & 0x0f) << 2);
    const port = inner + 4 <= end ? be16(frame, inner + 2) : 0;
    const protocol = frame[bodyAt + 9] === PROTOCOL_UDP ? 'udp' : 'tcp';
    if (code === icmp.UNREACHABLE_PORT) return `ICMP ${to} ${protocol} port ${port} unreachable, ${length}`;
    if (code === icmp.FRAGMENTATION_NEEDED) return `ICMP ${to} unreachable - need to frag (mtu ${icmp.nextHopMtu(rest)}), ${length}`;
    const words = ['net', 'host', `protocol ${frame[bodyAt + 9]}`][code];
    return words === undefined ? `ICMP ${to} unreachable - code ${code}, ${length}` : `ICMP ${words} ${to} unreachable, ${length}`;
  }
  if (type === icmp.ICMP_TIME_EXCEEDED) return `ICMP ${code === 0 ? 'time exceeded in-transit' : 'ip reassembly time exceeded'}, ${length}`;
  return `ICMP type ${type} code ${code}, ${length}`;
}

function describeIcmpv6(frame: Uint8Array, { at, end, pseudo }: Inside): string {
  const { type, code, rest, bodyAt, bodyEnd } = icmp.decodeIcmp(frame, at, end, pseudo);
  const length = `length ${end - at}`;
  const numbers = `id ${icmp.echoIdentifier(rest)}, seq ${icmp.echoSequence(rest)}`;
  switch (type) {
    case icmp.ICMPV6_ECHO_REQUEST:
      return `ICMP6, echo request, ${numbers}, ${length}`;
    case icmp.ICMPV6_ECHO_REPLY:
      return `ICMP6, echo reply, ${numbers}, ${length}`;
    case nd.ROUTER_SOLICITATION:
      return `ICMP6, router solicitation, ${length}`;
    case nd.ROUTER_ADVERTISEMENT:
      return `ICMP6, router advertisement, ${length}`;
    case nd.NEIGHBOR_SOLICITATION:
      return `ICMP6, neighbor solicitation, who has ${formatIp(nd.decodeNeighbor(frame, rest, bodyAt, bodyEnd).target)}, ${length}`;
    case nd.NEIGHBOR_ADVERTISEMENT:
      return `ICMP6, neighbor advertisement, tgt is ${formatIp(nd.decodeNeighbor(frame, rest, bodyAt, bodyEnd).target)}, ${length}`;
    case icmp.ICMPV6_PACKET_TOO_BIG:
      return `ICMP6, packet too big, mtu ${rest}, ${length}`;
    case icmp.ICMPV6_UNREACHABLE:
      return `ICMP6, destination unreachable, code ${code}, ${length}`;
    case icmp.ICMPV6_TIME_EXCEEDED:
      return `ICMP6, time exceeded, ${length}`;
    case 143:
      return `ICMP6, multicast listener report v2, ${rest & 0xffff} group record(s), ${length}`;
    default:
      return `ICMP6, type ${type} code ${code}, ${length}`;
  }
}

function describeIgmp(frame: Uint8Array, at: number, end: number): string {
  const message = decodeIgmp(frame, at, end);
  if (message.type === 'query') return `igmp query v${message.version}${message.group[0] === 0 ? '' : ` ${formatIp(message.group)}`}`;
  if (message.version === 3) return `igmp v3 report, ${message.records.length} group record(s)`;
  return message.type === 'leave' ? `igmp leave ${formatIp(message.group)}` : `igmp v${message.version} report ${formatIp(message.group)}`;
}
