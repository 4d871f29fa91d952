/** Real frames to spoil: those that others' stacks made, some that none of ours would send, and what the fabric itself sent lately. */
import { be16, putBe16, putBe32 } from '../../src/base/bytes.ts';
import { below, type Rng } from '../../src/base/rng.ts';
import { putEthernet, pushTag, tagControlOf, TYPE_IPV4, TYPE_IPV6, TYPE_SERVICE_VLAN } from '../../src/wire/ethernet/frame.ts';
import { ALL_BPDUS } from '../../src/wire/ethernet/testing/golden-bpdu.ts';
import { address, linkLocalOf } from '../../src/wire/ip/address.ts';
import { encodeIgmpV2, IGMP_QUERY, IGMP_V2_LEAVE, IGMP_V2_REPORT } from '../../src/wire/ip/igmp.ts';
import { encodeIpv4, ipv4Protocol, isIpv4Fragment } from '../../src/wire/ip/ipv4.ts';
import { encodeIpv6, walkIpv6 } from '../../src/wire/ip/ipv6.ts';
import { ROUTER_ADVERTISEMENT, routerAdvertisementBody, routerRest } from '../../src/wire/ip/neighbor.ts';
import * as golden from '../../src/wire/ip/testing/golden.ts';
import { encodeVxlan } from '../../src/wire/ip/vxlan.ts';
import { seal } from './frame-mutator.ts';

const A = address('192.0.2.1');
const B = address('192.0.2.2');
const A6 = address('2001:db8::1');
const B6 = address('2001:db8::2');
const LINK_LOCAL = linkLocalOf(0x0200_0000_0a01);
const MAC_A = 0x0200_0000_0a01;
const MAC_B = 0x0200_0000_0b02;
/** Of each kind of frame that was seen, so many are kept. */
const RECENT_MAX = 16;
const KINDS_MAX = 256;

function ipv4(
  protocol: number,
  payload: Uint8Array,
  more: { options?: Uint8Array; fragment?: number; timeToLive?: number } = {},
): Uint8Array {
  const header = 20 + (more.options?.length ?? 0);
  const frame = new Uint8Array(14 + header + payload.length);
  putEthernet(frame, 0, MAC_B, MAC_A, TYPE_IPV4);
  encodeIpv4({ timeToLive: 64, protocol, source: A, destination: B, identification: 77, ...more }, payload.length, frame, 14);
  frame.set(payload, 14 + header);
  seal(frame);
  return frame;
}

function ipv6(nextHeader: number, payload: Uint8Array, hopLimit = 64, source = A6): Uint8Array {
  const frame = new Uint8Array(54 + payload.length);
  putEthernet(frame, 0, MAC_B, MAC_A, TYPE_IPV6);
  encodeIpv6({ hopLimit, nextHeader, source, destination: B6 }, payload.length, frame, 14);
  frame.set(payload, 54);
  seal(frame);
  return frame;
}

/** UDP to a port, and the echo service's when nothing is said. */
function udp(payload: Uint8Array, port = 7): Uint8Array {
  const out = new Uint8Array(8 + payload.length);
  putBe16(out, 0, 5000);
  putBe16(out, 2, port);
  putBe16(out, 4, out.length);
  out.set(payload, 8);
  return out;
}

/** An ICMP error about the packet of a frame. */
function quoted(frame: Uint8Array, type: number, code: number): Uint8Array {
  return Uint8Array.of(type, code, 0, 0, 0, 0, 2, 0x40, ...frame.subarray(14, 14 + 80));
}

/** A router's, with every option there is. */
function advertisement(): Uint8Array {
  const prefix = { prefix: address('2001:db8:2::'), bits: 64, onLink: true, autonomous: true, validSeconds: 9000, preferredSeconds: 900 };
  const options = { sourceMac: MAC_A, targetMac: undefined, mtu: 1400, prefixes: [prefix, { ...prefix, bits: 48 }] };
  const flags = { hopLimit: 64, managed: true, other: true, lifetimeSeconds: 1800, reachableMilliseconds: 1, retransmitMilliseconds: 1 };
  const body = routerAdvertisementBody({ ...flags, options });
  const out = new Uint8Array(8 + body.length);
  out[0] = ROUTER_ADVERTISEMENT;
  putBe32(out, 4, routerRest(flags));
  out.set(body, 8);
  return out;
}

