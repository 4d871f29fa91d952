/** Internet Group Management Protocol, versions 2 (RFC 2236) and 3 (RFC 3376): who listens to which multicast group. */
import { be16, DecodeError, putBe16 } from '../../base/bytes.ts';
import type { IpAddress } from './address.ts';
import { internetChecksum } from './checksum.ts';
import { decodeGroupRecords, decodeSources, type GroupRecord, groupRecordsBytes, putGroupRecords } from './group-record.ts';

export const IGMP_QUERY = 0x11;
export const IGMP_V1_REPORT = 0x12;
export const IGMP_V2_REPORT = 0x16;
export const IGMP_V2_LEAVE = 0x17;
export const IGMP_V3_REPORT = 0x22;

export type Igmp =
  | {
      readonly type: 'query';
      readonly version: 1 | 2 | 3;
      /** All zero: a general query. */
      readonly group: IpAddress;
      readonly responseSeconds: number;
      readonly sources: readonly IpAddress[];
    }
  | { readonly type: 'report' | 'leave'; readonly version: 1 | 2; readonly group: IpAddress }
  | { readonly type: 'report'; readonly version: 3; readonly records: readonly GroupRecord[] };

/** RFC 3376 §4.1.1: above 127 the code is a floating-point number of tenths of a second. */
const tenths = (code: number): number => (code < 128 ? code : ((code & 0x0f) | 0x10) << (((code >>> 4) & 7) + 3));

/** Throws DecodeError. */
export function decodeIgmp(frame: Uint8Array, at: number, end: number): Igmp {
  if (end - at < 8) throw new DecodeError('igmp', at, 'truncated');
  if (internetChecksum(frame, at, end) !== 0) throw new DecodeError('igmp', at + 2, 'bad checksum');
  const type = frame[at]!;
  const group = frame.subarray(at + 4, at + 8);
  const code = frame[at + 1]!;
  if (type === IGMP_QUERY) {
    // RFC 3376 §7.1: the length tells the versions apart, and queries of other lengths are nothing.
    if (end - at > 8 && end - at < 12) throw new DecodeError('igmp', at, `a query of ${end - at} bytes`);
    if (end - at === 8)
      return { type: 'query', version: code === 0 ? 1 : 2, group, responseSeconds: code === 0 ? 10 : code / 10, sources: [] };
    const sources = decodeSources(frame, at + 12, be16(frame, at + 10), end, 4, 'igmp');
    return { type: 'query', version: 3, group, responseSeconds: tenths(code) / 10, sources };
  }
  if (type === IGMP_V1_REPORT || type === IGMP_V2_REPORT) return { type: 'report', version: type === IGMP_V1_REPORT ? 1 : 2, group };
  if (type === IGMP_V2_LEAVE) return { type: 'leave', version: 2, group };
  if (type !== IGMP_V3_REPORT) throw new DecodeError('igmp', at, `type ${type}`);
  const records = decodeGroupRecords(frame, at + 8, be16(frame, at + 6), end, 4, 'igmp');
  return { type: 'report', version: 3, records };
}

/** A version 2 message, or a general or group-specific query. */
export function encodeIgmpV2(type: number, responseTenths: number, group: IpAddress): Uint8Array {
  const out = new Uint8Array(8);
  out[0] = type;
  out[1] = responseTenths;
  out.set(group, 4);
  putBe16(out, 2, internetChecksum(out, 0, 8));
  return out;
}

export function encodeIgmpV3Report(records: readonly GroupRecord[]): Uint8Array {
  const out = new Uint8Array(8 + groupRecordsBytes(records));
  out[0] = IGMP_V3_REPORT;
  putBe16(out, 6, records.length);
  putGroupRecords(records, out, 8);
  putBe16(out, 2, internetChecksum(out, 0, out.length));
  return out;
}
