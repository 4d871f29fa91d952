import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { putBe32 } from '../../base/bytes.ts';
import type { ByteStream } from '../../base/byte-stream.ts';
import { FRAME_BYTES_MAX } from './attachment.ts';
import { frameReader, FrameWriter } from './stream-framing.ts';

function framed(frames: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(frames.reduce((sum, frame) => sum + 4 + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    putBe32(out, at, frame.length);
    out.set(frame, at + 4);
    at += 4 + frame.length;
  }
  return out;
}

/** Reads bytes in pieces of these sizes, over and over; what came of it. */
function read(bytes: Uint8Array, pieces: readonly number[]): { readonly frames: Uint8Array[]; readonly bad: number[] } {
  const frames: Uint8Array[] = [];
  const bad: number[] = [];
  const reader = frameReader({
    handleFrame: (frame) => frames.push(frame),
    handleBadLength: (length) => bad.push(length),
    handleClose: () => {},
  });
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const place = reader.nextBuffer();
    const part = bytes.subarray(at, at + Math.min(place.length, pieces[turn % pieces.length]!));
    place.set(part);
    reader.handleBytes(part.length);
    at += part.length;
  }
  return { frames, bad };
}

const frameOf = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);

describe('frames of a stream', () => {
  it('come out as they went in, however they are cut, and stay as they were', () => {
    const lengths = fc.array(fc.oneof(fc.nat(100), fc.constantFrom(1514, 9014, FRAME_BYTES_MAX)), { minLength: 1, maxLength: 40 });
    const pieces = fc.array(fc.constantFrom(1, 3, 1000, 70_000, 1 << 20), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lengths, pieces, (sizes, cuts) => {
        const frames = sizes.map((length, index) => frameOf(length, index));
        fc.pre(!cuts.every((cut) => cut < 10) || sizes.every((size) => size < 1000));
        const { frames: got, bad } = read(framed(frames), cuts);
        expect(bad).toEqual([]);
        expect(got.length).toBe(frames.length);
        for (const [index, frame] of frames.entries()) expect(Buffer.compare(got[index]!, frame)).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('that would be longer than any are told of once, and end it', () => {
    const bytes = new Uint8Array(1000).fill(0xff);
    expect(read(bytes, [7])).toEqual({ frames: [], bad: [0xffff_ffff] });
    putBe32(bytes, 0, FRAME_BYTES_MAX + 1);
    expect(read(bytes, [1000]).bad).toEqual([FRAME_BYTES_MAX + 1]);
  });
});

describe('frames to a stream', () => {
  it('leave as one write, and are dropped when too much waits', async () => {
    const writes: Uint8Array[] = [];
    const waiting: (() => void)[] = [];
    const stream: ByteStream = {
      remote: '',
      local: '',
      queuedBytes: 0,
      write(views, sent) {
        writes.push(...views.map((view) => view.slice()));
        (this as { queuedBytes: number }).queuedBytes += views.reduce((sum, view) => sum + view.length, 0);
        if (sent !== undefined) waiting.push(sent);
      },
      pause: () => {},
      resume: () => {},
      end: () => {},
      destroy: () => {},
    };
    const writer = new FrameWriter(stream, 400_000);
    const frames = [frameOf(60, 1), frameOf(1514, 2), frameOf(60, 3)];
    for (const frame of frames) expect(writer.add(frame)).toBe(true);
    expect(writes).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(writes.length).toBe(1);
    expect(Buffer.compare(writes[0]!, framed(frames))).toBe(0);
    // Nobody reads: the queue fills to its limit and no further.
    let taken = 0;
    while (writer.add(frameOf(1514, 0))) taken += 1;
    expect(taken).toBe(Math.floor((400_000 - 1646) / 1518));
    expect(writer.queuedBytes).toBeLessThanOrEqual(400_000);
    await new Promise((resolve) => setImmediate(resolve));
    (stream as { queuedBytes: number }).queuedBytes = 0;
    for (const sent of waiting.splice(0)) sent();
    expect(writer.add(frames[0]!)).toBe(true);
  });
});
