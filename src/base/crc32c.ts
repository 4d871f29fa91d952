/** CRC-32C (Castagnoli; RFC 3385, RFC 7143 §13.1): eight bytes a step in TypeScript for short runs, the native package for long ones. */
import { crc32c as nativeCrc32c } from '@node-rs/crc32';

/** From here on the call into native code costs less than computing here. */
const NATIVE_BYTES_MIN = 1024;

const tables: readonly Uint32Array[] = (() => {
  const first = new Uint32Array(256);
  for (let index = 0; index < 256; index += 1) {
    let crc = index;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) !== 0 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    first[index] = crc;
  }
  const all = [first];
  for (let slice = 1; slice < 8; slice += 1) {
    all.push(all[slice - 1]!.map((previous) => first[previous & 0xff]! ^ (previous >>> 8)));
  }
  return all;
})();

const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
  Uint32Array,
];

/** The CRC-32C of `bytes[start..end)`, going on from the CRC of what came before (0 at the beginning). */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length, before = 0): number {
  if (end - start >= NATIVE_BYTES_MIN) return nativeCrc32c(bytes.subarray(start, end), before) >>> 0;
  let crc = ~before;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      t7[crc & 0xff]! ^
      t6[(crc >>> 8) & 0xff]! ^
      t5[(crc >>> 16) & 0xff]! ^
      t4[crc >>> 24]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!;
  }
  for (; at < end; at += 1) crc = t0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