/** Options of every kind, and all extension headers (RFC 8200 §4). */
function strange(): Uint8Array[] {
  const data = udp(new Uint8Array(40));
  const inner = golden.echoRequest.frame;
  const tunnelled = new Uint8Array(8 + inner.length);
  encodeVxlan(42, tunnelled, 0);
  tunnelled.set(inner, 8);
  const hopByHop = Uint8Array.of(60, 0, 5, 2, 0, 0, 1, 0);
  const destination = Uint8Array.of(43, 1, 1, 4, 0, 0, 0, 0, 0x1e, 6, 1, 2, 3, 4, 5, 6);
  const routing = Uint8Array.of(44, 2, 0, 0, ...new Uint8Array(20));
  const fragment = Uint8Array.of(17, 0, 0, 0, 1, 2, 3, 4);
  const chain = Uint8Array.of(...hopByHop, ...destination, ...routing, ...fragment, ...data);
  const query = new Uint8Array(28);
  query.set([130, 0, 0, 0, 3, 0xe8]);
  const listener = Uint8Array.of(58, 0, 5, 2, 0, 0, 1, 0, ...query);
  return [
    ipv4(17, data, { options: Uint8Array.of(7, 11, 4, 1, 2, 3, 4, 0, 0, 0, 0, 1) }),
    ipv4(17, data, { options: Uint8Array.of(0x83, 7, 4, 192, 0, 2, 9, 0x44, 8, 5, 0, 0, 0, 0, 0, 0) }),
    ipv4(17, udp(tunnelled, 4789)),
    ...[0, 1, 2].map((piece) => ipv4(17, new Uint8Array(64).fill(piece), { fragment: (piece < 2 ? 0x2000 : 0) | (piece * 8) })),
    ...[IGMP_QUERY, IGMP_V2_REPORT, IGMP_V2_LEAVE].map((type) =>
      ipv4(2, encodeIgmpV2(type, 10, address('239.1.2.3')), { options: Uint8Array.of(0x94, 4, 0, 0), timeToLive: 1 }),
    ),
    ipv6(0, chain),
    ipv6(0, listener, 1, LINK_LOCAL),
    ipv6(58, advertisement(), 255, LINK_LOCAL),
    ipv6(58, Uint8Array.of(133, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 0, 0, 0, 0xa, 1), 255, LINK_LOCAL),
    ipv6(17, data),
    ...[0, 1, 2].map((piece) => ipv6(44, Uint8Array.of(17, 0, 0, (piece * 64) | (piece < 2 ? 1 : 0), 0, 0, 0, 9, ...new Uint8Array(64)))),
    ipv4(1, quoted(golden.synchronize.frame, 3, 4)),
    ipv4(1, quoted(golden.tcpData.frame, 11, 0)),
    ipv6(58, quoted(golden.synchronize6.frame, 2, 0)),
    ipv6(58, quoted(golden.synchronize6.frame, 1, 4)),
    ipv6(58, Uint8Array.of(137, 0, 0, 0, 0, 0, 0, 0, ...A6, ...B6), 255),
    ipv4(47, new Uint8Array(30)),
    pushTag(pushTag(inner, tagControlOf(100, 3)), tagControlOf(200, 5), TYPE_SERVICE_VLAN),
    pushTag(golden.arpRequest.frame, tagControlOf(0, 7)),
    Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0xa, 1, 0, 40, 0xaa, 0xaa, 3, ...new Uint8Array(37)),
  ];
}

/** Others differ from run to run and mean the same. */
function wellKnownPort(frame: Uint8Array, at: number): number {
  const port = frame.length >= at + 4 ? be16(frame, at + 2) : 0;
  return port < 256 ? port : 0;
}

