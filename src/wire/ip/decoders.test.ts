import { array, assert, constantFrom, integer, oneof, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, EMPTY_BYTES } from '../../base/bytes.ts';
import { decodeArp } from '../ethernet/arp.ts';
import { decodeEthernet, ETHERNET_HEADER_BYTES } from '../ethernet/frame.ts';
import { decodeLldp, encodeLldp } from '../ethernet/lldp.ts';
import { formatMac, isGroupMac, isReservedMac, parseMac } from '../ethernet/mac.ts';
import {
  address,
  formatIp,
  inPrefix,
  isLinkLocal,
  isLoopback,
  isMulticast,
  lastOf,
  linkLocalOf,
  multicastMac,
  parseAddress,
  prefixOf,
} from './address.ts';
import { adjustChecksum, internetChecksum } from './checksum.ts';
import { decodeDhcp, encodeDhcp } from './dhcp.ts';
import { describeFrame } from './describe.ts';
import { decodeIcmp } from './icmp.ts';
import { decodeIgmp } from './igmp.ts';
import { decodeIpv4, ipv4Problem } from './ipv4.ts';
import { decodeIpv6, ipv6Problem, NEXT_DESTINATION, NEXT_FRAGMENT, NEXT_HOP_BY_HOP, NEXT_ROUTING, walkIpv6 } from './ipv6.ts';
import { decodeNeighborOptions } from './neighbor.ts';
import { putTcp, putTcpOptions, readTcpOptions, SYN, TCP_HEADER_BYTES, tcpOptionBytes, tcpOptions } from './tcp.ts';
import * as golden from './testing/golden.ts';
import { decodeUdp } from './udp.ts';

const frames = Object.values(golden).map(({ frame }) => frame);
const PAYLOAD = ETHERNET_HEADER_BYTES;

/** Arbitrary bytes, and frames of others with a few bytes changed and the end cut off. */
const anyFrame = oneof(
  uint8Array({ maxLength: 200 }),
  record({
    frame: constantFrom(...frames),
    changes: array(record({ at: integer({ min: 0, max: 200 }), byte: integer({ min: 0, max: 255 }) }), { maxLength: 5 }),
    keep: integer({ min: 0, max: 400 }),
  }).map(({ frame, changes, keep }) => {
    const changed = frame.slice(0, keep);
    for (const { at, byte } of changes) if (at < changed.length) changed[at] = byte;
    return changed;
  }),
);

const valueOrDecodeError = (decode: () => unknown): void => {
  try {
    decode();
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
  }
};

const packet = (first: number, ...headers: readonly number[][]): Uint8Array => {
  const body = headers.flat();
  const out = new Uint8Array(40 + body.length);
  out[0] = 0x60;
  out[5] = body.length;
  out[6] = first;
  out.set(body, 40);
  return out;
};
const walk = (bytes: Uint8Array): ReturnType<typeof walkIpv6> => {
  expect(ipv6Problem(bytes, 0, bytes.length)).toBeUndefined();
  return walkIpv6(bytes, 0, bytes.length);
};
const padded = (next: number): number[] => [next, 0, 1, 4, 0, 0, 0, 0];

