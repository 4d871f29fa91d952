/** Ways to spoil a frame. Most mutants get their checksums right again, so that what is wrong with them gets far in. */
import { be16, concat, putBe16, putBe32 } from '../../src/base/bytes.ts';
import { below, chance, type Rng } from '../../src/base/rng.ts';
import { isTagType, pushTag, TYPE_IPV4, TYPE_IPV6, TYPE_SERVICE_VLAN, TYPE_VLAN } from '../../src/wire/ethernet/frame.ts';
import { putMac } from '../../src/wire/ethernet/mac.ts';
import { internetChecksum, pseudoHeaderSum } from '../../src/wire/ip/checksum.ts';
import * as v4 from '../../src/wire/ip/ipv4.ts';
import * as v6 from '../../src/wire/ip/ipv6.ts';

const FRAME_BYTES_MAX = 9000;
const BYTES = [0, 1, 2, 4, 5, 6, 7, 8, 17, 58, 60, 0x45, 0x46, 0x4f, 0x60, 0x7f, 0x80, 0xfe, 0xff] as const;
const WORDS = [
  0, 1, 2, 7, 8, 20, 40, 0x05dc, 0x0800, 0x0806, 0x1fff, 0x2000, 0x3fff, 0x7fff, 0x8000, 0x86dd, 0x88cc, 0xfff8, 0xffff,
] as const;
const LONGS = [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_fffe, 0xffff_ffff] as const;

/** Where what a frame carries begins, and its type; undefined: it is too short. */
function payloadOf(frame: Uint8Array): { readonly at: number; readonly type: number } | undefined {
  let at = 14;
  while (frame.length >= at + 4 && isTagType(be16(frame, at - 2))) at += 4;
  return frame.length < at ? undefined : { at, type: be16(frame, at - 2) };
}

const CHECKSUM_AT = new Map([
  [v4.PROTOCOL_ICMP, 2],
  [v4.PROTOCOL_IGMP, 2],
  [v4.PROTOCOL_TCP, 16],
  [v4.PROTOCOL_UDP, 6],
  [v4.PROTOCOL_ICMPV6, 2],
]);

/** Makes checksums right as far as the frame can be understood; its lengths may lie. */
export function seal(frame: Uint8Array): void {
  const payload = payloadOf(frame);
  if (payload?.type === TYPE_IPV4) sealIpv4(frame, payload.at);
  if (payload?.type === TYPE_IPV6) sealIpv6(frame, payload.at);
}

function sealIpv4(frame: Uint8Array, at: number): void {
  if (frame.length < at + v4.IPV4_HEADER_BYTES) return;
  const header = v4.ipv4HeaderBytes(frame, at);
  if (header < v4.IPV4_HEADER_BYTES || at + header > frame.length) return;
  putBe16(frame, at + 10, 0);
  putBe16(frame, at + 10, internetChecksum(frame, at, at + header));
  if (v4.isIpv4Fragment(frame, at)) return;
  const end = Math.min(frame.length, at + v4.ipv4TotalBytes(frame, at));
  const protocol = v4.ipv4Protocol(frame, at);
  const hasPseudo = protocol === v4.PROTOCOL_TCP || protocol === v4.PROTOCOL_UDP;
  const pseudo = hasPseudo ? pseudoHeaderSum(frame, at + v4.IPV4_SOURCE_AT, 4, protocol, end - at - header) : 0;
  sealUpper(frame, protocol, at + header, end, pseudo);
}

function sealIpv6(frame: Uint8Array, at: number): void {
  if (frame.length < at + v6.IPV6_HEADER_BYTES) return;
  const end = Math.min(frame.length, at + v6.IPV6_HEADER_BYTES + v6.ipv6PayloadBytes(frame, at));
  const upper = v6.walkIpv6(frame, at, end);
  if ('reason' in upper || (upper.fragment !== undefined && (upper.fragment.offset !== 0 || upper.fragment.more))) return;
  const pseudo = pseudoHeaderSum(frame, at + v6.IPV6_SOURCE_AT, 16, upper.protocol, end - upper.payloadAt);
  sealUpper(frame, upper.protocol, upper.payloadAt, end, pseudo);
}

