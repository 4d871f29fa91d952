import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, putBe16, putBe24 } from '../../base/bytes.ts';
import { putEthernet, TYPE_IPV4 } from '../../wire/ethernet/frame.ts';
import { address } from '../../wire/ip/address.ts';
import { encodeIpv4, IPV4_HEADER_BYTES, PROTOCOL_TCP } from '../../wire/ip/ipv4.ts';
import { ACK, SYN } from '../../wire/ip/tcp.ts';
import { enhancedPacket, interfaceDescription, sectionHeader } from '../../wire/pcapng.ts';
import { redactCapture } from './capture-redaction.ts';

const HEADERS = 14 + IPV4_HEADER_BYTES + 20;

function segment(payload: Uint8Array, flags = ACK, [from, to]: readonly [number, number] = [1000, 3260]): Uint8Array {
  const frame = new Uint8Array(HEADERS + payload.length);
  putEthernet(frame, 0, 2, 3, TYPE_IPV4);
  const [source, destination] = [address('192.0.2.1'), address('192.0.2.2')];
  const ends = from === 3260 ? { source: destination, destination: source } : { source, destination };
  encodeIpv4({ ...ends, protocol: PROTOCOL_TCP, timeToLive: 64 }, 20 + payload.length, frame, 14);
  putBe16(frame, 34, from);
  putBe16(frame, 36, to);
  frame[46] = 5 << 4;
  frame[47] = flags;
  frame.set(payload, HEADERS);
  return frame;
}

const captureOf = (frames: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([
    sectionHeader('test'),
    interfaceDescription('a:1', undefined),
    ...frames.map((frame) => enhancedPacket(0, 0, 0, frame, 'out', 'dropped: queue')),
  ]);

/** A PDU: opcode, flags, status class, and data. */
function pdu(opcode: number, flags: number, data: string): Uint8Array {
  const bytes = new Uint8Array(48 + data.length);
  [bytes[0], bytes[1]] = [opcode, flags];
  putBe24(bytes, 5, data.length);
  bytes.set(Buffer.from(data), 48);
  return bytes;
}

const TO_TARGET = [1000, 3260] as const;
const FROM_TARGET = [3260, 1000] as const;

describe('captures in a report', () => {
  it('have headers only, with the length that frames had', () => {
    const { bytes, frames, changed } = redactCapture(captureOf([segment(Buffer.from('all of this is data'))]), false);
    expect([frames, changed]).toEqual([1, 1]);
    const at = sectionHeader('test').length + interfaceDescription('a:1', undefined).length;
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    expect([view.getUint32(20, true), view.getUint32(24, true)]).toEqual([HEADERS, HEADERS + 19]);
    expect(view.getUint32(4, true)).toBe(view.getUint32(view.getUint32(4, true) - 4, true));
    expect(bytes.length).toBe(at + view.getUint32(4, true));
    expect(Buffer.from(bytes).includes('dropped: queue')).toBe(true);
    expect(Buffer.from(bytes).includes('data')).toBe(false);
  });

  it('with payloads have what comes behind a login, and nothing of it', () => {
    const told = redactCapture(
      captureOf([
        segment(new Uint8Array(0), SYN, TO_TARGET),
        segment(pdu(0x43, 0x81, 'InitiatorName=iqn.x\0CHAP_R=0x0123\0').subarray(0, 60), ACK, TO_TARGET),
        // The rest of a text that was cut in two.
        segment(Buffer.from(`3456789abcdef${'0'.repeat(80)}`), ACK, TO_TARGET),
        segment(pdu(0x23, 0x87, 'TargetPortalGroupTag=1\0'), ACK, FROM_TARGET),
        segment(pdu(0x01, 0x80, 'written by a host'), ACK, TO_TARGET),
        segment(Buffer.from('and more of it'), ACK, TO_TARGET),
        // Sent again.
        segment(pdu(0x43, 0x81, 'CHAP_R=0x0123\0'), ACK, TO_TARGET),
      ]),
      true,
    );
    const text = Buffer.from(told.bytes).toString('latin1');
    for (const gone of ['Initiator', 'CHAP', '456789abcdef', 'PortalGroup']) expect(text, gone).not.toContain(gone);
    for (const kept of ['written by a host', 'and more of it']) expect(text, kept).toContain(kept);
    expect([told.frames, told.changed]).toEqual([7, 4]);
  });

  it('that begin in the middle of a login have nothing before the first PDU of the full feature phase', () => {
    const frames = [
      segment(Buffer.from(`1a2b3c${'4'.repeat(60)}\0`)),
      segment(Buffer.from('GET /?q=1 HTTP/1.1'), ACK, [1, 80]),
      segment(pdu(0x05, 0x80, 'data of a disk')),
    ];
    const text = Buffer.from(redactCapture(captureOf(frames), true).bytes).toString('latin1');
    expect(text).not.toMatch(/1a2b3c|GET/);
    expect(text).toContain('data of a disk');
  });

  it('may be anything and end anywhere', () => {
    const whole = captureOf([segment(Buffer.from('secret')), fromHex('0102')]);
    fc.assert(
      fc.property(fc.nat(whole.length), fc.uint8Array({ maxLength: 200 }), fc.boolean(), (length, more, payload) => {
        const { bytes } = redactCapture(Buffer.concat([whole.subarray(0, length), more]), payload);
        return bytes.length <= length + more.length;
      }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 120 })),
        fc.boolean(),
        (frames, payload) => redactCapture(captureOf(frames), payload).frames === frames.length,
      ),
    );
  });
});