/** An ICMP error about the packet of a frame, from where it went to where it came from; undefined: it carries no packet to be sorry for. */
function complaint(rng: Rng, frame: Uint8Array): Uint8Array | undefined {
  if (frame.length < 60) return undefined;
  const type = be16(frame, 12);
  if (type !== TYPE_IPV4 && type !== TYPE_IPV6) return undefined;
  const isV4 = type === TYPE_IPV4;
  const kinds = isV4 ? ICMP_ERRORS : ICMPV6_ERRORS;
  const [kind, code] = kinds[below(rng, kinds.length)]!;
  const out = isV4 ? ipv4(1, quoted(frame, kind, code)) : ipv6(58, quoted(frame, kind, code));
  const [at, bytes] = isV4 ? [26, 4] : [22, 16];
  out.set(frame.subarray(6, 12));
  out.set(frame.subarray(0, 6), 6);
  out.set(frame.subarray(at + bytes, at + 2 * bytes), at);
  out.set(frame.subarray(at, at + bytes), at + bytes);
  seal(out);
  return out;
}

const ICMP_ERRORS = [
  [3, 1],
  [3, 3],
  [3, 4],
  [4, 0],
  [11, 0],
  [11, 1],
  [12, 0],
] as const;
const ICMPV6_ERRORS = [
  [1, 0],
  [1, 4],
  [2, 0],
  [3, 0],
  [4, 1],
] as const;

/** What kind of frame it is, as far as a few bytes tell: type, protocol, and TCP's flags or ICMP's type. */
function kindOf(frame: Uint8Array): number {
  const type = frame.length < 60 ? 0 : (frame[12]! << 8) | frame[13]!;
  if (type !== TYPE_IPV4 && type !== TYPE_IPV6) return type;
  const upper =
    type === TYPE_IPV6 ? walkIpv6(frame, 14, frame.length) : { protocol: ipv4Protocol(frame, 14), payloadAt: 34, fragment: undefined };
  if ('reason' in upper) return type;
  // Behind the first fragment stands anything.
  if (upper.fragment !== undefined || (type === TYPE_IPV4 && isIpv4Fragment(frame, 14))) return type * 0x1_0000 + 44 * 256;
  const { protocol, payloadAt: at } = upper;
  const detail = protocol === 6 ? (frame[at + 13] ?? 0) : protocol === 17 ? wellKnownPort(frame, at) : (frame[at] ?? 0);
  return type * 0x1_0000 + protocol * 256 + detail;
}

export class FrameSource {
  readonly #fixed: readonly Uint8Array[] = [
    ...Object.values(golden).map(({ frame }) => frame),
    ...ALL_BPDUS.map(({ frame }) => frame),
    ...strange(),
    // There is one of it, and much to spoil.
    ...Array.from({ length: 10 }, () => golden.lldp.frame),
  ];
  readonly #recent = new Map<number, Uint8Array[]>();
  #kinds: Uint8Array[][] = [];

  /** A frame that the fabric sent: it may stand for its kind from now on. */
  handleSent(frame: Uint8Array): void {
    const kind = kindOf(frame);
    let frames = this.#recent.get(kind);
    if (frames === undefined) {
      if (this.#recent.size >= KINDS_MAX) return;
      frames = [];
      this.#recent.set(kind, frames);
      this.#kinds = [...this.#recent.values()];
    }
    frames.push(frame);
    if (frames.length > RECENT_MAX) frames.shift();
  }

  get kinds(): number {
    return this.#kinds.length;
  }

  next(rng: Rng): Uint8Array {
    if (this.#kinds.length === 0 || below(rng, 3) === 0) return this.#fixed[below(rng, this.#fixed.length)]!;
    const frames = this.#kinds[below(rng, this.#kinds.length)]!;
    const frame = frames[below(rng, frames.length)]!;
    return (below(rng, 20) === 0 ? complaint(rng, frame) : undefined) ?? frame;
  }
}
