import { describe, expect, it } from 'vitest';
import { Past, PAST_SAMPLES, summaryOf } from './past.ts';

const last = (past: Past, count: number, column = 0) => past.drawn().columns[column]!.slice(-count);

describe('the past of a chart', () => {
  it('has a gap where there was no sample', () => {
    const past = new Past(['a']);
    expect(past.append(10, 10_000, [1])).toBe(true);
    expect(past.append(11, 11_000, [2])).toBe(true);
    expect(past.append(14, 14_000, [5])).toBe(false);
    expect(last(past, 6)).toEqual([null, 1, 2, null, null, 5]);
    expect(past.drawn().times.slice(-2)).toEqual([13, 14]);
  });

  it('is filled with what the fabric has kept', () => {
    const past = new Past(['a', 'b']);
    past.append(14, 14_000, [5, 50]);
    past.fill([{ series: 'a', sequence: 15, values: [2, 3, 4, 5, 6] }], 15_000);
    expect(last(past, 5)).toEqual([2, 3, 4, 5, 6]);
    expect(last(past, 3, 1)).toEqual([null, 50, null]);
    past.append(16, 16_000, [7, 70]);
    expect(last(past, 3)).toEqual([5, 6, 7]);
  });

  it('begins anew when samples count from one again', () => {
    const past = new Past(['a']);
    past.append(500, 500_000, [1]);
    past.append(1, 600_000, [9]);
    expect(last(past, 3)).toEqual([null, null, 9]);
  });

  it('forgets what is older than it shows', () => {
    const past = new Past(['a']);
    past.append(1, 1000, [1]);
    past.append(PAST_SAMPLES + 1, 601_000, [2]);
    const [column] = past.drawn().columns;
    expect(column!.length).toBe(PAST_SAMPLES);
    expect(column!.filter((value) => value !== null)).toEqual([2]);
  });

  it('is told in three figures', () => {
    expect(summaryOf([null, 3, 1, 2])).toEqual({ latest: 2, least: 1, most: 3 });
    expect(summaryOf([1, null])).toEqual({ latest: undefined, least: 1, most: 1 });
    expect(summaryOf([null])).toEqual({ latest: undefined, least: undefined, most: undefined });
  });
});
