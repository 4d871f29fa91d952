import { describe, expect, it } from 'vitest';
import { below, chance, type Rng, seededRng } from './rng.ts';

const draw = (seed: number, count: number): number[] => {
  const rng = seededRng(seed);
  return Array.from({ length: count }, () => rng.uint32());
};

describe('seededRng', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    expect(draw(42, 100)).toEqual(draw(42, 100));
    expect(draw(42, 100)).not.toEqual(draw(43, 100));
    // Small seeds are as good as large ones.
    expect(new Set([0, 1, 2, 3, 4].flatMap((seed) => draw(seed, 20))).size).toBe(100);
  });

  it('gives whole numbers of 32 bits', () => {
    for (const value of draw(7, 1000)) expect(Number.isInteger(value) && value >= 0 && value <= 0xffffffff).toBe(true);
  });

  it('sets every bit as often as not', () => {
    const numbers = draw(1, 4000);
    for (let bit = 0; bit < 32; bit += 1) {
      const set = numbers.filter((value) => ((value >>> bit) & 1) === 1).length;
      // Ten standard deviations: a fair coin stays far inside.
      expect(Math.abs(set - 2000), `bit ${bit}`).toBeLessThan(320);
    }
  });

  it('does not come round soon', () => {
    const numbers = draw(9, 20_000);
    // Among so many of 2^32, a repetition or two is chance; a short period repeats them all.
    expect(new Set(numbers).size).toBeGreaterThan(19_990);
  });

  it('fills every byte of an array and gives it back', () => {
    const target = new Uint8Array(4096);
    expect(seededRng(3).fill(target)).toBe(target);
    expect(new Set(target).size).toBe(256);
    expect(seededRng(3).fill(new Uint8Array(0)).length).toBe(0);
  });
});

/** Always the same. */
const stuckAt = (value: number): Rng => ({ uint32: () => value, fill: (target) => target });

describe('below', () => {
  it('never reaches its bound', () => {
    for (const bound of [1, 2, 3, 255, 0x80000000, 0x1_0000_0000]) {
      expect(below(stuckAt(0xffffffff), bound)).toBe(bound - 1);
      expect(below(stuckAt(0), bound)).toBe(0);
    }
  });

  it('gives every number below its bound', () => {
    const rng = seededRng(5);
    const seen = new Set(Array.from({ length: 500 }, () => below(rng, 10)));
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('chance', () => {
  it('is never for 0 and always for 1', () => {
    expect(chance(stuckAt(0), 0)).toBe(false);
    expect(chance(stuckAt(0xffffffff), 1)).toBe(true);
  });

  it('comes about as often as it says', () => {
    const rng = seededRng(11);
    const hits = Array.from({ length: 10_000 }, () => chance(rng, 0.25)).filter(Boolean).length;
    expect(hits).toBeGreaterThan(2200);
    expect(hits).toBeLessThan(2800);
  });
});
