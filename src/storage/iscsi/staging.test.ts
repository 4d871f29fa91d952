import { array, assert, boolean, constant, integer, oneof, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Staging, STAGING_CHUNK_BYTES, StagingPool } from './staging.ts';

const CHUNK = STAGING_CHUNK_BYTES;
const pool = (chunks: number): StagingPool => new StagingPool(chunks * CHUNK);

describe('the pool', () => {
  it('grants at once what there is room for', () => {
    const p = pool(4);
    const granted: string[] = [];
    expect(p.reserve(3, () => granted.push('a'))).toBeUndefined();
    expect(p.reserve(1, () => granted.push('b'))).toBeUndefined();
    expect(granted).toEqual(['a', 'b']);
    expect(p.reservedBytes).toBe(4 * CHUNK);
  });

  it('makes the rest wait, first come, first served: a small one does not overtake a large one', () => {
    const p = pool(4);
    const granted: string[] = [];
    p.reserve(3, () => {});
    p.reserve(4, () => granted.push('large'));
    p.reserve(1, () => granted.push('small'));
    expect(granted).toEqual([]);
    p.release(3, 3);
    expect(granted).toEqual(['large']);
    p.release(4, 4);
    expect(granted).toEqual(['large', 'small']);
  });

  it('grants several at once when much is given back', () => {
    const p = pool(4);
    const granted: number[] = [];
    p.reserve(4, () => {});
    for (const chunks of [1, 2, 1, 1]) p.reserve(chunks, () => granted.push(chunks));
    p.release(4, 4);
    expect(granted).toEqual([1, 2, 1]);
  });

  it('lets a wait be called off', () => {
    const p = pool(2);
    const granted: string[] = [];
    p.reserve(2, () => {});
    const cancel = p.reserve(2, () => granted.push('a'))!;
    p.reserve(1, () => granted.push('b'));
    cancel();
    cancel();
    p.release(2, 2);
    expect(granted).toEqual(['b']);
    expect(p.reservedBytes).toBe(CHUNK);
  });

  it('may be used from within a grant', () => {
    const p = pool(2);
    const granted: string[] = [];
    p.reserve(2, () => {});
    p.reserve(1, () => {
      granted.push('a');
      p.release(1, 1);
    });
    p.reserve(2, () => granted.push('b'));
    p.release(2, 2);
    expect(granted).toEqual(['a', 'b']);
    expect(p.reservedBytes).toBe(2 * CHUNK);
  });

  it('counts what comes unasked beyond its limit, and grants nothing until that is given back', () => {
    const p = pool(2);
    const granted: string[] = [];
    p.reserve(1, () => {});
    p.reserveUnasked(3);
    expect(p.reservedBytes).toBe(4 * CHUNK);
    p.reserve(1, () => granted.push('a'));
    p.release(2, 0);
    expect(granted).toEqual([]);
    p.release(1, 0);
    expect(granted).toEqual(['a']);
  });

  it('grants one transfer also if what came unasked has filled it: without that nothing would ever be given back', () => {
    const p = pool(2);
    const granted: string[] = [];
    p.reserveUnasked(5);
    p.reserve(2, () => granted.push('a'));
    p.reserve(2, () => granted.push('b'));
    expect(granted).toEqual(['a']);
    p.release(3, 2); // the first is done, with the chunk it had brought
    expect(granted).toEqual(['a', 'b']);
  });

  it('keeps a bounded number of buffers for the next, and gives out the one that came back last', () => {
    const p = pool(4);
    const chunk = p.take();
    expect(chunk).toHaveLength(CHUNK);
    p.recycle(chunk);
    expect(p.take()).toBe(chunk);
    expect(p.take()).not.toBe(chunk);
    p.recycle(new Uint8Array(100)); // not one of ours
    expect(p.take()).toHaveLength(CHUNK);
  });
});

