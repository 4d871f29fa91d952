import { assert, boolean, integer, property } from 'fast-check';
import { expect, it } from 'vitest';
import { seededRng } from '../../base/rng.ts';
import { foldChecksum, internetChecksum, sumWords } from './checksum.ts';

/** RFC 1071 §1, word for word. */
function plain(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  for (let at = start; at < end; at += 1) {
    sum += (at - start) % 2 === 0 ? bytes[at]! << 8 : bytes[at]!;
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return ~sum & 0xffff;
}

it('is the same for any bytes, however long they are and wherever they stand', () => {
  const memory = new ArrayBuffer(70_000);
  assert(
    property(integer({ min: 0, max: 9 }), integer({ min: 0, max: 9 }), integer(), boolean(), (offset, start, seed, isLong) => {
      const length = (seed >>> 0) % (isLong ? 65_536 : 500);
      const bytes = seededRng(seed).fill(new Uint8Array(memory, offset, start + length));
      expect(internetChecksum(bytes, start, start + length)).toBe(plain(bytes, start, start + length));
    }),
  );
});

it('tells zeros from ones, which are as good as zero but not the same', () => {
  for (const length of [100, 1000]) {
    expect(sumWords(new Uint8Array(length), 0, length)).toBe(0);
    expect(foldChecksum(sumWords(new Uint8Array(length).fill(0xff), 0, length))).toBe(0);
  }
});
