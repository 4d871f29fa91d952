/** Logical unit numbers on the wire (SAM-5 §4.7.7): eight bytes, of which single-level addressing uses two. */

/** Peripheral device addressing below 256, flat space addressing below 16384 (SAM-5 §4.7.7.2-3). */
export function putLun(out: Uint8Array, at: number, lun: number): void {
  out.fill(0, at, at + 8);
  if (lun < 256) out[at + 1] = lun;
  else {
    out[at] = 0x40 | (lun >>> 8);
    out[at + 1] = lun;
  }
}

/** The number, or -1 for addressing that can't name one of ours: several levels, or a method but the two above. */
export function getLun(pdu: Uint8Array, at: number): number {
  for (let index = 2; index < 8; index += 1) if (pdu[at + index] !== 0) return -1;
  const method = pdu[at]! >>> 6;
  if (method === 0) return pdu[at] === 0 ? pdu[at + 1]! : -1;
  return method === 1 ? ((pdu[at]! & 0x3f) << 8) | pdu[at + 1]! : -1;
}
