import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '../../base/bytes.ts';
import type { AllocationRun, ReadData, StoreError } from './backing-store.ts';
import { MEMORY_CHUNK_BYTES, MemoryStore } from './memory.ts';

const CHUNK = MEMORY_CHUNK_BYTES;
const TERABYTE = 2 ** 40;

function readBytes(store: MemoryStore, offset: number, length: number): Uint8Array {
  let bytes = new Uint8Array();
  store.read(offset, length, (_, data) => {
    bytes = concat(data!.views).slice();
  });
  return bytes;
}

function write(store: MemoryStore, offset: number, ...data: Uint8Array[]): StoreError | undefined {
  let result: StoreError | undefined;
  store.write(offset, data, { fua: false, stable: false }, (error) => {
    result = error;
  });
  return result;
}

function runs(store: MemoryStore, offset: number, length: number, max = 100): readonly AllocationRun[] {
  let found: readonly AllocationRun[] = [];
  store.allocation(offset, length, max, (_, list) => {
    found = list!;
  });
  return found;
}

const unmap = (store: MemoryStore, offset: number, length: number): void => store.unmap(offset, length, () => {});
const nothing = (): void => {};
/** `toEqual` on large arrays is slow. */
const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
const filled = (value: number, length = CHUNK): Uint8Array => new Uint8Array(length).fill(value);

describe('a thin memory store', () => {
  it('costs nothing until it is written to, however large', () => {
    const store = new MemoryStore({ sizeBytes: TERABYTE, thin: true });
    expect(same(readBytes(store, TERABYTE - 4096, 4096), new Uint8Array(4096))).toBe(true);
    expect(store.allocatedBytes).toBe(0);
    write(store, TERABYTE - 4096, filled(9, 4096));
    expect(same(readBytes(store, TERABYTE - 4096, 4096), filled(9, 4096))).toBe(true);
    expect(store.allocatedBytes).toBe(CHUNK);
    expect(runs(store, 0, TERABYTE)).toEqual([
      { lengthBytes: TERABYTE - CHUNK, mapped: false },
      { lengthBytes: CHUNK, mapped: true },
    ]);
    unmap(store, 0, TERABYTE);
    expect(store.allocatedBytes).toBe(0);
  });

  it('frees whole chunks, and zeroes parts of them', () => {
    const store = new MemoryStore({ sizeBytes: 4 * CHUNK, thin: true });
    write(store, 0, filled(1, 4 * CHUNK));
    unmap(store, CHUNK - 512, CHUNK + 1024);
    expect(runs(store, 0, 4 * CHUNK)).toEqual([
      { lengthBytes: CHUNK, mapped: true },
      { lengthBytes: CHUNK, mapped: false },
      { lengthBytes: 2 * CHUNK, mapped: true },
    ]);
    const expected = filled(1, 4 * CHUNK).fill(0, CHUNK - 512, 2 * CHUNK + 512);
    expect(same(readBytes(store, 0, 4 * CHUNK), expected)).toBe(true);
  });

  it('frees a last chunk that the end of the store cuts', () => {
    const store = new MemoryStore({ sizeBytes: CHUNK + 512, thin: true });
    write(store, 0, filled(1, CHUNK + 512));
    unmap(store, CHUNK, 512);
    expect(runs(store, 0, CHUNK + 512)).toEqual([
      { lengthBytes: CHUNK, mapped: true },
      { lengthBytes: 512, mapped: false },
    ]);
  });

  it('reports no more runs than asked for', () => {
    const store = new MemoryStore({ sizeBytes: 4 * CHUNK, thin: true });
    write(store, CHUNK, filled(1));
    expect(runs(store, 512, 4 * CHUNK - 512, 1)).toEqual([{ lengthBytes: CHUNK - 512, mapped: false }]);
    expect(runs(store, CHUNK + 512, 512, 5)).toEqual([{ lengthBytes: 512, mapped: true }]);
  });

  it('runs out of space where there is a limit, and not before', () => {
    const store = new MemoryStore({ sizeBytes: 8 * CHUNK, thin: true, spaceBytes: 2 * CHUNK });
    expect(write(store, 0, filled(1))).toBeUndefined();
    expect(write(store, CHUNK, filled(2), filled(3))).toMatchObject({ fault: 'no-space', offsetBytes: 2 * CHUNK });
    expect(write(store, 512, filled(4, 512))).toBeUndefined();
    expect(store.adopt(4 * CHUNK, filled(5))).toBeUndefined();
    unmap(store, 0, CHUNK);
    expect(write(store, 5 * CHUNK, filled(6))).toBeUndefined();
    expect(same(readBytes(store, 5 * CHUNK, 4), filled(6, 4))).toBe(true);
  });

  it('shows zeros in a chunk whose buffer was used before', () => {
    const store = new MemoryStore({ sizeBytes: 2 * CHUNK, thin: true });
    write(store, 0, filled(1));
    unmap(store, 0, CHUNK);
    write(store, CHUNK + 512, filled(2, 512));
    expect(same(readBytes(store, CHUNK, CHUNK), new Uint8Array(CHUNK).fill(2, 512, 1024))).toBe(true);
  });
});

