import { describe, expect, it } from 'vitest';
import { below, seededRng } from './rng.ts';
import { LatencyHistogram } from './latency-histogram.ts';

describe('a latency histogram', () => {
  it('has no figures without latencies', () => {
    const empty = new LatencyHistogram();
    expect([empty.count, empty.min, empty.max, empty.mean, empty.percentile(50)]).toEqual([0, 0, 0, 0, 0]);
  });

  it('is exact for few and for small ones', () => {
    const one = new LatencyHistogram();
    one.record(1_234_567);
    expect([one.min, one.max, one.mean, one.percentile(0), one.percentile(50), one.percentile(100)]).toEqual(Array(6).fill(1_234_567));
    const small = new LatencyHistogram();
    for (let value = 1; value <= 100; value += 1) small.record(value);
    expect([50, 90, 99, 100].map((percent) => small.percentile(percent))).toEqual([50, 90, 99, 100]);
  });

  it.each([1, 2, 3])('is right to one part in 128, seed %i', (seed) => {
    const rng = seededRng(seed);
    const histogram = new LatencyHistogram();
    // From a nanosecond to an hour, every size as often as any other.
    const values = Array.from({ length: 5000 }, () => Math.floor(2 ** (below(rng, 41_000) / 1000)));
    for (const value of values) histogram.record(value);
    values.sort((a, b) => a - b);
    for (const percent of [0.1, 1, 10, 50, 90, 99, 99.9, 100]) {
      const exact = values[Math.ceil((percent / 100) * values.length) - 1]!;
      const found = histogram.percentile(percent);
      expect(found, `${percent}%`).toBeGreaterThanOrEqual(exact);
      expect(found, `${percent}%`).toBeLessThanOrEqual(exact * (1 + 1 / 128));
    }
    expect(histogram.mean).toBeCloseTo(values.reduce((sum, value) => sum + value, 0) / values.length, 0);
  });

  it('keeps what is longer than it can tell, or makes no sense', () => {
    const histogram = new LatencyHistogram();
    for (const value of [2 ** 50, -5, Number.NaN, 0.5]) histogram.record(value);
    expect([histogram.count, histogram.min, histogram.max]).toEqual([4, 0, 2 ** 50]);
    expect(histogram.percentile(50)).toBe(0);
    expect(histogram.percentile(100)).toBeGreaterThan(2 ** 42);
    histogram.clear();
    expect(histogram.count).toBe(0);
    expect(histogram.percentile(100)).toBe(0);
  });

  it('has its buckets where doublings end', () => {
    for (let power = 1; power <= 41; power += 1) {
      for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
        const histogram = new LatencyHistogram();
        histogram.record(value);
        histogram.record(2 ** 43);
        const found = histogram.percentile(50);
        expect(found, String(value)).toBeGreaterThanOrEqual(value);
        expect(found, String(value)).toBeLessThanOrEqual(value * (1 + 1 / 128));
      }
    }
  });
});

const rough = (values: readonly number[]): LatencyHistogram => {
  const histogram = new LatencyHistogram(4);
  for (const value of values) histogram.record(value);
  return histogram;
};

describe('two histograms of the same', () => {
  it('tell what came in between', () => {
    const now = rough([1, 1_000, 2_000_000, 5_000_000_000]);
    const before = new LatencyHistogram(4);
    const first = new LatencyHistogram(4);
    now.addSince(before, first);
    expect([first.count, first.sum, first.percentile(100)]).toEqual([4, 5_002_001_001, 5_000_000_000]);
    for (let more = 0; more < 99; more += 1) now.record(10_000);
    now.record(300_000);
    const second = new LatencyHistogram(4);
    now.addSince(before, second);
    expect([second.count, second.mean]).toEqual([100, (99 * 10_000 + 300_000) / 100]);
    expect(second.percentile(99)).toBeGreaterThanOrEqual(10_000);
    expect(second.percentile(99)).toBeLessThan(10_000 * (1 + 1 / 16));
    expect(second.percentile(100)).toBeLessThan(300_000 * (1 + 1 / 16));
    const third = new LatencyHistogram(4);
    now.addSince(before, third);
    expect(third.count).toBe(0);
  });

  it.each([4, 7])('count below powers of two, with 2^%i buckets to each doubling', (stepsLog2) => {
    const histogram = new LatencyHistogram(stepsLog2);
    const values = [0, 1, 7, 8, 127, 128, 1023, 1024, 1025, 2 ** 31 - 1, 2 ** 31, 2 ** 33 - 1, 2 ** 33, 2 ** 50];
    for (const value of values) histogram.record(value);
    const powers = Array.from({ length: 32 }, (_, index) => index + 3);
    expect(histogram.belowPowers(3, 34)).toEqual(powers.map((power) => values.filter((value) => value < 2 ** power).length));
  });
});
