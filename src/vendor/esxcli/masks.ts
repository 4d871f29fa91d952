/** Lengths of IPv4 networks as masks, and the way back. */
import { isIpv4, parseAddress } from '../../wire/ip/address.ts';

export function maskOf(bits: number): string {
  const mask = bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
  return [mask >>> 24, (mask >>> 16) & 0xff, (mask >>> 8) & 0xff, mask & 0xff].join('.');
}

/** Undefined: it is no mask. */
export function bitsOf(mask: string): number | undefined {
  const address = parseAddress(mask);
  if (address === undefined || !isIpv4(address)) return undefined;
  for (let bits = 0; bits <= 32; bits += 1) if (maskOf(bits) === mask) return bits;
  return undefined;
}
