/**
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"), over 32-bit words: what makes sequence numbers and cookies unguessable
 * (RFC 6528 §3 asks for a keyed function that nobody can invert), and HalfSipHash-1-3 for hash tables, whose buckets nobody can aim at.
 */
import type { Rng } from '../../base/rng.ts';

/** Four words: 128 bits. */
export type SipKey = Uint32Array;

export const sipKey = (rng: Rng): SipKey => Uint32Array.from({ length: 4 }, () => rng.uint32());

/** High and low halves of v0 to v3. */
const v = new Uint32Array(8);

function add(to: number, from: number): void {
  const low = v[to + 1]! + v[from + 1]!;
  v[to] = v[to]! + v[from]! + (low > 0xffff_ffff ? 1 : 0);
  v[to + 1] = low;
}

/** Rotates left by less than 32 bits. */
function rotate(at: number, bits: number): void {
  const high = v[at]!;
  const low = v[at + 1]!;
  v[at] = (high << bits) | (low >>> (32 - bits));
  v[at + 1] = (low << bits) | (high >>> (32 - bits));
}

function exchange(at: number): void {
  const high = v[at]!;
  v[at] = v[at + 1]!;
  v[at + 1] = high;
}

function mix(to: number, from: number): void {
  v[to]! ^= v[from]!;
  v[to + 1]! ^= v[from + 1]!;
}

function rounds(count: number): void {
  for (let round = 0; round < count; round += 1) {
    add(0, 2);
    rotate(2, 13);
    mix(2, 0);
    exchange(0);
    add(4, 6);
    rotate(6, 16);
    mix(6, 4);
    add(0, 6);
    rotate(6, 21);
    mix(6, 0);
    add(4, 2);
    rotate(2, 17);
    mix(2, 4);
    exchange(4);
  }
}

function absorb(high: number, low: number): void {
  v[6]! ^= high;
  v[7]! ^= low;
  rounds(2);
  v[0]! ^= high;
  v[1]! ^= low;
}

/** The low half of SipHash-2-4 over the first `count` words, each of four bytes, the least significant first. */
export function sipHash(key: SipKey, words: Uint32Array, count: number): number {
  v[0] = 0x736f6d65 ^ key[1]!;
  v[1] = 0x70736575 ^ key[0]!;
  v[2] = 0x646f7261 ^ key[3]!;
  v[3] = 0x6e646f6d ^ key[2]!;
  v[4] = 0x6c796765 ^ key[1]!;
  v[5] = 0x6e657261 ^ key[0]!;
  v[6] = 0x74656462 ^ key[3]!;
  v[7] = 0x79746573 ^ key[2]!;
  let at = 0;
  for (; at + 2 <= count; at += 2) absorb(words[at + 1]!, words[at]!);
  absorb((count * 4) << 24, at < count ? words[at]! : 0);
  v[5]! ^= 0xff;
  rounds(4);
  return (v[1]! ^ v[3]! ^ v[5]! ^ v[7]!) >>> 0;
}

const rotl = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** HalfSipHash-1-3 with 64 bits of key, of up to nine words. */
export function halfSipHash(key: SipKey, words: Uint32Array, count: number): number {
  let v0 = key[0]! | 0;
  let v1 = key[1]! | 0;
  let v2 = 0x6c796765 ^ key[0]!;
  let v3 = 0x74656462 ^ key[1]!;
  for (let at = 0; at < count + 4; at += 1) {
    const last = at === count ? (count * 4) << 24 : 0;
    const word = at < count ? words[at]! : last;
    if (at === count + 1) v2 ^= 0xff;
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = rotl(v1, 5) ^ v0;
    v0 = rotl(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotl(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotl(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotl(v1, 13) ^ v2;
    v2 = rotl(v2, 16);
    v0 ^= word;
  }
  return (v1 ^ v3) >>> 0;
}
