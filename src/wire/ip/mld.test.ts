import { array, assert, constantFrom, integer, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, hex } from '../../base/bytes.ts';
import { ETHERNET_HEADER_BYTES } from '../ethernet/frame.ts';
import { formatIp } from './address.ts';
import { CHANGE_TO_EXCLUDE } from './group-record.ts';
import { pseudoHeaderSum } from './checksum.ts';
import { decodeIcmp, encodeIcmp, ICMP_HEADER_BYTES } from './icmp.ts';
import { PROTOCOL_ICMPV6 } from './ipv4.ts';
import { decodeIpv6, encodeIpv6, IPV6_HEADER_BYTES, IPV6_SOURCE_AT, NEXT_HOP_BY_HOP } from './ipv6.ts';
import {
  decodeMld,
  hasRouterAlert,
  LISTENER_DONE,
  LISTENER_QUERY,
  LISTENER_REPORT_V1,
  LISTENER_REPORT_V2,
  mldReport,
  ROUTER_ALERT_HEADER_BYTES,
  routerAlertHeader,
} from './mld.ts';
import * as golden from './testing/golden.ts';

const PACKET = ETHERNET_HEADER_BYTES;

/** The body of a query for a group of no meaning. */
const query = (bytes: number): Uint8Array => new Uint8Array(bytes).fill(0xff, 0, 1);

describe('Multicast Listener Discovery', () => {
  it('is read as Linux wrote it, and written again byte for byte', () => {
    const { frame } = golden.listenerReport;
    const packet = decodeIpv6(frame, PACKET);
    const bytes = packet.payloadEnd - packet.payloadAt;
    const sum = pseudoHeaderSum(frame, PACKET + IPV6_SOURCE_AT, 16, PROTOCOL_ICMPV6, bytes);
    const message = decodeIcmp(frame, packet.payloadAt, packet.payloadEnd, sum);
    expect(message.type).toBe(LISTENER_REPORT_V2);
    expect(hasRouterAlert(frame, PACKET, packet.payloadAt)).toBe(true);
    const report = decodeMld(frame, message.type, message.rest, message.bodyAt, message.bodyEnd);
    if (report.type !== 'report' || report.version !== 2) throw new Error('no report');
    expect(report.records.map(({ type, group, sources }) => [type, formatIp(group), sources])).toEqual([
      [CHANGE_TO_EXCLUDE, 'ff02::1:ff00:a01', []],
      [CHANGE_TO_EXCLUDE, 'ff02::1:ff00:1', []],
    ]);
    const out = new Uint8Array(frame.length - PACKET);
    const { rest, body } = mldReport(report.records);
    encodeIpv6({ ...packet, nextHeader: NEXT_HOP_BY_HOP }, ROUTER_ALERT_HEADER_BYTES + ICMP_HEADER_BYTES + body.length, out, 0);
    out.set(routerAlertHeader(PROTOCOL_ICMPV6), IPV6_HEADER_BYTES);
    encodeIcmp(message.type, 0, rest, body, out, IPV6_HEADER_BYTES + ROUTER_ALERT_HEADER_BYTES, sum);
    expect(hex(out)).toBe(hex(frame.subarray(PACKET)));
  });

  it('tells the versions of a query apart by their length, and reads long response times (RFC 3810 §5.1.3)', () => {
    expect(decodeMld(query(16), LISTENER_QUERY, 1000 << 16, 0, 16)).toMatchObject({ version: 1, responseMilliseconds: 1000 });
    expect(decodeMld(query(20), LISTENER_QUERY, 1000 << 16, 0, 20)).toMatchObject({ version: 2, responseMilliseconds: 1000, sources: [] });
    expect(decodeMld(query(20), LISTENER_QUERY, 0xffff_0000, 0, 20)).toMatchObject({ responseMilliseconds: 0x1fff << 10 });
    expect(() => decodeMld(query(18), LISTENER_QUERY, 0, 0, 18)).toThrow(DecodeError);
  });

  it('makes a value or a DecodeError of any bytes', () => {
    const types = constantFrom(LISTENER_QUERY, LISTENER_REPORT_V1, LISTENER_DONE, LISTENER_REPORT_V2, 0);
    assert(
      property(uint8Array({ maxLength: 200 }), types, integer({ min: 0, max: 0xffff_ffff }), (bytes, type, rest) => {
        try {
          decodeMld(bytes, type, rest, 0, bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
        const packet = new Uint8Array(48 + bytes.length);
        packet.set(bytes, 40);
        hasRouterAlert(packet, 0, packet.length);
      }),
    );
  });

  it('reads the records it writes', () => {
    const address = uint8Array({ minLength: 16, maxLength: 16 });
    const one = record({ type: integer({ min: 1, max: 6 }), group: address, sources: array(address, { maxLength: 5 }) });
    assert(
      property(array(one, { maxLength: 8 }), (records) => {
        const { rest, body } = mldReport(records);
        expect(decodeMld(body, LISTENER_REPORT_V2, rest, 0, body.length)).toEqual({ type: 'report', version: 2, records });
      }),
    );
  });
});
