import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { be16, be32, putBe16, putBe32 } from '../../base/bytes.ts';
import { foldChecksum, internetChecksum, pseudoHeaderSum, sumWords } from '../../wire/ip/checksum.ts';
import { ArrivalSlab } from './arrival-slab.ts';
import { finishFrame } from './offload.ts';
import { SegmentMerger } from './segment-merge.ts';

const ACK = 0x10;
const PSH = 0x08;

interface SegmentFields {
  readonly version?: 4 | 6;
  readonly sequence: number;
  readonly payloadBytes: number;
  readonly flags?: number;
  readonly acknowledgment?: number;
  readonly window?: number;
  readonly stamp?: number;
  readonly trafficClass?: number;
  readonly port?: number;
}

/** A whole TCP segment in its frame, with timestamps, as our stack sends them. */
function segment(fields: SegmentFields): Uint8Array {
  const { version = 4, sequence, payloadBytes, flags = ACK, port = 7000 } = fields;
  const ipBytes = version === 4 ? 20 : 40;
  const at = 14 + ipBytes;
  const payloadAt = at + 32;
  const frame = Uint8Array.from({ length: payloadAt + payloadBytes }, (_, index) =>
    index < payloadAt ? 0 : (sequence + index - payloadAt) & 0xff,
  );
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1]);
  if (version === 4) {
    putBe16(frame, 12, 0x0800);
    frame.set([0x45, fields.trafficClass ?? 0], 14);
    putBe16(frame, 16, frame.length - 14);
    frame.set([0x40, 0, 64, 6], 20);
    frame.set([192, 0, 2, 1, 192, 0, 2, 2], 26);
    putBe16(frame, 24, internetChecksum(frame, 14, at));
  } else {
    putBe16(frame, 12, 0x86dd);
    frame.set([0x60, (fields.trafficClass ?? 0) << 4], 14);
    putBe16(frame, 18, frame.length - at);
    frame.set([6, 64], 20);
    frame.set([0x20, 1, 0x0d, 0xb8], 22);
    frame.set([0x20, 1, 0x0d, 0xb8], 38);
    frame[53] = 2;
  }
  putBe16(frame, at, port);
  putBe16(frame, at + 2, 7001);
  putBe32(frame, at + 4, sequence);
  putBe32(frame, at + 8, fields.acknowledgment ?? 99);
  frame.set([0x80, flags], at + 12);
  putBe16(frame, at + 14, fields.window ?? 500);
  frame.set([1, 1, 8, 10], at + 20);
  putBe32(frame, at + 24, fields.stamp ?? 1);
  const pseudo = pseudoHeaderSum(frame, version === 4 ? 26 : 22, version === 4 ? 4 : 16, 6, frame.length - at);
  putBe16(frame, at + 16, foldChecksum(sumWords(frame, at, frame.length, pseudo)));
  return frame;
}

/** What came out, in order: how many frames each time, and all of them as the other side cuts them. */
function pass(frames: readonly Uint8Array[]): { readonly counts: number[]; readonly out: Uint8Array[] } {
  const counts: number[] = [];
  const out: Uint8Array[] = [];
  const merger = new SegmentMerger((bytes, count, frameBytes) => {
    counts.push(count);
    const before = out.length;
    expect(finishFrame(bytes.slice(), 0, bytes.length, new ArrivalSlab(), (frame) => out.push(frame))).toBe(true);
    expect(out.length - before).toBe(count);
    expect(out.slice(before).reduce((sum, frame) => sum + frame.length, 0)).toBe(frameBytes);
  });
  for (const frame of frames) merger.add(frame);
  merger.flush();
  return { counts, out };
}

/** Cutting numbers packets that can't be cut again, which needs no number (RFC 6864 §4). */
function withoutIdentification(frame: Uint8Array): Buffer {
  const copy = Buffer.from(frame);
  if (be16(copy, 12) !== 0x0800) return copy;
  putBe16(copy, 18, 0);
  putBe16(copy, 24, 0);
  putBe16(copy, 24, internetChecksum(copy, 14, 34));
  return copy;
}

/** Of any bytes. */
const comparable = (frame: Uint8Array): Buffer => (frame.length < 34 ? Buffer.from(frame) : withoutIdentification(frame));

function expectUnchanged(frames: readonly Uint8Array[]): number[] {
  const { counts, out } = pass(frames);
  expect(out.map(withoutIdentification)).toEqual(frames.map(withoutIdentification));
  return counts;
}

