/** Decoders that can refuse (RFC 7143 §11.2.2, §11.12): additional header segments, login PDUs, LUNs; and arbitrary bytes to all of them. */
import { assert, integer, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, DecodeError, fromHex, hex } from '../../base/bytes.ts';
import { ADDITIONAL_HEADERS_BYTES_MAX, BASIC_HEADER_BYTES, opcodeName, padded, REJECT } from './basic-header.ts';
import { putAsyncMessage, putReject } from './control.ts';
import { describePdu } from './describe.ts';
import { decodeLoginRequest, decodeLoginResponse, describeLoginStatus, LOGIN_STATUS } from './login.ts';
import { getLun, putLun } from './lun.ts';
import { decodeAdditionalHeaders } from './scsi-command.ts';
import { golden, goldenNames } from './testing/golden.ts';

/** A command with these additional header segments, its CDB counting from 0. */
function withSegments(segments: string): Uint8Array {
  const bytes = fromHex(segments);
  const pdu = concat([golden('readCommand'), bytes]);
  pdu[4] = bytes.length / 4;
  for (let index = 0; index < 16; index += 1) pdu[32 + index] = index;
  return pdu;
}

describe('additional header segments', () => {
  it('are none in most commands', () =>
    expect(decodeAdditionalHeaders(golden('readCommand'), 0)).toEqual({ extendedCdb: undefined, bidirectionalReadBytes: undefined }));

  it('extend the CDB: 16 bytes in the header, the rest in the segment', () => {
    const { extendedCdb } = decodeAdditionalHeaders(withSegments('0011 01 00 101112131415161718191a1b1c1d1e1f'), 0);
    expect(extendedCdb).toEqual(Uint8Array.from({ length: 32 }, (_, index) => index));
  });

  it('are padded to four bytes', () => {
    const { extendedCdb, bidirectionalReadBytes } = decodeAdditionalHeaders(withSegments('0003 01 00 1011 0000 0005 02 00 00010000'), 0);
    expect(hex(extendedCdb!.subarray(16))).toBe('1011');
    expect(bidirectionalReadBytes).toBe(65536);
  });

  it('of unknown types are passed over', () =>
    expect(decodeAdditionalHeaders(withSegments('0001 3f 00 0005 02 00 00000200'), 0).bidirectionalReadBytes).toBe(512));

  it.each([
    ['no length', '0000 01 00'],
    ['a length past the end', '0011 01 00 00000000'],
    ['a read length of another size', '0009 02 00 0000000000000000'],
  ])('are refused with %s', (_, segments) => expect(() => decodeAdditionalHeaders(withSegments(segments), 0)).toThrow(DecodeError));
});

describe('login', () => {
  it('refuses the stage that does not exist', () => {
    const pdu = golden('loginRequest');
    pdu[1] = 0x88;
    expect(() => decodeLoginRequest(pdu, 0)).toThrow('stage 2 is reserved');
    pdu[1] = 0x86;
    expect(() => decodeLoginRequest(pdu, 0)).toThrow('stage 2 is reserved');
  });

  it('reads the next stage only where there is a transit', () => {
    const pdu = golden('loginRequest');
    pdu[1] = 0x06;
    expect(decodeLoginRequest(pdu, 0)).toMatchObject({ transit: false, currentStage: 1, nextStage: 1 });
  });

  it('names every status', () => {
    for (const status of Object.values(LOGIN_STATUS)) expect(describeLoginStatus(status)).toMatch(/^[a-z ]+$/);
    expect(describeLoginStatus(LOGIN_STATUS.NOT_FOUND)).toBe('not found');
    expect(describeLoginStatus(0x0999)).toBe('status 0999h');
  });
});

describe('LUNs', () => {
  it.each([
    [0, '0000000000000000'],
    [1, '0001000000000000'],
    [255, '00ff000000000000'],
    [256, '4100000000000000'],
    [16383, '7fff000000000000'],
  ])('%i', (lun, bytes) => {
    const out = new Uint8Array(8).fill(0xee);
    putLun(out, 0, lun);
    expect(hex(out)).toBe(bytes);
    expect(getLun(out, 0)).toBe(lun);
  });

  it('takes flat space addressing below 256 too', () => expect(getLun(fromHex('4005000000000000'), 0)).toBe(5));

  it.each(['0101000000000000', '0001000200000000', '8001000000000000', 'c101000000000000', '0000000000000001'])(
    '%s is none of ours',
    (bytes) => expect(getLun(fromHex(bytes), 0)).toBe(-1),
  );
});

describe('PDUs that no peer would send us to look at', () => {
  it('Reject (RFC 7143 §11.17): the reason, all ones for the tag, and the header that was rejected', () => {
    const out = new Uint8Array(48).fill(0xee);
    putReject(out, 0, 0x04, 48, { statusSequenceNumber: 7, expectedCommandSequenceNumber: 8, maxCommandSequenceNumber: 9 });
    expect(hex(out)).toBe(`3f80040000000030${'00'.repeat(8)}ffffffff00000000000000070000000800000009${'00'.repeat(12)}`);
  });

  it('Asynchronous Message (RFC 7143 §11.9): event and three parameters', () => {
    const out = new Uint8Array(48).fill(0xee);
    putAsyncMessage(out, 0, 1, [0, 0, 3], { statusSequenceNumber: 7, expectedCommandSequenceNumber: 8, maxCommandSequenceNumber: 9 });
    expect(hex(out)).toBe(`3280${'00'.repeat(14)}ffffffff00000000000000070000000800000009${'0100'}00000000${'0003'}00000000`);
  });
});

describe('arbitrary bytes', () => {
  const decoders = [decodeLoginRequest, decodeLoginResponse, decodeAdditionalHeaders];
  it('give a value or a DecodeError', () => {
    assert(
      property(uint8Array({ maxLength: 120 }), (bytes) => {
        for (const decode of decoders) {
          try {
            decode(bytes, 0);
          } catch (error) {
            expect(error).toBeInstanceOf(DecodeError);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('and are described in one line, whatever they are', () => {
    assert(
      property(uint8Array({ maxLength: 200 }), integer({ min: 0, max: 8 }), (bytes, at) => {
        expect(describePdu(bytes, at)).not.toMatch(/\n|undefined|NaN/);
      }),
      { numRuns: 1000 },
    );
  });

  it('and so are real PDUs with a few bytes changed', () => {
    for (const name of goldenNames) {
      assert(
        property(uint8Array({ minLength: 1, maxLength: 4 }), integer({ min: 0, max: 200 }), (noise, at) => {
          const pdu = golden(name);
          pdu.set(noise.subarray(0, Math.max(0, pdu.length - at)), Math.min(at, pdu.length));
          expect(describePdu(pdu, 0)).not.toMatch(/undefined|NaN/);
        }),
        { numRuns: 50 },
      );
    }
  });
});

describe('small words', () => {
  it('padding', () => expect([0, 1, 2, 3, 4, 5].map(padded)).toEqual([0, 4, 4, 4, 4, 8]));
  it('opcodes', () => expect([opcodeName(REJECT), opcodeName(0x1c)]).toEqual(['Reject', 'opcode 1ch']));
  it('bounds', () => expect(ADDITIONAL_HEADERS_BYTES_MAX + BASIC_HEADER_BYTES).toBe(1068));
});
