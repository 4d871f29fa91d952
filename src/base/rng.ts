/** Randomness, handed in: a seed makes a run replayable, the operating system makes a secret unguessable. */
export interface Rng {
  /** A whole number from 0 to 2^32 - 1. */
  uint32(): number;
  /** Fills `target` and gives it back. */
  fill(target: Uint8Array): Uint8Array;
}

/** A whole number from 0 to `bound - 1`; `bound` is at most 2^32. */
export const below = (rng: Rng, bound: number): number => Math.floor((rng.uint32() / 0x1_0000_0000) * bound);

/** True with the given probability. */
export const chance = (rng: Rng, probability: number): boolean => rng.uint32() < probability * 0x1_0000_0000;

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** xoshiro128** by Blackman and Vigna, seeded through SplitMix32: fast, replayable, not for secrets. */
export function seededRng(seed: number): Rng {
  let mix = seed >>> 0;
  const splitMix = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return (z ^ (z >>> 16)) >>> 0;
  };
  let a = splitMix();
  let b = splitMix();
  let c = splitMix();
  let d = splitMix();
  const uint32 = (): number => {
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = rotate(d, 11);
    return result;
  };
  return {
    uint32,
    fill(target) {
      for (let index = 0; index < target.length; index += 1) target[index] = uint32() >>> 24;
      return target;
    },
  };
}