describe('a thick memory store', () => {
  it('has all of its memory at once, and keeps it', () => {
    const store = new MemoryStore({ sizeBytes: 4 * CHUNK, thin: false });
    expect(store.allocatedBytes).toBe(4 * CHUNK);
    write(store, 0, filled(1));
    unmap(store, 0, 4 * CHUNK);
    expect(store.allocatedBytes).toBe(4 * CHUNK);
    expect(store.unmapGranularityBytes).toBe(0);
    expect(same(readBytes(store, 0, CHUNK), new Uint8Array(CHUNK))).toBe(true);
    expect(runs(store, 0, 4 * CHUNK)).toEqual([{ lengthBytes: 4 * CHUNK, mapped: true }]);
  });
});

describe('what a read shows', () => {
  it('is the store itself, without a copy', () => {
    const store = new MemoryStore({ sizeBytes: CHUNK, thin: false });
    store.read(0, 512, (_, data) => {
      write(store, 0, filled(7, 512));
      expect(data!.views[0]![0]).toBe(7);
    });
    expect.assertions(1);
  });

  it('stays what it was while it is held, and the store moves on', () => {
    const store = new MemoryStore({ sizeBytes: 4 * CHUNK, thin: true });
    write(store, 0, filled(1, 2 * CHUNK));
    let views: readonly Uint8Array[] = [];
    let release = nothing;
    store.read(CHUNK - 512, 1024, (_, data) => {
      views = data!.views;
      release = data!.hold();
    });
    write(store, 0, filled(2, CHUNK));
    unmap(store, CHUNK, CHUNK);
    expect(same(concat(views), filled(1, 1024))).toBe(true);
    expect(same(readBytes(store, CHUNK - 4, 8), Uint8Array.from([2, 2, 2, 2, 0, 0, 0, 0]))).toBe(true);
    // No buffer that is looked at is handed out.
    write(store, 2 * CHUNK, filled(3, 2 * CHUNK));
    expect(same(concat(views), filled(1, 1024))).toBe(true);
    release();
    release();
    write(store, CHUNK, filled(4));
    expect(same(readBytes(store, 0, 4 * CHUNK), concat([filled(2), filled(4), filled(3, 2 * CHUNK)]))).toBe(true);
  });

  it('is not confused by a read within the callback of another', () => {
    const store = new MemoryStore({ sizeBytes: 2 * CHUNK, thin: false });
    write(store, 0, filled(1), filled(2));
    let outer: readonly Uint8Array[] = [];
    store.read(0, 512, (_, data) => {
      store.read(CHUNK, 512, (_inner, other) => other!.hold());
      outer = data!.views;
      data!.hold();
    });
    write(store, 0, filled(8), filled(9));
    expect(same(outer[0]!, filled(1, 512))).toBe(true);
  });
});

describe('adopting a buffer', () => {
  it('swaps it in and gives the old one back', () => {
    const store = new MemoryStore({ sizeBytes: 2 * CHUNK, thin: false });
    const mine = filled(5);
    const back = store.adopt(CHUNK, mine);
    expect(back).toHaveLength(CHUNK);
    expect(back).not.toBe(mine);
    expect(same(readBytes(store, CHUNK, CHUNK), filled(5))).toBe(true);
    expect(store.adopt(CHUNK, filled(6))).toBe(mine);
  });

  it('refuses what is not a whole chunk at its place', () => {
    const store = new MemoryStore({ sizeBytes: CHUNK + 512, thin: false });
    expect(store.adopt(512, filled(1))).toBeUndefined();
    expect(store.adopt(0, filled(1, 512))).toBeUndefined();
    expect(store.adopt(0, new Uint8Array(2 * CHUNK).subarray(0, CHUNK))).toBeUndefined();
    expect(store.adopt(CHUNK, filled(1))).toBeUndefined();
    expect(same(readBytes(store, 0, 512), new Uint8Array(512))).toBe(true);
  });

  it('never gives a buffer back that somebody looks at', () => {
    const store = new MemoryStore({ sizeBytes: CHUNK, thin: true });
    write(store, 0, filled(1));
    let view = new Uint8Array();
    let release = nothing;
    store.read(0, CHUNK, (_, data) => {
      view = data!.views[0]! as Uint8Array<ArrayBuffer>;
      release = data!.hold();
    });
    const back = store.adopt(0, filled(2))!;
    back.fill(99);
    expect(same(view, filled(1))).toBe(true);
    release();
    expect(same(readBytes(store, 0, CHUNK), filled(2))).toBe(true);
  });
});

