/** Extended INQUIRY Data VPD page, 86h (SPC-5 §7.8). */
import type { LogicalUnit } from '../../logical-unit.ts';

const BODY_BYTES = 60;

export function extendedInquiry(unit: LogicalUnit): Uint8Array {
  const out = new Uint8Array(BODY_BYTES);
  out[1] = 0x07; // HEADSUP, ORDSUP, SIMPSUP: the task attributes the task set knows
  out[2] = unit.store.writeBack ? 0x01 : 0; // V_SUP: a volatile cache, which SYNCHRONIZE CACHE and FUA reach through
  return out;
}
