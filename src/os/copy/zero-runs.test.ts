import { describe, expect, it } from 'vitest';
import { below, chance, seededRng } from '../../base/rng.ts';
import { isZero, zeroRuns } from './zero-runs.ts';

const KIB = 1024;

describe('zero runs', () => {
  it('are found at grains, and short ones are left to the data', () => {
    const data = Buffer.alloc(256 * KIB, 1);
    data.fill(0, 64 * KIB, 128 * KIB); // long enough
    data.fill(0, 140 * KIB, 150 * KIB); // too short
    data.fill(0, 252 * KIB); // short, but it may go on
    expect(zeroRuns(data, 0, 512)).toEqual([
      { start: 0, end: 64 * KIB, zeros: false },
      { start: 64 * KIB, end: 128 * KIB, zeros: true },
      { start: 128 * KIB, end: 252 * KIB, zeros: false },
      { start: 252 * KIB, end: 256 * KIB, zeros: true },
    ]);
  });

  it('begin at multiples of the unit, wherever the data lies', () => {
    const data = Buffer.alloc(200 * KIB);
    expect(zeroRuns(data, 4096, 64 * KIB)[0]).toEqual({ start: 0, end: 60 * KIB, zeros: false });
    expect(zeroRuns(data, 4096, 64 * KIB)[1]).toEqual({ start: 60 * KIB, end: 200 * KIB, zeros: true });
  });

  it.each([1, 2, 3, 4, 5, 6])('cover everything and hide nothing, seed %i', (seed) => {
    const rng = seededRng(seed);
    for (let round = 0; round < 50; round += 1) {
      const data = Buffer.alloc(512 * (1 + below(rng, 600)));
      // One byte anywhere makes a grain data: the first, the last, one in the middle.
      for (let at = 0; at < data.length; at += 1 + below(rng, chance(rng, 0.5) ? 100_000 : 5000)) data[at] = 1;
      const unit = 512 * 2 ** below(rng, 5);
      const runs = zeroRuns(data, 512 * below(rng, 64), unit);
      let next = 0;
      for (const run of runs) {
        expect(run.start).toBe(next);
        expect(run.end).toBeGreaterThan(run.start);
        if (run.zeros) expect(isZero(data.subarray(run.start, run.end))).toBe(true);
        next = run.end;
      }
      expect(next).toBe(data.length);
    }
  });

  it('isZero looks at every byte', () => {
    for (const bytes of [1, 511, 4096, 4097, 10_000]) {
      expect(isZero(Buffer.alloc(bytes))).toBe(true);
      for (const at of new Set([0, Math.min(1, bytes - 1), Math.floor(bytes / 2), bytes - 1])) {
        const data = Buffer.alloc(bytes);
        data[at] = 0x80;
        expect(isZero(data), `${at} of ${bytes}`).toBe(false);
      }
    }
  });
});