/** The store against one array, with reads held over what comes after them and buffers of ours swapped in. */
type Step =
  | { readonly type: 'write'; readonly offset: number; readonly lengths: readonly number[]; readonly value: number }
  | { readonly type: 'read'; readonly offset: number; readonly length: number }
  | { readonly type: 'hold'; readonly offset: number; readonly length: number }
  | { readonly type: 'unmap'; readonly offset: number; readonly length: number }
  | { readonly type: 'adopt'; readonly chunk: number; readonly value: number }
  | { readonly type: 'release'; readonly which: number };

const SIZE = 5 * CHUNK + 1536;
const sectors = SIZE / 512;
const offset = fc.integer({ min: 0, max: sectors - 1 }).map((sector) => sector * 512);
const length = fc.oneof(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 100, max: 300 })).map((count) => count * 512);
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: fc.constant('write' as const),
    offset,
    lengths: fc.array(length, { minLength: 1, maxLength: 3 }),
    value: fc.integer({ min: 1, max: 255 }),
  }),
  fc.record({ type: fc.constant('read' as const), offset, length }),
  fc.record({ type: fc.constant('hold' as const), offset, length }),
  fc.record({ type: fc.constant('unmap' as const), offset, length }),
  fc.record({ type: fc.constant('adopt' as const), chunk: fc.integer({ min: 0, max: 5 }), value: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ type: fc.constant('release' as const), which: fc.nat(20) }),
);

interface Held {
  readonly data: ReadData['views'];
  readonly expected: Uint8Array;
  readonly release: () => void;
}

describe.each([true, false])('against a plain array, thin: %s', (thin) => {
  it('every sequence of operations gives the same bytes, and held reads never change', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60, size: 'max' }), (sequence) => {
        const store = new MemoryStore({ sizeBytes: SIZE, thin });
        const model = new Uint8Array(SIZE);
        const held: Held[] = [];
        const cut = (at: number, wanted: number): number => Math.min(wanted, SIZE - at);
        for (const step of sequence) {
          if (step.type === 'write') {
            let at = step.offset;
            const parts = step.lengths.map((wanted, index) => {
              const part = filled((step.value + index) & 0xff, cut(at, wanted));
              model.set(part, at);
              at += part.length;
              return part;
            });
            expect(write(store, step.offset, ...parts)).toBeUndefined();
            for (const part of parts) part.fill(0xee);
          } else if (step.type === 'read') {
            const wanted = cut(step.offset, step.length);
            expect(same(readBytes(store, step.offset, wanted), model.slice(step.offset, step.offset + wanted))).toBe(true);
          } else if (step.type === 'hold') {
            const wanted = cut(step.offset, step.length);
            store.read(step.offset, wanted, (_, data) => {
              held.push({ data: data!.views, expected: model.slice(step.offset, step.offset + wanted), release: data!.hold() });
            });
          } else if (step.type === 'unmap') {
            const wanted = cut(step.offset, step.length);
            unmap(store, step.offset, wanted);
            model.fill(0, step.offset, step.offset + wanted);
          } else if (step.type === 'adopt') {
            const back = store.adopt(step.chunk * CHUNK, filled(step.value));
            if (step.chunk < 5) {
              model.fill(step.value, step.chunk * CHUNK, (step.chunk + 1) * CHUNK);
              back!.fill(0xdd);
            } else expect(back).toBeUndefined();
          } else if (held.length !== 0) {
            held.splice(step.which % held.length, 1)[0]!.release();
          }
          for (const one of held) expect(same(concat(one.data), one.expected)).toBe(true);
        }
        expect(same(readBytes(store, 0, SIZE), model)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