const run = (version: 4 | 6, sizes: readonly number[], fields: Partial<SegmentFields> = {}): Uint8Array[] => {
  let sequence = 0xffff_f000;
  return sizes.map((payloadBytes) => {
    const frame = segment({ ...fields, version, sequence, payloadBytes });
    sequence = (sequence + payloadBytes) >>> 0;
    return frame;
  });
};

describe('segments that follow one another', () => {
  for (const version of [4, 6] as const) {
    it(`go as one over IPv${version}, and are the same when they are cut again`, () => {
      expect(expectUnchanged(run(version, [1448, 1448, 1448, 1448, 700]))).toEqual([5]);
    });

    it(`over IPv${version} fill a packet and no more`, () => {
      const counts = expectUnchanged(run(version, Array(100).fill(1448)));
      expect(counts).toEqual([45, 45, 10]);
    });
  }

  it('end with a shorter one, and with a push', () => {
    expect(expectUnchanged(run(4, [1000, 1000, 400, 1000, 1000]))).toEqual([3, 2]);
    const [first, , third] = run(4, [1000, 1000, 1000]) as [Uint8Array, Uint8Array, Uint8Array];
    const pushed = segment({ sequence: be32(first, 38) + 1000, payloadBytes: 1000, flags: ACK | PSH });
    expect(expectUnchanged([first, pushed, third])).toEqual([2, 1]);
  });

  it('are not joined to a shorter one', () => {
    expect(expectUnchanged(run(4, [400, 1000, 1000]))).toEqual([1, 2]);
  });
});

describe('what says something else is not joined', () => {
  const first = segment({ sequence: 1000, payloadBytes: 1000 });
  const cases: readonly (readonly [string, Partial<SegmentFields>])[] = [
    ['a gap', { sequence: 2001 }],
    ['the same again', { sequence: 1000 }],
    ['an acknowledgment', { acknowledgment: 100 }],
    ['a window', { window: 501 }],
    ['a timestamp', { stamp: 2 }],
    ['a congestion mark', { trafficClass: 3 }],
    ['CWR', { flags: ACK | 0x80 }],
    ['FIN', { flags: ACK | 1 }],
    ['urgent data', { flags: ACK | 0x20 }],
    ['another connection', { port: 7002 }],
    ['IPv6', { version: 6 }],
    ['no data', { payloadBytes: 0 }],
  ];
  it.each(cases)('%s', (_what, fields) => {
    expect(expectUnchanged([first, segment({ sequence: 2000, payloadBytes: 1000, ...fields })])).toEqual([1, 1]);
  });

  it.each(['first', 'second'])('a wrong checksum in the %s: it stays wrong', (which) => {
    const frames = [first.slice(), segment({ sequence: 2000, payloadBytes: 1000 })];
    frames[which === 'first' ? 0 : 1]![500]! ^= 1;
    const { counts, out } = pass(frames);
    expect(counts).toEqual([1, 1]);
    expect(out.map((frame) => Buffer.from(frame))).toEqual(frames.map((frame) => Buffer.from(frame)));
  });

  it('an IP header that was damaged', () => {
    const frames = [first, segment({ sequence: 2000, payloadBytes: 1000 })];
    frames[1]![24]! ^= 1;
    expect(pass(frames).counts).toEqual([1, 1]);
  });
});

it('whatever comes leaves, in its order, unchanged', () => {
  const fields = fc.record({
    version: fc.constantFrom(4 as const, 4 as const, 4 as const, 6 as const),
    payloadBytes: fc.constantFrom(0, 1, 100, 100, 100, 100),
    skip: fc.constantFrom(0, 0, 0, 0, 0, 0, 1),
    flags: fc.constantFrom(ACK, ACK, ACK, ACK, ACK | PSH, 0x02),
    cutShort: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 30),
  });
  fc.assert(
    fc.property(fc.array(fields, { maxLength: 60 }), (list) => {
      let sequence = 0xffff_ff00;
      const frames = list.map(({ skip, cutShort, ...one }) => {
        sequence = (sequence + skip) >>> 0;
        const frame = segment({ ...one, sequence });
        sequence = (sequence + one.payloadBytes) >>> 0;
        return cutShort === 0 ? frame : frame.subarray(0, cutShort);
      });
      const { counts, out } = pass(frames);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(frames.length);
      expect(out.map(comparable)).toEqual(frames.map(comparable));
    }),
    { numRuns: 200 },
  );
});
