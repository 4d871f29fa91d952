/** Group records, which the reports of IGMPv3 (RFC 3376 §4.2.4) and MLDv2 (RFC 3810 §5.2.4) have in common but for the size of their addresses. */
import { be16, DecodeError, putBe16 } from '../../base/bytes.ts';
import type { IpAddress } from './address.ts';

/** Record types (RFC 3376 §4.2.12, RFC 3810 §5.2.12). */
export const MODE_IS_INCLUDE = 1;
export const MODE_IS_EXCLUDE = 2;
export const CHANGE_TO_INCLUDE = 3;
export const CHANGE_TO_EXCLUDE = 4;
export const ALLOW_NEW_SOURCES = 5;
export const BLOCK_OLD_SOURCES = 6;

export interface GroupRecord {
  readonly type: number;
  readonly group: IpAddress;
  readonly sources: readonly IpAddress[];
}

/** `count` addresses of `bytes` each from `at` on, as views. Throws DecodeError in the name of `layer`. */
export function decodeSources(frame: Uint8Array, at: number, count: number, end: number, bytes: number, layer: string): IpAddress[] {
  if (at + count * bytes > end) throw new DecodeError(layer, at, `${count} sources in ${end - at} bytes`);
  return Array.from({ length: count }, (_, index) => frame.subarray(at + index * bytes, at + (index + 1) * bytes));
}

/** `count` records from `start` on; `bytes`: of an address. Throws DecodeError in the name of `layer`. */
export function decodeGroupRecords(
  frame: Uint8Array,
  start: number,
  count: number,
  end: number,
  bytes: number,
  layer: string,
): GroupRecord[] {
  const records: GroupRecord[] = [];
  let at = start;
  for (let left = count; left > 0; left -= 1) {
    if (at + 4 + bytes > end) throw new DecodeError(layer, at, 'truncated group record');
    const sources = decodeSources(frame, at + 4 + bytes, be16(frame, at + 2), end, bytes, layer);
    records.push({ type: frame[at]!, group: frame.subarray(at + 4, at + 4 + bytes), sources });
    at += 4 + bytes + sources.length * bytes + frame[at + 1]! * 4;
  }
  return records;
}

export const groupRecordsBytes = (records: readonly GroupRecord[]): number =>
  records.reduce((sum, { group, sources }) => sum + 4 + group.length * (1 + sources.length), 0);

/** Writes `groupRecordsBytes(records)` bytes. */
export function putGroupRecords(records: readonly GroupRecord[], out: Uint8Array, start: number): void {
  let at = start;
  for (const { type, group, sources } of records) {
    out[at] = type;
    putBe16(out, at + 2, sources.length);
    at += 4;
    for (const address of [group, ...sources]) {
      out.set(address, at);
      at += address.length;
    }
  }
}
