/** Multicast Listener Discovery, versions 1 (RFC 2710) and 2 (RFC 3810): IGMP's sibling, as the body of ICMPv6 messages. */
import { be16, DecodeError } from '../../base/bytes.ts';
import type { IpAddress } from './address.ts';
import { decodeGroupRecords, decodeSources, type GroupRecord, groupRecordsBytes, putGroupRecords } from './group-record.ts';
import { NEXT_HOP_BY_HOP } from './ipv6.ts';

export const LISTENER_QUERY = 130;
export const LISTENER_REPORT_V1 = 131;
export const LISTENER_DONE = 132;
export const LISTENER_REPORT_V2 = 143;

/** Every message asks the routers on its way to look at it (RFC 3810 §5): a Hop-by-Hop Options header with Router Alert (RFC 2711) and PadN. */
export const routerAlertHeader = (nextHeader: number): Uint8Array => Uint8Array.of(nextHeader, 0, 5, 2, 0, 0, 1, 0);
export const ROUTER_ALERT_HEADER_BYTES = 8;

export type Mld =
  | {
      readonly type: 'query';
      readonly version: 1 | 2;
      /** All zero: a general query. */
      readonly group: IpAddress;
      readonly responseMilliseconds: number;
      readonly sources: readonly IpAddress[];
    }
  | { readonly type: 'report' | 'done'; readonly version: 1; readonly group: IpAddress }
  | { readonly type: 'report'; readonly version: 2; readonly records: readonly GroupRecord[] };

/** RFC 3810 §5.1.3: from 32768 on, the code is a floating-point number of milliseconds. */
const milliseconds = (code: number): number => (code < 0x8000 ? code : ((code & 0x0fff) | 0x1000) << (((code >>> 12) & 7) + 3));

/** `type`, `rest` and body of the ICMPv6 message. Throws DecodeError. */
export function decodeMld(frame: Uint8Array, type: number, rest: number, bodyAt: number, bodyEnd: number): Mld {
  const bytes = bodyEnd - bodyAt;
  if (type === LISTENER_REPORT_V2)
    return { type: 'report', version: 2, records: decodeGroupRecords(frame, bodyAt, rest & 0xffff, bodyEnd, 16, 'mld') };
  if (bytes < 16) throw new DecodeError('mld', bodyAt, 'truncated');
  const group = frame.subarray(bodyAt, bodyAt + 16);
  if (type === LISTENER_REPORT_V1) return { type: 'report', version: 1, group };
  if (type === LISTENER_DONE) return { type: 'done', version: 1, group };
  if (type !== LISTENER_QUERY) throw new DecodeError('mld', bodyAt, `type ${type}`);
  // RFC 3810 §8.1: the length tells the versions apart, and queries of other lengths are nothing.
  if (bytes === 16) return { type: 'query', version: 1, group, responseMilliseconds: rest >>> 16, sources: [] };
  if (bytes < 20) throw new DecodeError('mld', bodyAt, `a query of ${bytes} bytes`);
  const sources = decodeSources(frame, bodyAt + 20, be16(frame, bodyAt + 18), bodyEnd, 16, 'mld');
  return { type: 'query', version: 2, group, responseMilliseconds: milliseconds(rest >>> 16), sources };
}

/** `rest` and body of a version 2 report. */
export function mldReport(records: readonly GroupRecord[]): { readonly rest: number; readonly body: Uint8Array } {
  const body = new Uint8Array(groupRecordsBytes(records));
  putGroupRecords(records, body, 0);
  return { rest: records.length, body };
}

/** The packet at `packetAt` has a Hop-by-Hop Options header in its first place with a Router Alert for MLD (RFC 2711 §2.1). */
export function hasRouterAlert(frame: Uint8Array, packetAt: number, payloadAt: number): boolean {
  if (frame[packetAt + 6] !== NEXT_HOP_BY_HOP) return false;
  const start = packetAt + 40;
  const end = Math.min(payloadAt, start + (frame[start + 1]! + 1) * 8);
  for (let at = start + 2; at + 4 <= end; ) {
    const type = frame[at]!;
    if (type === 5 && frame[at + 1] === 2) return be16(frame, at + 2) === 0;
    at += type === 0 ? 1 : 2 + frame[at + 1]!;
  }
  return false;
}
