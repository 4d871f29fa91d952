/** Data kept to be sent again (RFC 7143 §11.16.3): which bytes a DataSN stands for, whatever the cut, and whose the bytes are. */
import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, EMPTY_BYTES } from '../../base/bytes.ts';
import { MemoryStore } from '../block/memory.ts';
import type { ReadData } from '../block/backing-store.ts';
import { KeptAnswers, KeptBytes } from './kept-answers.ts';
import { KeptData } from './kept-data.ts';
import { same, some } from './testing/blocks.ts';

const keep = (views: readonly Uint8Array[], lengthBytes: number, segmentBytes: number, burstBytes: number): KeptData =>
  new KeptData(views, undefined, lengthBytes, 0, 1, segmentBytes, burstBytes);

/** All pieces from `begin` on, with the bytes each gives. */
const pieces = (data: KeptData, begin: number) =>
  Array.from({ length: data.sequences - begin }, (_, index) => {
    const piece = data.piece(begin + index);
    return { ...piece, data: concat([...data.slice(piece), EMPTY_BYTES]).slice() };
  });

/** `whole` in views of these lengths, and what is left in another. */
function cutAt(whole: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const views: Uint8Array[] = [];
  let at = 0;
  for (const length of lengths) {
    views.push(whole.subarray(at, at + length));
    at += length;
  }
  return [...views, whole.subarray(Math.min(at, whole.length))];
}

const segment = integer({ min: 1, max: 40 });
const burst = integer({ min: 1, max: 100 });

it('pieces follow each other, none longer than a segment, no sequence longer than a burst', () => {
  assert(
    property(
      integer({ min: 1, max: 300 }),
      segment,
      burst,
      array(integer({ min: 0, max: 90 }), { maxLength: 4 }),
      (length, most, run, cuts) => {
        const whole = some(1).subarray(0, length);
        const data = keep(cutAt(whole, cuts), length, Math.min(most, run), run);
        let [at, inBurst] = [0, 0];
        for (const piece of pieces(data, 0)) {
          expect([piece.offset, piece.bytes > 0, piece.bytes <= most]).toEqual([at, true, true]);
          inBurst += piece.bytes;
          at += piece.bytes;
          expect(inBurst).toBeLessThanOrEqual(run);
          expect(piece.endsBurst).toBe(inBurst === run || at === length);
          if (piece.endsBurst) inBurst = 0;
        }
        expect(same(concat(pieces(data, 0).map((piece) => piece.data)), whole)).toBe(true);
      },
    ),
  );
});

it('cut anew, any number of times, the rest is the rest', () => {
  const recuts = array(integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 4 });
  assert(
    property(integer({ min: 1, max: 300 }), segment, burst, recuts, (length, most, run, steps) => {
      const whole = some(1, 7).subarray(0, length);
      const data = keep([whole], length, Math.min(most, run), run);
      let done = 0;
      for (const step of steps) {
        const before = pieces(data, data.acknowledged);
        const count = step % (before.length + 1);
        data.acknowledged += count;
        done += before.slice(0, count).reduce((sum, piece) => sum + piece.bytes, 0);
        data.resegment(1 + (step % 17), 1 + (step % 17) + (step % 50));
        const rest = pieces(data, data.acknowledged).map((piece) => piece.data);
        expect(same(concat([...rest, EMPTY_BYTES]), whole.subarray(done))).toBe(true);
      }
    }),
  );
});

const store = (): MemoryStore => new MemoryStore({ sizeBytes: 1024 * 1024, thin: true });
const read = (from: MemoryStore, bytes: number): ReadData => {
  let data: ReadData | undefined;
  from.read(0, bytes, (_, found) => (data = found));
  return data!;
};
const write = (to: MemoryStore, bytes: Uint8Array): void => to.write(0, [bytes], { fua: false, stable: true }, () => {});

describe('the bytes', () => {
  it.each([512, 65_536])('of a store stay as they were (%i of them), and are let go when nobody uses them', (bytes) => {
    const memory = store();
    const before = some(bytes / 512);
    write(memory, before);
    const found = read(memory, bytes);
    const data = new KeptData(found.views, found, bytes, 0, 1, bytes, bytes);
    write(memory, some(bytes / 512, 2));
    expect(same(concat(data.slice(data.piece(0))), before)).toBe(true);
    const release = data.use();
    data.letGo();
    expect(same(concat(data.slice(data.piece(0))), before)).toBe(true);
    release();
    expect(data.slice(data.piece(0))).toEqual([]);
  });

  it('are counted over all connections: whoever brings too many loses the data of its oldest answers', () => {
    const budget = new KeptBytes(3000);
    let letGo = 0;
    const kept = new KeptAnswers(budget, 10, () => (letGo += 1));
    const answer = (bytes: number): void => kept.keep(new Uint8Array(48), EMPTY_BYTES, 0, keep([new Uint8Array(bytes)], bytes, 512, 512));
    answer(1000);
    answer(1000);
    expect([budget.usedBytes, letGo]).toEqual([2096, 0]);
    answer(1000);
    expect([budget.usedBytes, letGo, kept.all().map(({ dataLost }) => dataLost)]).toEqual([2144, 1, [true, false, false]]);
    answer(5000);
    expect([budget.usedBytes, kept.all().map(({ data }) => data !== undefined)]).toEqual([192, [false, false, false, false]]);
    kept.close();
    answer(10);
    expect([budget.usedBytes, kept.size]).toEqual([0, 0]);
  });
});
