import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, fromHex } from '../../base/bytes.ts';
import { decodeTransportId, encodeIscsiTransportId } from './transport-id.ts';

const PORT = 'iqn.1993-08.org.debian:01:abc,i,0x00023d000001';

describe('TransportID', () => {
  it('of an iSCSI initiator port with its session identifier', () => {
    // Laid out by hand from SPC-5 §7.6.4.6; the name is the one of the manual page of sg_persist.
    const bytes = fromHex(
      '4500003c 69716e2e 35383836 2e636f6d 2e61636d 652e6469 736b6172 72617973 2d736e2d 61383637 35333039 2c692c30 78313233 34353637 38393061 62000000',
    );
    const decoded = decodeTransportId(bytes, 0, bytes.length);
    expect(decoded.initiatorPort).toBe('iqn.5886.com.acme.diskarrays-sn-a8675309,i,0x1234567890ab');
    expect(encodeIscsiTransportId(decoded.initiatorPort)).toEqual(bytes);
  });

  it('of Fibre Channel and SRP', () => {
    const fibreChannel = fromHex('00000000 00000000 2100001b32010203 0000000000000000');
    expect(decodeTransportId(fibreChannel, 0, 24).initiatorPort).toBe('naa.2100001b32010203');
    const srp = fromHex('04000000 00000000 0002c90300000001 0002c90300000002');
    expect(decodeTransportId(srp, 0, 24).initiatorPort).toBe('eui.0002c903000000010002c90300000002');
  });

  it('reads the session identifier in either case', () => {
    const bytes = encodeIscsiTransportId('iqn.2026-01.net.example:A,i,0xABCDEF000001');
    expect(decodeTransportId(bytes, 0, bytes.length).initiatorPort).toBe('iqn.2026-01.net.example:A,i,0xabcdef000001');
  });

  it.each([
    ['truncated', encodeIscsiTransportId(PORT).subarray(0, 20)],
    ['longer than what is there', encodeIscsiTransportId(PORT).subarray(0, 40)],
    ['an initiator device (format 00b)', Uint8Array.from(encodeIscsiTransportId(PORT), (byte, at) => (at === 0 ? 0x05 : byte))],
    ['no session identifier', encodeIscsiTransportId('iqn.2026-01.net.example:no-session')],
    ['an unknown protocol', new Uint8Array(24).fill(3, 0, 1)],
    ['no terminator', Uint8Array.from(encodeIscsiTransportId(PORT), (byte) => (byte === 0 ? 0x61 : byte))],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeTransportId(bytes, 0, bytes.length)).toThrow(DecodeError);
  });

  it('gives a value or a DecodeError for arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 300 }), fc.constantFrom(0x00, 0x04, 0x05, 0x45), (bytes, first) => {
        if (bytes.length !== 0) bytes[0] = first;
        try {
          const decoded = decodeTransportId(bytes, 0, bytes.length);
          expect(decoded.initiatorPort.length).toBeGreaterThan(0);
          expect(decoded.bytes.length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });
});