function sealUpper(frame: Uint8Array, protocol: number, at: number, end: number, pseudo: number): void {
  const offset = CHECKSUM_AT.get(protocol);
  if (offset === undefined || at + offset + 2 > end) return;
  putBe16(frame, at + offset, 0);
  putBe16(frame, at + offset, internetChecksum(frame, at, end, pseudo));
}

/** Changes a few places of the frame. */
function spoil(rng: Rng, frame: Uint8Array): void {
  // Headers are where meaning is: most changes go to the first hundred bytes, and seldom to the addresses of the frame itself.
  const span = chance(rng, 0.8) ? Math.min(frame.length, 110) : frame.length;
  const first = span > 14 && chance(rng, 0.9) ? 14 : 0;
  const place = (bytes: number): number => first + below(rng, Math.max(1, span - first - bytes + 1));
  switch (below(rng, 6)) {
    case 0:
    case 1:
      frame[place(1)]! ^= 1 << below(rng, 8);
      break;
    case 2:
      frame[place(1)] = chance(rng, 0.5) ? BYTES[below(rng, BYTES.length)]! : below(rng, 256);
      break;
    case 3: {
      const at = place(2);
      if (at + 2 <= frame.length) putBe16(frame, at, WORDS[below(rng, WORDS.length)]!);
      break;
    }
    case 4: {
      const at = place(4);
      if (at + 4 <= frame.length) putBe32(frame, at, LONGS[below(rng, LONGS.length)]!);
      break;
    }
    default: {
      const at = place(8);
      rng.fill(frame.subarray(at, Math.min(frame.length, at + 1 + below(rng, 8))));
    }
  }
}

/** Another frame of the same kind of bytes: cut, longer, doubled, spliced with another, or tagged. */
function reshape(rng: Rng, frame: Uint8Array, other: Uint8Array): Uint8Array {
  switch (below(rng, 6)) {
    case 0:
      return frame.slice(0, below(rng, frame.length + 1));
    case 1:
      return concat([frame, rng.fill(new Uint8Array(below(rng, 64)))]);
    case 2: {
      const cut = below(rng, frame.length + 1);
      return concat([frame.subarray(0, cut), other.subarray(Math.min(other.length, cut))]);
    }
    case 3: {
      const start = below(rng, frame.length + 1);
      const end = start + below(rng, frame.length - start + 1);
      return concat([frame.subarray(0, end), frame.subarray(start)]);
    }
    case 4:
      return pushTag(frame, below(rng, 65_536), chance(rng, 0.7) ? TYPE_VLAN : TYPE_SERVICE_VLAN);
    default:
      return concat([frame, new Uint8Array(below(rng, 2000))]);
  }
}

/** What the wire gets in place of `frame`; `other` is another one, to splice with; `macs`: of those who listen. A new array. */
export function mutatedFrame(rng: Rng, frame: Uint8Array, other: Uint8Array, macs: readonly number[]): Uint8Array {
  if (chance(rng, 0.02)) return rng.fill(new Uint8Array(below(rng, chance(rng, 0.1) ? FRAME_BYTES_MAX : 200)));
  let out = chance(rng, 0.15) && frame.length >= 14 ? reshape(rng, frame, other) : frame.slice();
  if (out.length > FRAME_BYTES_MAX) out = out.slice(0, FRAME_BYTES_MAX);
  for (let changes = below(rng, 4); changes > 0 && out.length > 0; changes -= 1) spoil(rng, out);
  if (out.length >= 12 && chance(rng, 0.3)) putMac(out, 0, macs[below(rng, macs.length)]!);
  if (out.length >= 12 && chance(rng, 0.05)) putMac(out, 6, macs[below(rng, macs.length)]!);
  if (chance(rng, 0.85)) seal(out);
  return out;
}
