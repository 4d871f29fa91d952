/** MAC addresses for ports that declare none: made of their names, so that they stay the same from one start to the next. */
import type { Mac } from '../../wire/ethernet/mac.ts';

/** Locally administered, of one station (IEEE 802-2014 §8.4). */
const FIRST_OCTET = 0x02;

/** FNV-1a over the names, in two rounds for 40 bits. */
export function defaultMac(fabric: string, node: string, port: string): Mac {
  const text = `${fabric}/${node}/${port}`;
  const low = fnv1a(text, 0x811c_9dc5);
  const high = fnv1a(text, low) & 0xff;
  return FIRST_OCTET * 0x100_0000_0000 + high * 0x1_0000_0000 + low;
}

function fnv1a(text: string, basis: number): number {
  let hash = basis;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193);
  return hash >>> 0;
}
