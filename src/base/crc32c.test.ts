import { assert, nat, property, uint8Array } from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { crc32c, trustedCrc32c } from './crc32c.ts';

describe('crc32c', () => {
  // RFC 7143 appendix A.4 (RFC 3720 B.4): the digests are listed as they stand on the wire, least significant byte first.
  it.each([
    ['32 bytes of zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 bytes of ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['32 bytes counting up', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['32 bytes counting down', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ])('%s', (_, bytes, crc) => expect(crc32c(bytes)).toBe(crc));

  it('is the same in pieces, short (TypeScript) and long (native)', () => {
    assert(
      property(uint8Array({ minLength: 0, maxLength: 5000 }), nat(5000), (bytes, cut) => {
        const at = Math.min(cut, bytes.length);
        expect(crc32c(bytes, at, bytes.length, crc32c(bytes, 0, at))).toBe(crc32c(bytes));
      }),
    );
  });

  it('agrees between the two ways on every length around the threshold', () => {
    const bytes = Uint8Array.from({ length: 1030 }, (_, i) => (i * 7) & 0xff);
    for (let length = 1015; length <= 1030; length += 1) {
      let slow = 0;
      for (let at = 0; at < length; at += 100) slow = crc32c(bytes, at, Math.min(length, at + 100), slow);
      expect(crc32c(bytes, 0, length)).toBe(slow);
    }
  });
});

/** In runs too short for native code. */
function right(bytes: Uint8Array, before: number): number {
  let crc = before;
  for (let at = 0; at < bytes.length; at += 64) crc = crc32c(bytes, at, Math.min(bytes.length, at + 64), crc);
  return crc;
}

describe('what the machine has that is faster', () => {
  it('is taken if it computes the same', () => expect(trustedCrc32c(right)).toBe(right));

  it.each([
    ['has another polynomial', (bytes: Uint8Array, before: number) => (right(bytes, before) ^ 1) >>> 0],
    ['forgets what came before', (bytes: Uint8Array) => right(bytes, 0)],
    ['gives signed numbers', (bytes: Uint8Array, before: number) => right(bytes, before) | 0],
    ['leaves out what is not whole words', (bytes: Uint8Array, before: number) => right(bytes.subarray(0, bytes.length & ~7), before)],
  ])('is left if it %s', (_, wrong) => {
    const taken = trustedCrc32c(wrong);
    const bytes = Uint8Array.from({ length: 2001 }, (__, index) => index & 0xff);
    expect(taken).not.toBe(wrong);
    expect(taken(bytes, 5)).toBe(right(bytes, 5));
  });

  it('is looked for once, when the first long run comes', async () => {
    vi.resetModules();
    const fresh = await import('./crc32c.ts');
    const look = vi.fn(() => right);
    fresh.offerCrc32c(look);
    fresh.crc32c(new Uint8Array(1000));
    expect(look).not.toHaveBeenCalled();
    const bytes = Uint8Array.from({ length: 3000 }, (_, index) => index & 0xff);
    expect(fresh.crc32c(bytes, 100, 2900, 9)).toBe(right(bytes.subarray(100, 2900), 9));
    fresh.offerCrc32c(look);
    fresh.crc32c(bytes);
    expect(look).toHaveBeenCalledTimes(1);
  });
});