describe('decoders', () => {
  it('make a value or a DecodeError of any bytes', () => {
    assert(
      property(anyFrame, (frame) => {
        const end = frame.length;
        valueOrDecodeError(() => decodeEthernet(frame));
        valueOrDecodeError(() => decodeArp(frame, PAYLOAD));
        valueOrDecodeError(() => decodeIpv4(frame, PAYLOAD, end));
        valueOrDecodeError(() => decodeIpv6(frame, PAYLOAD, end));
        valueOrDecodeError(() => decodeIcmp(frame, PAYLOAD, end));
        valueOrDecodeError(() => decodeIgmp(frame, PAYLOAD, end));
        valueOrDecodeError(() => decodeUdp(frame, PAYLOAD, end, 0));
        valueOrDecodeError(() => decodeNeighborOptions(frame, PAYLOAD, end));
        valueOrDecodeError(() => decodeDhcp(frame, 42, end));
        valueOrDecodeError(() => decodeLldp(frame, PAYLOAD, end));
        expect(typeof describeFrame(frame)).toBe('string');
      }),
      { numRuns: 3000 },
    );
  });

  it('says what is wrong with an IPv4 header', () => {
    const changed = (change: (frame: Uint8Array) => void, end?: number): string | undefined => {
      const frame = golden.echoRequest.frame.slice();
      change(frame);
      return ipv4Problem(frame, PAYLOAD, end ?? frame.length);
    };
    expect(changed(() => {})).toBeUndefined();
    expect(changed(() => {}, PAYLOAD + 19)).toBe('truncated header');
    expect(changed((frame) => (frame[PAYLOAD] = 0x65))).toBe('bad version');
    expect(changed((frame) => (frame[PAYLOAD] = 0x44))).toBe('bad header length');
    expect(changed((frame) => (frame[PAYLOAD + 3] = 200))).toBe('bad total length');
    expect(changed((frame) => (frame[PAYLOAD + 8] = 1))).toBe('bad header checksum');
  });

  it('walks extension headers, and stops where RFC 8200 says so', () => {
    expect(walk(packet(NEXT_HOP_BY_HOP, padded(NEXT_DESTINATION), padded(17)))).toEqual({
      protocol: 17,
      payloadAt: 56,
      fragment: undefined,
    });
    expect(walk(packet(NEXT_DESTINATION, padded(NEXT_HOP_BY_HOP), padded(17)))).toMatchObject({ code: 1, at: 40 });
    expect(walk(packet(NEXT_FRAGMENT, [17, 0, 0, 9, 0, 0, 0, 7]))).toMatchObject({
      protocol: 17,
      fragment: { offset: 8, more: true, identification: 7 },
    });
    // An option whose type begins with 10 asks for a Parameter Problem, one with 01 for silence.
    expect(walk(packet(NEXT_DESTINATION, [17, 0, 0x9e, 4, 0, 0, 0, 0]))).toMatchObject({ code: 2, at: 42 });
    expect(walk(packet(NEXT_DESTINATION, [17, 0, 0x5e, 4, 0, 0, 0, 0]))).toMatchObject({ reason: 'an unknown option 94', code: undefined });
    expect(walk(packet(NEXT_ROUTING, [17, 0, 0, 1, 0, 0, 0, 0]))).toMatchObject({ code: 0, at: 42 });
    expect(walk(packet(NEXT_ROUTING, [17, 0, 0, 0, 0, 0, 0, 0]))).toMatchObject({ protocol: 17 });
    expect(walk(packet(NEXT_DESTINATION, [17, 5, 1, 4, 0, 0, 0, 0]))).toMatchObject({ reason: 'a truncated extension header' });
    expect(walk(packet(NEXT_DESTINATION, ...Array.from({ length: 9 }, () => padded(NEXT_DESTINATION))))).toMatchObject({
      reason: 'too many extension headers',
    });
  });

  it('reads back every combination of TCP options', () => {
    const number = integer({ min: 0, max: 0xffff_ffff });
    assert(
      property(
        record({
          segmentBytesMax: constantFrom(-1, 536, 1460, 65535),
          windowScale: constantFrom(-1, 0, 7, 14),
          sackPermitted: constantFrom(true, false),
          hasTimestamps: constantFrom(true, false),
          timestamp: number,
          timestampEcho: number,
          edges: array(number, { minLength: 8, maxLength: 8 }),
          sackBlocks: integer({ min: 0, max: 2 }),
        }),
        ({ edges, ...fields }) => {
          const given = { ...tcpOptions(), ...fields, sackEdges: Uint32Array.from(edges) };
          const bytes = tcpOptionBytes(given);
          expect([bytes % 4, bytes <= 40]).toEqual([0, true]);
          const segment = new Uint8Array(TCP_HEADER_BYTES + bytes);
          putTcp(segment, 0, 1, 2, 3, 4, TCP_HEADER_BYTES + bytes, SYN, 5);
          putTcpOptions(given, segment, TCP_HEADER_BYTES);
          const read = readTcpOptions(segment, 0, tcpOptions());
          expect(read).toMatchObject({ ...fields, ...(fields.hasTimestamps ? {} : { timestamp: 0, timestampEcho: 0 }) });
          for (let edge = 0; edge < fields.sackBlocks * 2; edge += 1) expect(read.sackEdges[edge]).toBe(edges[edge]);
        },
      ),
    );
  });

  it('joins and splits long DHCP options (RFC 3396), and reads on in the overloaded fields', () => {
    const base = decodeDhcp(golden.dhcpOffer.frame, PAYLOAD + 28, golden.dhcpOffer.frame.length);
    const long = Uint8Array.from({ length: 600 }, (_, index) => index & 0xff);
    const bytes = encodeDhcp({
      ...base,
      options: new Map([
        [43, long],
        [12, EMPTY_BYTES],
      ]),
    });
    expect([...decodeDhcp(bytes, 0, bytes.length).options]).toEqual([
      [43, long],
      [12, EMPTY_BYTES],
    ]);
    const overloaded = encodeDhcp({ ...base, options: new Map([[52, Uint8Array.of(3)]]) });
    overloaded.set([12, 2, 0x68, 0x69, 255], 108);
    overloaded.set([15, 1, 0x78, 255], 44);
    expect([...decodeDhcp(overloaded, 0, overloaded.length).options.keys()]).toEqual([52, 12, 15]);
  });

  it('asks of LLDP its three mandatory fields in order', () => {
    const told = decodeLldp(golden.lldp.frame, PAYLOAD);
    const bytes = encodeLldp(told);
    expect(() => decodeLldp(bytes.subarray(9), 0)).toThrow(DecodeError);
    expect(() => decodeLldp(bytes.subarray(0, bytes.length - 2), 0)).toThrow('no End Of LLDPDU');
    expect(decodeLldp(encodeLldp({ ...told, systemName: 'x'.repeat(300) }), 0).systemName).toHaveLength(255);
  });
});

