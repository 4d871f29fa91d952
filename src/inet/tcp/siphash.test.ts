import { describe, expect, it } from 'vitest';
import { halfSipHash, sipHash } from './siphash.ts';

const keyOf = (words: number): Uint32Array => new Uint32Array(Uint8Array.from({ length: words * 4 }, (_, index) => index).buffer);
const wordsOf = (bytes: number): Uint32Array => new Uint32Array(Uint8Array.from({ length: bytes }, (_, index) => index).buffer);

describe('SipHash', () => {
  // vectors_sip64 of the authors' reference implementation, for messages 00 01 02 ... of 0, 4, 8 and 12 bytes: the first four bytes each.
  it.each([
    [0, [0x31, 0x0e, 0x0e, 0xdd]],
    [4, [0xb7, 0x87, 0x71, 0x27]],
    [8, [0x62, 0x24, 0x93, 0x9a]],
    [12, [0xfb, 0xe5, 0x0e, 0x86]],
  ] as const)('of %i bytes is what the reference gives', (bytes, expected) => {
    const hash = sipHash(keyOf(4), wordsOf(bytes), bytes / 4);
    expect([...new Uint8Array(Uint32Array.of(hash).buffer)]).toEqual(expected);
  });

  it('spreads over buckets, however alike the words', () => {
    const counts = new Uint32Array(64);
    for (let port = 0; port < 6400; port += 1) counts[halfSipHash(keyOf(4), Uint32Array.of(1, 2, port), 3) & 63]! += 1;
    expect(Math.max(...counts)).toBeLessThan(160);
    expect(Math.min(...counts)).toBeGreaterThan(50);
  });
});
