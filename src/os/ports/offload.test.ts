import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { be16, be32, putBe16, putBe32 } from '../../base/bytes.ts';
import { internetChecksum, pseudoHeaderSum, sumWords } from '../../wire/ip/checksum.ts';
import { ArrivalSlab } from './arrival-slab.ts';
import { finishFrame, OFFLOAD_HEADER_BYTES } from './offload.ts';

const TCP = 6;
const UDP = 17;

interface Made {
  readonly bytes: Uint8Array;
  readonly network: number;
  readonly transport: number;
  readonly payload: number;
}

/** What a kernel hands to a card that cuts: addresses and lengths as of one large packet, and the pseudo header's sum for a checksum. */
function large(version: 4 | 6, protocol: number, payloadBytes: number, segment: number, pieceBytes: number, tagged = false): Made {
  const network = 14 + (tagged ? 4 : 0);
  const transport = network + (version === 4 ? 20 : 40);
  const payload = transport + (protocol === TCP ? 32 : 8);
  const frame = Uint8Array.from({ length: payload + payloadBytes }, (_, index) => (index * 7) & 0xff);
  putBe16(frame, 12, tagged ? 0x8100 : version === 4 ? 0x0800 : 0x86dd);
  if (tagged) putBe16(frame, 16, version === 4 ? 0x0800 : 0x86dd);
  frame[network] = version === 4 ? 0x45 : 0x60;
  putBe16(frame, network + (version === 4 ? 2 : 4), frame.length - (version === 4 ? network : transport));
  if (protocol === TCP) {
    frame[transport + 12] = 0x80;
    frame[transport + 13] = 0x99; // CWR, ACK, PSH, FIN
    putBe32(frame, transport + 4, 0xffff_fff0);
  }
  const [at, count] = version === 4 ? [network + 12, 4] : [network + 8, 16];
  const pseudo = ~internetChecksum(frame, 0, 0, pseudoHeaderSum(frame, at, count, protocol, frame.length - transport)) & 0xffff;
  const sumAt = protocol === TCP ? 16 : 6;
  putBe16(frame, transport + sumAt, pseudo);
  const bytes = new Uint8Array(OFFLOAD_HEADER_BYTES + frame.length);
  bytes.set([1, segment, payload & 0xff, payload >>> 8, pieceBytes & 0xff, pieceBytes >>> 8, transport, 0, sumAt, 0]);
  bytes.set(frame, OFFLOAD_HEADER_BYTES);
  return { bytes, network, transport, payload };
}

function finish(bytes: Uint8Array): { readonly frames: Uint8Array[]; readonly sane: boolean } {
  const frames: Uint8Array[] = [];
  const sane = finishFrame(bytes, 0, bytes.length, new ArrivalSlab(), (frame) => frames.push(frame));
  return { frames, sane };
}

function expectRightSums(frame: Uint8Array, { network, transport }: Made, version: 4 | 6, protocol: number): void {
  if (version === 4) expect(internetChecksum(frame, network, transport)).toBe(0);
  const [at, count] = version === 4 ? [network + 12, 4] : [network + 8, 16];
  const pseudo = pseudoHeaderSum(frame, at, count, protocol, frame.length - transport);
  expect(sumWords(frame, transport, frame.length, pseudo) % 0xffff).toBe(0);
}

describe('what the kernel leaves to the card', () => {
  for (const version of [4, 6] as const)
    for (const tagged of [false, true]) {
      const where = `IPv${version}${tagged ? ' behind a tag' : ''}`;
      it(`is cut into TCP segments over ${where}`, () => {
        const made = large(version, TCP, 4000, (version === 4 ? 1 : 4) | 0x80, 1448, tagged);
        const original = made.bytes.slice(OFFLOAD_HEADER_BYTES);
        const { frames, sane } = finish(made.bytes);
        expect(sane).toBe(true);
        expect(frames.map((frame) => frame.length - made.payload)).toEqual([1448, 1448, 1104]);
        expect(Buffer.concat(frames.map((frame) => frame.subarray(made.payload)))).toEqual(Buffer.from(original.subarray(made.payload)));
        expect(frames.map((frame) => be32(frame, made.transport + 4))).toEqual([0xffff_fff0, 1432, 2880]);
        // CWR on the first alone, PSH and FIN on the last alone.
        expect(frames.map((frame) => frame[made.transport + 13])).toEqual([0x90, 0x10, 0x19]);
        const first = be16(original, made.network + 4);
        if (version === 4) expect(frames.map((frame) => be16(frame, made.network + 4) - first)).toEqual([0, 1, 2]);
        else expect(frames.map((frame) => be16(frame, made.network + 4))).toEqual([1480, 1480, 1136]);
        for (const frame of frames) expectRightSums(frame, made, version, TCP);
      });

      it(`is cut into UDP datagrams over ${where}`, () => {
        const made = large(version, UDP, 2500, 5, 1000, tagged);
        const { frames } = finish(made.bytes);
        expect(frames.map((frame) => be16(frame, made.transport + 4))).toEqual([1008, 1008, 508]);
        for (const frame of frames) expectRightSums(frame, made, version, UDP);
      });

      it(`gets its checksum over ${where}`, () => {
        for (const protocol of [TCP, UDP]) {
          const made = large(version, protocol, 101, 0, 0, tagged);
          const { frames } = finish(made.bytes);
          expect(frames.length).toBe(1);
          // The IPv4 header's own is whole already, and not looked at here.
          const pseudo = pseudoHeaderSum(
            frames[0]!,
            version === 4 ? made.network + 12 : made.network + 8,
            version === 4 ? 4 : 16,
            protocol,
            frames[0]!.length - made.transport,
          );
          expect(sumWords(frames[0]!, made.transport, frames[0]!.length, pseudo) % 0xffff).toBe(0);
        }
      });
    }

  it('is refused where it makes no sense, and never reads or writes beyond its end', () => {
    for (const [at, value] of [
      [0, 0], // cut, but without a checksum to be made
      [1, 3], // a kind that nobody sends any more
      [4, 0], // pieces of nothing
      [7, 0xff], // a transport header behind the end
    ] as const) {
      const { bytes } = large(4, TCP, 4000, 1, at === 4 ? 0 : 1448);
      bytes[at] = value;
      expect(finish(bytes)).toEqual({ sane: false, frames: [] });
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.constantFrom(0, 1, 4, 5), (noise, segment) => {
        const room = new Uint8Array(noise.length + 50).fill(0xaa);
        room.set(noise);
        room[1] = segment;
        let bytes = 0;
        finishFrame(room, 0, Math.max(noise.length, 2), new ArrivalSlab(), (frame) => {
          bytes += frame.length;
        });
        expect(room.subarray(Math.max(noise.length, 2)).every((byte) => byte === 0xaa)).toBe(true);
        expect(bytes).toBeLessThan(400 * 2048);
      }),
      { numRuns: 2000 },
    );
  });
});
