import { describe, expect, it } from 'vitest';
import { systemRng } from './system-rng.ts';

describe('systemRng', () => {
  it('gives whole numbers of 32 bits that differ', () => {
    const numbers = Array.from({ length: 64 }, () => systemRng.uint32());
    for (const number of numbers) expect(number >>> 0).toBe(number);
    // Two equal ones among 64 come once in two million runs.
    expect(new Set(numbers).size).toBeGreaterThan(62);
    expect(numbers.some((number) => number >= 0x8000_0000)).toBe(true);
  });

  it('fills the part it is shown', () => {
    const whole = new Uint8Array(96);
    const part = whole.subarray(32, 64);
    expect(systemRng.fill(part)).toBe(part);
    expect(part.some((byte) => byte !== 0)).toBe(true);
    expect([...whole.subarray(0, 32), ...whole.subarray(64)].every((byte) => byte === 0)).toBe(true);
  });
});
