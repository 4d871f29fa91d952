import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, fromHex, hex } from '../../base/bytes.ts';
import { describeFrame } from './describe.ts';
import { decodeUdp } from './udp.ts';
import { decodeVxlan, encodeVxlan, VXLAN_HEADER_BYTES, VXLAN_NETWORK_MAX, VXLAN_PORT } from './vxlan.ts';

/**
 * The VXLAN device of Linux 6.18 asks for an address; tcpdump 4.99 says: 198.51.100.2.53571 > 198.51.100.1.4789: VXLAN, flags [I] (0x08),
 * vni 1193046, ARP, Request who-has 192.0.2.1 tell 192.0.2.2, length 28.
 */
const UDP = fromHex('d14312b5003a54b60800000012345600ffffffffffff020000000c0308060001080006040001020000000c03c0000202000000000000c0000201');

describe('VXLAN', () => {
  it('is read as Linux writes it, and written as Linux writes it', () => {
    const udp = decodeUdp(
      UDP.map((byte, at) => (at === 6 || at === 7 ? 0 : byte)),
      0,
      UDP.length,
      0,
    );
    expect(udp.destinationPort).toBe(VXLAN_PORT);
    const { network, frameAt } = decodeVxlan(UDP, udp.payloadAt, udp.payloadEnd);
    expect(network).toBe(0x123456);
    expect(describeFrame(UDP.slice(frameAt))).toContain('ARP, Request who-has 192.0.2.1 tell 192.0.2.2');
    const out = new Uint8Array(VXLAN_HEADER_BYTES).fill(0xff);
    encodeVxlan(network, out, 0);
    expect(hex(out)).toBe(hex(UDP.subarray(udp.payloadAt, frameAt)));
  });

  it('keeps every network identifier, and ignores reserved bits (RFC 7348 §5)', () => {
    for (const network of [0, 1, 0x8000_00, VXLAN_NETWORK_MAX]) {
      const bytes = new Uint8Array(20);
      encodeVxlan(network, bytes, 5);
      for (const reserved of [6, 7, 8, 12]) bytes[reserved] = 0xff;
      bytes[5]! |= 0xf7;
      expect(decodeVxlan(bytes, 5, 20)).toEqual({ network, frameAt: 13 });
    }
  });

  it('without a network identifier, or cut off, is refused; other bytes give a value', () => {
    expect(() => decodeVxlan(fromHex('0000000012345600'), 0, 8)).toThrow('no network identifier');
    expect(() => decodeVxlan(fromHex('08000000123456'), 0, 7)).toThrow('truncated header');
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        try {
          expect(decodeVxlan(bytes, 0, bytes.length).network).toBeLessThanOrEqual(VXLAN_NETWORK_MAX);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });
});
