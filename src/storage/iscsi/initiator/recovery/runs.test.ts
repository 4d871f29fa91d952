import { array, assert, integer, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { serialAdd } from '../../../../base/serial.ts';
import { EarlyArrivals } from './runs.ts';

describe('what comes before its turn', () => {
  it('shows what is missing once, and again when asked', () => {
    const early = new EarlyArrivals<string>(5);
    expect(early.arrive(5, 7)).toEqual([5, 2]);
    early.put(7, 'seven');
    expect(early.arrive(5, 6)).toBeUndefined();
    early.put(6, 'six');
    expect(early.arrive(5, 10)).toEqual([8, 2]);
    early.put(10, 'ten');
    expect(early.missing(5, 8)).toEqual([
      [5, 1],
      [8, 2],
    ]);
    expect(early.missing(5, 1)).toEqual([[5, 1]]);
    expect([early.isMissing(5, 9), early.isMissing(5, 10), early.isMissing(5, 11), early.isMissing(5, 4)]).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect([early.take(6), early.take(6), early.size]).toEqual(['six', undefined, 2]);
  });

  it('may be known of without having come', () => {
    const early = new EarlyArrivals<string>(0);
    expect(early.tell(0, 3)).toEqual([0, 3]);
    expect(early.tell(0, 3)).toBeUndefined();
    expect(early.tell(1, 5)).toEqual([3, 2]);
    expect(early.missing(1, 8)).toEqual([[1, 4]]);
    early.clear(5);
    expect(early.missing(5, 8)).toEqual([]);
  });

  it('together with what is missing is everything, over the end of the numbers', () => {
    const start = 0xffff_fff0;
    assert(
      property(array(integer({ min: 0, max: 60 }), { maxLength: 40 }), (offsets) => {
        const early = new EarlyArrivals<number>(start);
        const asked = new Set<number>();
        for (const offset of offsets) {
          const number = serialAdd(start, offset);
          const run = early.arrive(start, number);
          if (run !== undefined) for (let index = 0; index < run[1]; index += 1) asked.add(serialAdd(run[0], index));
          early.put(number, offset);
        }
        const missing = new Set<number>();
        for (const [begin, length] of early.missing(start, 1000))
          for (let index = 0; index < length; index += 1) missing.add(serialAdd(begin, index));
        const last = Math.max(-1, ...offsets);
        for (let offset = 0; offset <= last; offset += 1) {
          const number = serialAdd(start, offset);
          expect(missing.has(number)).toBe(!offsets.includes(offset));
          // What is missing was asked for at once.
          if (missing.has(number)) expect(asked.has(number)).toBe(true);
        }
        expect(missing.has(serialAdd(start, last + 1))).toBe(false);
      }),
    );
  });
});
