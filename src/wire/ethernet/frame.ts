/**
 * Ethernet frames as they stand between preamble and frame check sequence (IEEE 802.3 §3.2), with the tags of IEEE 802.1Q §9. Fields are
 * read at their offsets; nothing is copied.
 */
import { be16, be48, DecodeError, putBe16, putBe48 } from '../../base/bytes.ts';
import type { Mac } from './mac.ts';

export const ETHERNET_HEADER_BYTES = 14;
export const TAG_BYTES = 4;
/** Without the frame check sequence. Shorter frames are padded on the wire (IEEE 802.3 §3.2.8). */
export const FRAME_BYTES_MIN = 60;
/** What a frame takes on the wire beside its bytes: preamble and start delimiter 8, check sequence 4, gap 12. */
export const WIRE_OVERHEAD_BYTES = 24;
export const CHECK_SEQUENCE_BYTES = 4;
/** Preamble and start delimiter. */
export const PREAMBLE_BYTES = 8;
/** The gap behind each frame (IEEE 802.3 §4.4.2): the frame has arrived before it. */
export const GAP_BITS = 96;

export const TYPE_IPV4 = 0x0800;
export const TYPE_ARP = 0x0806;
/** Customer VLAN tag, and the service tag of a provider bridge (QinQ). */
export const TYPE_VLAN = 0x8100;
export const TYPE_SERVICE_VLAN = 0x88a8;
export const TYPE_IPV6 = 0x86dd;
export const TYPE_MAC_CONTROL = 0x8808;
export const TYPE_FCOE = 0x8906;
export const TYPE_FIP = 0x8914;
export const TYPE_ROCE = 0x8915;
export const TYPE_LLDP = 0x88cc;

/** Values up to here are a length, and an LLC header follows (IEEE 802.3 §3.2.6). */
export const LENGTH_MAX = 1500;
export const TYPE_MIN = 0x0600;

export const destinationMac = (frame: Uint8Array, at = 0): Mac => be48(frame, at);
export const sourceMac = (frame: Uint8Array, at = 0): Mac => be48(frame, at + 6);
/** EtherType or length, as it stands behind the addresses: a tag's own type where there is one. */
export const outerType = (frame: Uint8Array, at = 0): number => be16(frame, at + 12);

export const isTagType = (type: number): boolean => type === TYPE_VLAN || type === TYPE_SERVICE_VLAN;

/** Tag control information (IEEE 802.1Q §9.6): 3 bits priority, 1 bit drop eligible, 12 bits VLAN identifier. */
export const tagControl = (frame: Uint8Array, at = 0): number => be16(frame, at + 14);
export const vlanOf = (control: number): number => control & 0x0fff;
export const priorityOf = (control: number): number => control >>> 13;
export const dropEligible = (control: number): boolean => (control & 0x1000) !== 0;
export const tagControlOf = (vlan: number, priority = 0, eligible = false): number => (priority << 13) | (eligible ? 0x1000 : 0) | vlan;

/** Priority tag: carries a priority and no VLAN. */
export const VLAN_PRIORITY_ONLY = 0;
export const VLAN_MAX = 4094;

/** One tag more in front of what the frame says of itself: a copy, to `tagged`. */
export function pushTag(
  frame: Uint8Array,
  control: number,
  type: number = TYPE_VLAN,
  tagged: Uint8Array = new Uint8Array(frame.length + TAG_BYTES),
): Uint8Array {
  // All of it four bytes on, and the addresses once more: that is without views, which cost more than the bytes.
  tagged.set(frame, TAG_BYTES);
  copyAddresses(frame, tagged);
  putBe16(tagged, 12, type);
  putBe16(tagged, 14, control);
  return tagged;
}

/** Without its outermost tag: a copy, to `untagged`. */
export function popTag(frame: Uint8Array, untagged: Uint8Array = new Uint8Array(frame.length - TAG_BYTES)): Uint8Array {
  untagged.set(frame.subarray(TAG_BYTES));
  copyAddresses(frame, untagged);
  return untagged;
}

function copyAddresses(from: Uint8Array, to: Uint8Array): void {
  for (let at = 0; at < 12; at += 1) to[at] = from[at]!;
}