describe('addresses', () => {
  it('are read and written, IPv6 in the form of RFC 5952', () => {
    // The examples of RFC 5952 §4 and RFC 4291 §2.2.
    for (const [text, canonical] of [
      ['2001:0db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
      ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
      ['2001:DB8::0:1', '2001:db8::1'],
      ['0:0:0:0:0:0:13.1.68.3', '::d01:4403'],
      ['::FFFF:129.144.52.38', '::ffff:129.144.52.38'],
      ['::', '::'],
      ['192.0.2.1', '192.0.2.1'],
    ] as const)
      expect(formatIp(address(text))).toBe(canonical);
    for (const text of [
      '',
      '1.2.3',
      '1.2.3.256',
      '01.2.3.4',
      ':::',
      '1::2::3',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '12345::',
      'fe80::1%eth0',
      '1.2.3.4::',
      '::1:2:3:4:5:6:7:8',
    ])
      expect(parseAddress(text)).toBeUndefined();
    assert(
      property(uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(address(formatIp(bytes))).toEqual(bytes);
      }),
    );
  });

  it('know their kind, prefix and MAC address', () => {
    expect([isMulticast(address('224.0.0.1')), isMulticast(address('ff02::1')), isMulticast(address('192.0.2.1'))]).toEqual([
      true,
      true,
      false,
    ]);
    expect([isLinkLocal(address('169.254.1.1')), isLinkLocal(address('febf::1')), isLinkLocal(address('fec0::1'))]).toEqual([
      true,
      true,
      false,
    ]);
    expect([isLoopback(address('127.1.2.3')), isLoopback(address('::1')), isLoopback(address('::2'))]).toEqual([true, true, false]);
    expect(inPrefix(address('192.0.2.130'), address('192.0.2.128'), 25)).toBe(true);
    expect(inPrefix(address('192.0.2.127'), address('192.0.2.128'), 25)).toBe(false);
    expect([formatIp(prefixOf(address('192.0.2.201'), 26)), formatIp(lastOf(address('192.0.2.201'), 26))]).toEqual([
      '192.0.2.192',
      '192.0.2.255',
    ]);
    expect(formatIp(prefixOf(address('2001:db8:ffff::1'), 33))).toBe('2001:db8:8000::');
    // RFC 1112 §6.4: 23 bits of the group; the interface identifier as Linux makes it (see the golden frames).
    expect(formatMac(multicastMac(address('239.129.2.3')))).toBe('01:00:5e:01:02:03');
    expect(formatIp(linkLocalOf(parseMac('02:00:00:00:0a:01')!))).toBe('fe80::ff:fe00:a01');
  });

  it('of Ethernet', () => {
    expect([parseMac('0200.0000.0a01'), parseMac('02-00-00-00-0A-01'), parseMac('02:00-00:00:0a:01')]).toEqual([
      0x0200_0000_0a01,
      0x0200_0000_0a01,
      undefined,
    ]);
    expect([
      isGroupMac(0x0100_5e00_0001),
      isGroupMac(0x0200_0000_0001),
      isReservedMac(0x0180_c200_000e),
      isReservedMac(0x0180_c200_0010),
    ]).toEqual([true, false, true, false]);
  });
});

describe('the Internet checksum', () => {
  it('is that of RFC 1071, and can be adjusted (RFC 1624)', () => {
    // RFC 1071 §3: these bytes add up to ddf2.
    const bytes = Uint8Array.of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    expect(internetChecksum(bytes, 0, 8)).toBe(~0xddf2 & 0xffff);
    // RFC 1624 §4: the example in which equation 2 goes wrong.
    expect(adjustChecksum(0xdd2f, 0x5555, 0x3285)).toBe(0x0000);
    assert(
      property(uint8Array({ minLength: 0, maxLength: 70 }), (data) => {
        let sum = 0;
        for (let index = 0; index < data.length; index += 1) sum += index % 2 === 0 ? data[index]! * 256 : data[index]!;
        while (sum > 0xffff) sum = (sum % 0x1_0000) + Math.floor(sum / 0x1_0000);
        expect(internetChecksum(data, 0, data.length)).toBe(0xffff - sum);
      }),
    );
  });
});
