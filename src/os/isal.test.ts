import { assert, nat, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { crc32c, trustedCrc32c } from '../base/crc32c.ts';
import { loadIsalCrc32c } from './isal.ts';

const isal = loadIsalCrc32c();
if (isal === undefined) console.warn('ISA-L is not tested: install libisal2 (and koffi)');

/** In TypeScript: in runs too short for native code. */
function slowly(bytes: Uint8Array, before: number): number {
  let crc = before;
  for (let at = 0; at < bytes.length; at += 64) crc = crc32c(bytes, at, Math.min(bytes.length, at + 64), crc);
  return crc;
}

it.skipIf(isal === undefined)('ISA-L computes the same, wherever the bytes begin', () => {
  expect(trustedCrc32c(isal)).toBe(isal);
  assert(
    property(uint8Array({ minLength: 0, maxLength: 5000 }), nat(5000), nat(0xffff_ffff), (bytes, start, before) => {
      const run = bytes.subarray(Math.min(start, bytes.length));
      expect(isal!(run, before)).toBe(slowly(run, before));
    }),
  );
});

it('is nothing where the library is missing, and the package goes on', () => {
  expect(trustedCrc32c(undefined)(new Uint8Array(32), 0)).toBe(0x8a9136aa); // RFC 7143 appendix A.4
});