export interface EthernetTag {
  readonly type: number;
  readonly vlan: number;
  readonly priority: number;
  readonly dropEligible: boolean;
}

/** LLC (IEEE 802.2), and SNAP where the service access points say so (IEEE 802 §9.2). */
export interface LogicalLinkControl {
  readonly destination: number;
  readonly source: number;
  readonly control: number;
  readonly snap: { readonly organization: number; readonly protocol: number } | undefined;
}

export interface EthernetFrame {
  readonly destination: Mac;
  readonly source: Mac;
  readonly tags: readonly EthernetTag[];
  /** EtherType behind all tags; undefined in an 802.3 frame, which has a length there. */
  readonly type: number | undefined;
  readonly llc: LogicalLinkControl | undefined;
  /** Where the payload stands, and where it ends (an 802.3 length leaves the padding out). */
  readonly payloadAt: number;
  readonly payloadEnd: number;
}

/** Tags one frame may carry; more are nobody's intention. */
const TAGS_MAX = 4;

/** Throws DecodeError. */
export function decodeEthernet(frame: Uint8Array, at = 0, end = frame.length): EthernetFrame {
  if (end - at < ETHERNET_HEADER_BYTES) throw new DecodeError('ethernet', at, `${end - at} bytes are no frame`);
  const tags: EthernetTag[] = [];
  let typeAt = at + 12;
  let type = be16(frame, typeAt);
  while (isTagType(type)) {
    if (tags.length === TAGS_MAX) throw new DecodeError('ethernet', typeAt, 'too many tags');
    if (typeAt + TAG_BYTES + 2 > end) throw new DecodeError('ethernet', typeAt, 'truncated tag');
    const control = be16(frame, typeAt + 2);
    tags.push({ type, vlan: vlanOf(control), priority: priorityOf(control), dropEligible: dropEligible(control) });
    typeAt += TAG_BYTES;
    type = be16(frame, typeAt);
  }
  const common = { destination: destinationMac(frame, at), source: sourceMac(frame, at), tags };
  const behind = typeAt + 2;
  if (type >= TYPE_MIN) return { ...common, type, llc: undefined, payloadAt: behind, payloadEnd: end };
  // IEEE 802.3 §3.2.6: 1501 to 1535 are neither a length nor a type.
  if (type > LENGTH_MAX) throw new DecodeError('ethernet', typeAt, `${type} is neither a length nor a type`);
  if (behind + type > end) throw new DecodeError('ethernet', typeAt, `a length of ${type} in ${end - behind} bytes`);
  return { ...common, type: undefined, ...decodeLlc(frame, behind, behind + type) };
}

const SNAP = 0xaa;

function decodeLlc(
  frame: Uint8Array,
  at: number,
  end: number,
): { readonly llc: LogicalLinkControl; readonly payloadAt: number; readonly payloadEnd: number } {
  if (end - at < 3) throw new DecodeError('llc', at, 'truncated header');
  const [destination, source, control] = [frame[at]!, frame[at + 1]!, frame[at + 2]!];
  if (destination !== SNAP || source !== SNAP || control !== 3)
    return { llc: { destination, source, control, snap: undefined }, payloadAt: at + 3, payloadEnd: end };
  if (end - at < 8) throw new DecodeError('llc', at, 'truncated SNAP header');
  const snap = { organization: (frame[at + 3]! << 16) | be16(frame, at + 4), protocol: be16(frame, at + 6) };
  return { llc: { destination, source, control, snap }, payloadAt: at + 8, payloadEnd: end };
}

/** Writes an untagged header at `at`; the payload goes 14 bytes behind. */
export function putEthernet(frame: Uint8Array, at: number, destination: Mac, source: Mac, type: number): void {
  putBe48(frame, at, destination);
  putBe48(frame, at + 6, source);
  putBe16(frame, at + 12, type);
}

/** Bits that a frame of `bytes` (without check sequence) takes on a wire, its overhead included. */
export const wireBits = (bytes: number): number => (Math.max(bytes, FRAME_BYTES_MIN) + WIRE_OVERHEAD_BYTES) * 8;
