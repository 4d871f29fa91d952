/**
 * Captures for a report: by default headers only. With payloads, of TCP only PDUs of iSCSI's full feature phase: a login's answers to challenges
 * (RFC 7143 §12.1.3) can be tried against passwords for as long as anybody likes, and what other protocols carry nobody knows.
 */
import { be16, be32, DecodeError, latin1 } from '../../base/bytes.ts';
import { decodeEthernet, TYPE_ARP, TYPE_IPV4, TYPE_IPV6, TYPE_LLDP } from '../../wire/ethernet/frame.ts';
import { decodeIpv4, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP } from '../../wire/ip/ipv4.ts';
import { decodeIpv6 } from '../../wire/ip/ipv6.ts';
import { SYN, TCP_HEADER_BYTES, tcpFlags, tcpHeaderBytes } from '../../wire/ip/tcp.ts';
import { UDP_HEADER_BYTES } from '../../wire/ip/udp.ts';

export interface RedactedCapture {
  readonly bytes: Uint8Array;
  readonly frames: number;
  /** Those that were cut, or blanked from some place on. */
  readonly changed: number;
}

/** pcapng (draft-ietf-opsawg-pcapng §4.3), little-endian, as our captures are. */
const ENHANCED_PACKET = 6;
const PACKET_AT = 28;
/** Of ICMP what its kinds have in common and numbers. */
const ICMP_BYTES = 8;
const DHCP_PORTS: readonly number[] = [67, 68];

/** `bytes` is one of our own captures, and may end anywhere. */
export function redactCapture(bytes: Uint8Array, keepsPayload: boolean): RedactedCapture {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const flows = new Map<string, Flow>();
  const pieces: Uint8Array[] = [];
  let [at, frames, changed] = [0, 0, 0];
  while (at + 12 <= bytes.length) {
    const length = view.getUint32(at + 4, true);
    if (length < 12 || length % 4 !== 0 || at + length > bytes.length) break;
    const block = bytes.subarray(at, at + length);
    if (view.getUint32(at, true) === ENHANCED_PACKET && length >= PACKET_AT + 4) {
      const captured = Math.min(view.getUint32(at + 20, true), length - PACKET_AT - 4);
      const frame = Uint8Array.from(block.subarray(PACKET_AT, PACKET_AT + captured));
      const kept = keepsPayload ? blankPayload(frame, flows) : headerBytes(frame);
      frames += 1;
      if (kept < captured) changed += 1;
      pieces.push(keepsPayload ? blankedBlock(block, frame, kept) : shorterBlock(block, captured, kept));
    } else pieces.push(block);
    at += length;
  }
  return { bytes: Buffer.concat(pieces), frames, changed };
}

function blankedBlock(block: Uint8Array, frame: Uint8Array, kept: number): Uint8Array {
  const copy = Uint8Array.from(block);
  copy.set(frame.subarray(0, kept), PACKET_AT);
  copy.fill(0, PACKET_AT + kept, PACKET_AT + frame.length);
  return copy;
}

const padded = (length: number): number => (length + 3) & ~3;

/** The length it had on the wire stays in its header. */
function shorterBlock(block: Uint8Array, captured: number, kept: number): Uint8Array {
  const rest = block.subarray(PACKET_AT + padded(captured), block.length - 4);
  const length = PACKET_AT + padded(kept) + rest.length + 4;
  const shorter = new Uint8Array(length);
  shorter.set(block.subarray(0, PACKET_AT + kept));
  shorter.set(rest, PACKET_AT + padded(kept));
  const view = new DataView(shorter.buffer);
  view.setUint32(4, length, true);
  view.setUint32(20, kept, true);
  view.setUint32(length - 4, length, true);
  return shorter;
}

interface Parts {
  /** Where the headers end. */
  readonly headers: number;
  readonly tcp?: { readonly at: number; readonly end: number; readonly flow: string };
  readonly isWhole?: boolean;
}

const headerBytes = (frame: Uint8Array): number => Math.min(partsOf(frame).headers, frame.length);

/** What can't be read is all payload, but for the addresses and the type. */
const ETHERNET_BYTES = 14;

