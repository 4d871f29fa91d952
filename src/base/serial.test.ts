import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serialAdd, serialDistance, serialLess, serialLessOrEqual } from './serial.ts';

const number = (): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: 0, max: 0xffffffff }), fc.constantFrom(0, 1, 0x7fffffff, 0x80000000, 0xffffffff));
/** RFC 1982 §3.1: the most that may be added. */
const increment = (): fc.Arbitrary<number> => fc.oneof(fc.integer({ min: 1, max: 0x7fffffff }), fc.constantFrom(1, 0x7fffffff));

describe('serial numbers of 32 bits (RFC 1982)', () => {
  it('go on from the last to the first', () => {
    expect(serialAdd(0xffffffff, 1)).toBe(0);
    expect(serialAdd(0xfffffff0, 0x20)).toBe(0x10);
    expect(serialAdd(0, 0xffffffff)).toBe(0xffffffff);
    expect(serialLess(0xffffffff, 0)).toBe(true);
    expect(serialLess(0, 0xffffffff)).toBe(false);
    expect(serialDistance(0xffffffff, 1)).toBe(2);
    expect(serialDistance(1, 0xffffffff)).toBe(-2);
  });

  it('are less than what comes after them, wherever they stand', () => {
    fc.assert(
      fc.property(number(), increment(), (start, more) => {
        const later = serialAdd(start, more);
        expect(serialLess(start, later)).toBe(true);
        expect(serialLess(later, start)).toBe(false);
        expect(serialLessOrEqual(start, later)).toBe(true);
        expect(serialLessOrEqual(later, start)).toBe(false);
        expect(serialDistance(start, later)).toBe(more);
      }),
    );
  });

  it('stay 32-bit numbers without a sign', () => {
    fc.assert(
      fc.property(number(), number(), (a, b) => {
        const sum = serialAdd(a, b);
        expect(Number.isInteger(sum) && sum >= 0 && sum <= 0xffffffff).toBe(true);
        expect(BigInt(sum)).toBe((BigInt(a) + BigInt(b)) & 0xffffffffn);
      }),
    );
  });

  it('equal themselves and no other', () => {
    fc.assert(
      fc.property(number(), (value) => {
        expect(serialLess(value, value)).toBe(false);
        expect(serialLessOrEqual(value, value)).toBe(true);
        expect(serialDistance(value, value)).toBe(0);
      }),
    );
  });
});
