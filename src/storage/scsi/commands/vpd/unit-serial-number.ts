/** Unit Serial Number VPD page, 80h (SPC-5 §7.8). */
import { putAscii } from '../../../../base/bytes.ts';
import type { LogicalUnit } from '../../logical-unit.ts';

export function unitSerialNumber(unit: LogicalUnit): Uint8Array {
  const { serial } = unit.config.identity;
  const out = new Uint8Array(serial.length);
  putAscii(out, 0, serial, serial.length);
  return out;
}
