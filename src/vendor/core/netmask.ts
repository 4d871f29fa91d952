/** Masks of IPv4 networks. */

/** `255.255.255.0` for 24. */
export const maskOfBits = (bits: number): string =>
  [0, 8, 16, 24].map((from) => 256 - 2 ** (8 - Math.min(8, Math.max(0, bits - from)))).join('.');

/** 24 for `255.255.255.0`; undefined: no mask. */
export function bitsOfMask(text: string): number | undefined {
  for (let bits = 0; bits <= 32; bits += 1) if (maskOfBits(bits) === text) return bits;
  return undefined;
}