function partsOf(frame: Uint8Array): Parts {
  try {
    const { type, payloadAt, payloadEnd } = decodeEthernet(frame);
    // Of what switches say to each other nothing is anybody's data.
    if (type === undefined || type === TYPE_ARP || type === TYPE_LLDP) return { headers: payloadEnd, isWhole: true };
    if (type === TYPE_IPV4) {
      const { protocol, payloadAt: at, payloadEnd: end, fragmentOffset, moreFragments, source, destination } = decodeIpv4(frame, payloadAt);
      return fragmentOffset !== 0 || moreFragments ? { headers: at } : upperParts(frame, protocol, at, end, source, destination);
    }
    if (type === TYPE_IPV6) {
      const { protocol, payloadAt: at, payloadEnd: end, fragment, source, destination } = decodeIpv6(frame, payloadAt);
      return fragment !== undefined ? { headers: at } : upperParts(frame, protocol, at, end, source, destination);
    }
    return { headers: payloadAt };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return { headers: ETHERNET_BYTES };
  }
}

function upperParts(frame: Uint8Array, protocol: number, at: number, end: number, source: Uint8Array, destination: Uint8Array): Parts {
  if (protocol === PROTOCOL_TCP && at + TCP_HEADER_BYTES <= end) {
    const ends = [`${latin1(source)} ${be16(frame, at)}`, `${latin1(destination)} ${be16(frame, at + 2)}`];
    const headers = Math.min(end, at + Math.max(TCP_HEADER_BYTES, tcpHeaderBytes(frame, at)));
    return { headers, tcp: { at, end, flow: ends.sort().join(' ') } };
  }
  if (protocol === PROTOCOL_UDP && at + UDP_HEADER_BYTES <= end)
    return { headers: at + UDP_HEADER_BYTES, isWhole: DHCP_PORTS.includes(be16(frame, at)) && DHCP_PORTS.includes(be16(frame, at + 2)) };
  if (protocol === PROTOCOL_ICMP || protocol === PROTOCOL_ICMPV6) return { headers: Math.min(end, at + ICMP_BYTES), isWhole: true };
  return { headers: at };
}

// ---- with payloads ----

interface Flow {
  /** Its login is over, or was before the capture began. */
  isFullFeature: boolean;
}

const LOGIN_REQUEST = 0x03;
const LOGIN_RESPONSE = 0x23;
const BASIC_HEADER_BYTES = 48;
/** Of a basic header segment; a text has none but between its keys. */
const ZEROS_MIN = 8;
const FULL_FEATURE_OPCODES: ReadonlySet<number> = new Set([
  0x00, 0x01, 0x02, 0x04, 0x05, 0x06, 0x10, 0x20, 0x21, 0x22, 0x24, 0x25, 0x26, 0x31, 0x32, 0x3f,
]);
const CHAP = Buffer.from('CHAP_');

/** How much of the frame may stay; the rest is blanked. */
function blankPayload(frame: Uint8Array, flows: Map<string, Flow>): number {
  const { headers, tcp, isWhole } = partsOf(frame);
  if (tcp === undefined) return isWhole === true ? frame.length : headers;
  let flow = flows.get(tcp.flow);
  if (flow === undefined || (tcpFlags(frame, tcp.at) & SYN) !== 0) flows.set(tcp.flow, (flow = { isFullFeature: false }));
  const payload = frame.subarray(headers, tcp.end);
  if (payload.length === 0) return frame.length;
  const opcode = payload[0]! & 0x3f;
  if (opcode === LOGIN_REQUEST || opcode === LOGIN_RESPONSE || Buffer.from(payload).includes(CHAP)) {
    if (endsLogin(payload)) flow.isFullFeature = true;
    return headers;
  }
  if (!flow.isFullFeature && isFullFeaturePdu(payload)) flow.isFullFeature = true;
  return flow.isFullFeature ? frame.length : headers;
}

/** RFC 7143 §11.13: transit to the full feature phase, with status class 0. */
const endsLogin = (payload: Uint8Array): boolean =>
  (payload[0]! & 0x3f) === LOGIN_RESPONSE && payload.length >= BASIC_HEADER_BYTES && (payload[1]! & 0x83) === 0x83 && payload[36] === 0;

/** The beginning of one; the middle of a login that was cut looks like a text. */
function isFullFeaturePdu(payload: Uint8Array): boolean {
  if (payload.length < BASIC_HEADER_BYTES || !FULL_FEATURE_OPCODES.has(payload[0]! & 0x3f) || payload[0]! >= 0x80) return false;
  const zeros = payload.subarray(0, BASIC_HEADER_BYTES).filter((byte) => byte === 0).length;
  // Long texts and additional headers are not looked at: a data segment has 24 bits.
  return zeros >= ZEROS_MIN && be32(payload, 4) >>> 24 === 0;
}
