import { array, assert, boolean, constantFrom, integer, property, record, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, hex } from '../../base/bytes.ts';
import { crc32c } from '../../base/crc32c.ts';
import { seededRng } from '../../base/rng.ts';
import { digestSession } from '../../wire/iscsi/testing/golden.ts';
import { opcodeOf } from '../../wire/iscsi/basic-header.ts';
import { PduReader, type PduSink, type Placement } from './pdu-reader.ts';
import { type DigestUse, NO_DIGESTS, pduBytes } from './testing/pdu-bytes.ts';

/** Where the data of PDUs marked so goes: pieces of one size, so that it has to be asked for again and again. */
class Pieces implements Placement {
  readonly #pieces: Uint8Array[] = [];
  readonly #size: number;
  constructor(size: number) {
    this.#size = size;
  }
  at(offset: number, most: number): Uint8Array {
    const piece = (this.#pieces[Math.floor(offset / this.#size)] ??= new Uint8Array(this.#size));
    const start = offset % this.#size;
    return piece.subarray(start, Math.min(this.#size, start + most));
  }
  bytes(length: number): Uint8Array {
    return concat([...this.#pieces, new Uint8Array(0)]).slice(0, length);
  }
}

const PLACED = 0x3e; // an opcode of the tests: its data is placed

interface Seen {
  readonly header: Uint8Array;
  readonly data: Uint8Array;
}

/** A reader, what it read, and a stream that gives it bytes in pieces: asked for a buffer just before each arrival, or right after the last. */
function reading(digests: DigestUse = NO_DIGESTS, segmentBytesMax = 262144) {
  const seen: Seen[] = [];
  const log: string[] = [];
  let onPdu: (() => void) | undefined;
  const sink: PduSink = {
    handlePdu(bytes, at, dataAt, dataBytes, placement) {
      const headers = bytes.slice(at, at + 48 + bytes[at + 4]! * 4);
      const data = placement === undefined ? bytes.slice(dataAt, dataAt + dataBytes) : (placement as Pieces).bytes(dataBytes);
      seen.push({ header: headers, data });
      log.push(placement === undefined ? 'pdu' : 'placed');
      onPdu?.();
    },
    placeData: (bytes, at) => (opcodeOf(bytes, at) === PLACED ? new Pieces(10_000) : undefined),
    handleDataDigestError: () => log.push('data digest error'),
    handleFormatError: (reason) => log.push(`format error: ${reason}`),
    handleBatchEnd: () => log.push('|'),
  };
  const reader = new PduReader(sink);
  reader.headerDigest = digests.header;
  reader.dataDigest = digests.data;
  reader.segmentBytesMax = segmentBytesMax;
  let lent: Uint8Array | undefined;
  const feed = (bytes: Uint8Array, cut: (left: number) => number = (left) => left, ahead = false): void => {
    for (let at = 0; at < bytes.length; ) {
      lent ??= reader.nextBuffer();
      const count = Math.max(1, Math.min(lent.length, bytes.length - at, cut(bytes.length - at)));
      // What a kernel writes stands in the buffer before anybody is told.
      lent.set(bytes.subarray(at, at + count));
      lent = undefined;
      reader.handleBytes(count);
      if (ahead) lent = reader.nextBuffer();
      at += count;
    }
  };
  return { reader, seen, log, feed, whenPdu: (action: () => void) => (onPdu = action) };
}

/** What tells PDUs apart, short enough to compare thousands of them. */
const shown = (pdus: readonly Seen[]): string[] =>
  pdus.map(({ header, data }) => `${hex(header.subarray(0, 8))} ${crc32c(header)} ${data.length} ${crc32c(data)}`);

interface Sent {
  readonly placed: boolean;
  readonly additional: number;
  readonly dataBytes: number;
}

/** A PDU that differs from its neighbours in every byte that can. */
function build(sent: Sent, index: number): Seen {
  const header = seededRng(index + 1).fill(new Uint8Array(48 + sent.additional * 4));
  header[0] = sent.placed ? PLACED : 0x01;
  header[4] = sent.additional;
  header.set([0, 0, 0], 5);
  const data = seededRng(1000 + index).fill(new Uint8Array(sent.dataBytes));
  header.set([sent.dataBytes >>> 16, (sent.dataBytes >>> 8) & 0xff, sent.dataBytes & 0xff], 5);
  return { header, data };
}

const sentPdu = record({
  placed: boolean(),
  additional: constantFrom(0, 0, 0, 1, 5),
  dataBytes: constantFrom(0, 0, 0, 1, 3, 4, 512, 513, 8192, 16_383, 16_384, 16_385, 20_003, 40_000, 140_001),
});
const digestUse = record({ header: boolean(), data: boolean() });

describe('any cut of a valid stream gives the same PDUs in the same order', () => {
  it('for random pieces', () => {
    assert(
      property(
        array(sentPdu, { maxLength: 8 }),
        digestUse,
        integer(),
        constantFrom(7, 60, 5000, 70_000),
        boolean(),
        (list, digests, seed, most, ahead) => {
          const pdus = list.map(build);
          const r = reading(digests);
          const rng = seededRng(seed);
          r.feed(
            concat([...pdus.map((pdu) => pduBytes(pdu.header, pdu.data, digests)), new Uint8Array(0)]),
            () => 1 + (rng.uint32() % most),
            ahead,
          );
          expect(shown(r.seen)).toEqual(shown(pdus));
          expect(r.log.filter((line) => line.includes('error'))).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('byte by byte', () => {
    const pdus = [0, 5, 512, 17_001, 0, 18_000, 4].map((dataBytes, index) =>
      build({ placed: true, additional: index % 2, dataBytes }, index),
    );
    for (const digests of [NO_DIGESTS, { header: true, data: true }]) {
      const r = reading(digests);
      r.feed(concat(pdus.map((pdu) => pduBytes(pdu.header, pdu.data, digests))), () => 1, true);
      expect(shown(r.seen)).toEqual(shown(pdus));
    }
  });

  it('while reading is paused at any PDU, and resumed at any later byte', () => {
    assert(
      property(
        array(sentPdu, { minLength: 1, maxLength: 8 }),
        digestUse,
        integer(),
        integer({ min: 0, max: 400 }),
        boolean(),
        (list, digests, seed, wait, ahead) => {
          const pdus = list.map(build);
          const r = reading(digests);
          const rng = seededRng(seed);
          let paused = 0;
          r.whenPdu(() => {
            if (rng.uint32() % 2 === 0) return;
            r.reader.pause();
            paused = wait;
          });
          const stream = concat(pdus.map((pdu) => pduBytes(pdu.header, pdu.data, digests)));
          for (let at = 0; at < stream.length; ) {
            const count = 1 + (rng.uint32() % 30_000);
            // A stream that was told to pause still brings what was under way, in the buffer that was lent before.
            r.feed(stream.subarray(at, at + count), (left) => left, ahead);
            at += count;
            paused -= 1;
            if (paused < 0) r.reader.resume();
          }
          for (let tries = 0; tries < pdus.length; tries += 1) r.reader.resume();
          expect(shown(r.seen)).toEqual(shown(pdus));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a session of libiscsi and tgt with header digests', () => {
  it.each(['initiator', 'target'] as const)('what the %s sent', (side) => {
    const bytes = digestSession[side];
    const r = reading();
    // Digests begin after the login, whose PDU is the first.
    r.whenPdu(() => (r.reader.headerDigest = true));
    r.feed(bytes, () => 13);
    const opcodes = r.seen.map((pdu) => pdu.header[0]! & 0x3f);
    expect(opcodes).toEqual(side === 'initiator' ? [0x03, 0x01, 0x01, 0x01, 0x01, 0x06] : [0x23, 0x21, 0x21, 0x25, 0x25, 0x26]);
    expect(r.log.join(' ')).not.toContain('error');
  });
});

describe('long data', () => {
  const long = build({ placed: true, additional: 0, dataBytes: 100_000 }, 1);
  const short = build({ placed: false, additional: 0, dataBytes: 100 }, 2);

  it('goes to its place once its header is there, and the rest of the stream goes on behind it', () => {
    const r = reading();
    r.feed(concat([pduBytes(long.header, long.data), pduBytes(short.header, short.data)]), () => 9000);
    expect(shown(r.seen)).toEqual(shown([long, short]));
    expect(r.log.filter((line) => line !== '|')).toEqual(['placed', 'pdu']);
  });

  it('that is all there already is handed over where it stands', () => {
    const r = reading();
    const small = build({ placed: true, additional: 0, dataBytes: 16_384 }, 3);
    r.feed(new Uint8Array(0));
    r.reader.nextBuffer();
    r.feed(pduBytes(short.header, short.data));
    r.feed(pduBytes(small.header, small.data), (left) => left);
    expect(shown(r.seen)).toEqual(shown([short, small]));
  });

  it('without a place is gathered in the receive buffer', () => {
    const r = reading();
    const unplaced = build({ placed: false, additional: 2, dataBytes: 200_000 }, 4);
    r.feed(concat([pduBytes(unplaced.header, unplaced.data), pduBytes(short.header, short.data)]), () => 9000);
    expect(shown(r.seen)).toEqual(shown([unplaced, short]));
    expect(r.log).not.toContain('placed');
  });
});

describe('digests that are wrong', () => {
  const digests = { header: true, data: true };
  const first = build({ placed: false, additional: 1, dataBytes: 100 }, 1);
  const second = build({ placed: false, additional: 0, dataBytes: 0 }, 2);

  it('of a header end the stream', () => {
    for (const at of [0, 20, 47, 50, 55]) {
      const r = reading(digests);
      const bytes = pduBytes(first.header, first.data, digests);
      bytes[at]! ^= 0x10;
      r.feed(concat([bytes, pduBytes(second.header, second.data, digests)]));
      expect(shown(r.seen)).toEqual(shown([]));
      expect(r.log).toContain('format error: a header digest error');
    }
  });

  it.each([false, true])('of data skip that PDU alone (placed: %s)', (placed) => {
    const bad = build({ placed, additional: 0, dataBytes: 30_001 }, 3);
    const start = 48 + 4;
    // The first byte, one in the middle, the padding, the digest.
    for (const at of [start, start + 20_000, start + 30_002, start + 30_004 + 1]) {
      const r = reading(digests);
      const bytes = pduBytes(bad.header, bad.data, digests);
      bytes[at]! ^= 0x01;
      r.feed(concat([pduBytes(first.header, first.data, digests), bytes, pduBytes(second.header, second.data, digests)]), () => 7000);
      expect(shown(r.seen)).toEqual(shown([first, second]));
      expect(r.log.filter((line) => line.includes('error'))).toEqual(['data digest error']);
    }
  });

  it.each([1, 7, 5000, 70_000])(
    'of a header are stepped over where that is wanted, if the next header proves right (pieces of %i)',
    (most) => {
      for (const dataBytes of [0, 3, 512, 30_001]) {
        const bad = build({ placed: true, additional: 1, dataBytes }, 5);
        // Bytes that say nothing of lengths; and the digest itself.
        for (const at of [0, 1, 20, 51, 53]) {
          const r = reading(digests);
          r.reader.skipsDamaged = true;
          const bytes = pduBytes(bad.header, bad.data, digests);
          bytes[at]! ^= 0x10;
          r.feed(concat([pduBytes(first.header, first.data, digests), bytes, pduBytes(second.header, second.data, digests)]), () => most);
          expect(shown(r.seen)).toEqual(shown([first, second]));
          expect(r.log.filter((line) => line.includes('error'))).toEqual([]);
        }
      }
    },
  );

  it('of a header with other lengths end the stream as soon as what follows is no header', () => {
    // TotalAHSLength, and DataSegmentLength made shorter or longer.
    for (const at of [4, 6, 7]) {
      const r = reading(digests);
      r.reader.skipsDamaged = true;
      const bytes = pduBytes(first.header, first.data, digests);
      bytes[at]! ^= 0x04;
      const good = pduBytes(second.header, second.data, digests);
      r.feed(concat([bytes, ...Array.from({ length: 200 }, () => good)]));
      expect(shown(r.seen)).toEqual(shown([]));
      expect(r.log[0]).toMatch(/^format error/);
    }
  });

  it('are not looked for where there are none agreed', () => {
    const r = reading({ header: true, data: false });
    r.feed(pduBytes(first.header, first.data, { header: true, data: false }));
    expect(shown(r.seen)).toEqual(shown([first]));
  });
});

describe('bounds', () => {
  it('a data segment longer than we declared ends the stream before a byte of it is waited for', () => {
    const r = reading(NO_DIGESTS, 8192);
    const fits = build({ placed: false, additional: 0, dataBytes: 8192 }, 1);
    const over = build({ placed: true, additional: 0, dataBytes: 8193 }, 2);
    r.feed(pduBytes(fits.header, fits.data));
    r.feed(over.header);
    expect(shown(r.seen)).toEqual(shown([fits]));
    expect(r.log).toContain('format error: a data segment of 8193 bytes, 8192 were agreed');
  });

  it('nothing is handed over after that, nor after a stop', () => {
    const good = build({ placed: false, additional: 0, dataBytes: 8 }, 1);
    const r = reading(NO_DIGESTS, 512);
    r.feed(build({ placed: false, additional: 0, dataBytes: 600 }, 2).header);
    r.feed(pduBytes(good.header, good.data));
    expect(shown(r.seen)).toEqual(shown([]));
    const stopped = reading();
    stopped.feed(good.header);
    stopped.reader.stop();
    stopped.feed(pduBytes(good.header, good.data), () => 10);
    expect(shown(stopped.seen)).toEqual(shown([]));
  });

  it('a stop within a PDU ends the batch there', () => {
    const good = build({ placed: false, additional: 0, dataBytes: 8 }, 1);
    const r = reading();
    r.whenPdu(() => r.reader.stop());
    r.feed(concat([pduBytes(good.header, good.data), pduBytes(good.header, good.data)]));
    expect(r.seen).toHaveLength(1);
  });

  it('arbitrary bytes lead to PDUs or to an error, never to a buffer larger than the longest PDU', () => {
    assert(
      property(uint8Array({ maxLength: 3000 }), digestUse, integer({ min: 1, max: 500 }), (noise, digests, cut) => {
        const r = reading(digests, 512);
        r.feed(noise, () => cut);
        expect(r.reader.nextBuffer().length).toBeGreaterThan(0);
        expect(r.reader.nextBuffer().buffer.byteLength).toBeLessThanOrEqual(128 * 1024);
      }),
    );
  });
});

it('one batch end for each arrival that brought PDUs', () => {
  const r = reading();
  const one = build({ placed: false, additional: 0, dataBytes: 0 }, 1);
  r.feed(concat([one.header, one.header, one.header]));
  r.feed(one.header);
  expect(r.log).toEqual(['pdu', 'pdu', 'pdu', '|', 'pdu', '|']);
});
