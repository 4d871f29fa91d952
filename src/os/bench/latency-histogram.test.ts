import { describe, expect, it } from 'vitest';
import { below, seededRng } from '../../base/rng.ts';
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