describe('a staging', () => {
  it('gathers bytes by offset, over the ends of chunks', () => {
    const staging = new Staging(pool(8), 3);
    const bytes = Uint8Array.from({ length: 2 * CHUNK + 100 }, (_, index) => index % 251);
    for (const [from, to] of [
      [0, 10],
      [CHUNK - 5, 2 * CHUNK + 7],
      [10, CHUNK - 5],
      [2 * CHUNK + 7, bytes.length],
    ] as const)
      staging.put(from, bytes.subarray(from, to));
    const { views, lengthBytes, owned } = staging.dataOut(bytes.length);
    expect(views.map((view) => view.length)).toEqual([CHUNK, CHUNK, 100]);
    expect([lengthBytes, owned]).toEqual([bytes.length, true]);
    expect(Buffer.concat(views).equals(bytes)).toBe(true);
  });

  it('gives room up to the end of a chunk, and at most what was asked for', () => {
    const staging = new Staging(pool(2), 2);
    expect(staging.at(0, 1)).toHaveLength(1);
    expect(staging.at(CHUNK - 3, 100)).toHaveLength(3);
    expect(staging.at(CHUNK, 100)).toHaveLength(100);
  });

  it('gives back what it had set aside, once', () => {
    const p = pool(4);
    p.reserveUnasked(2);
    const staging = new Staging(p, 2);
    p.reserve(1, () => staging.grow(1, true));
    expect(staging.reservedChunks).toBe(3);
    staging.release();
    staging.release();
    expect(p.reservedBytes).toBe(0);
  });

  it('returns its buffers for others, the swapped ones in the place of those it gave away', () => {
    const p = pool(2);
    const staging = new Staging(p, 2);
    staging.put(0, new Uint8Array(CHUNK + 5));
    const data = staging.dataOut(CHUNK + 5);
    const given = data.views[0]!;
    const swapped = new Uint8Array(CHUNK);
    data.views[0] = swapped;
    staging.release();
    const back = [p.take(), p.take(), p.take()];
    expect(back).toContain(swapped);
    expect(back).not.toContain(given);
    expect(back.every((chunk) => chunk.length === CHUNK)).toBe(true);
  });

  it('leaves its buffers alone where somebody may still write into them', () => {
    const p = pool(2);
    const staging = new Staging(p, 1);
    p.reserveUnasked(1);
    const place = staging.at(0, CHUNK);
    staging.release(false);
    expect(p.take().buffer).not.toBe(place.buffer);
    expect(p.reservedBytes).toBe(0);
  });

  it('counts in whole chunks', () => expect([0, 1, CHUNK, CHUNK + 1].map((bytes) => Staging.chunksFor(bytes))).toEqual([0, 1, 1, 2]));
});

it('under any order of reserving, giving back and calling off: never above the limit, never stuck, never out of order', () => {
  const step = oneof(
    record({ type: constant('reserve' as const), chunks: integer({ min: 1, max: 8 }), cancels: boolean() }),
    record({ type: constant('release' as const), index: integer({ min: 0, max: 20 }) }),
  );
  assert(
    property(array(step, { maxLength: 60 }), (steps) => {
      const p = pool(8);
      const held: number[] = [];
      const order: number[] = [];
      const cancels: (() => void)[] = [];
      const giveBack = (chunks: number): void => p.release(chunks, chunks);
      let asked = 0;
      let calledOff = 0;
      for (const action of steps) {
        if (action.type === 'reserve') {
          const number = asked;
          asked += 1;
          const cancel = p.reserve(action.chunks, () => {
            held.push(action.chunks);
            order.push(number);
          });
          if (cancel !== undefined && action.cancels) {
            cancel();
            calledOff += 1;
          } else if (cancel !== undefined) cancels.push(cancel);
        } else if (held.length !== 0) giveBack(held.splice(action.index % held.length, 1)[0]!);
        expect(p.reservedBytes).toBeLessThanOrEqual(8 * CHUNK);
      }
      while (held.length !== 0) giveBack(held.pop()!);
      expect(order).toHaveLength(asked - calledOff);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(p.reservedBytes).toBe(0);
    }),
  );
});
