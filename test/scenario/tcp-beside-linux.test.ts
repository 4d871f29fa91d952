import { describe, expect, it } from 'vitest';
import { caseName, LINK_CASES, mean, oursToOurs, readRecord } from './tcp-beside-linux.ts';

const SEEDS = 4;

describe('CUBIC beside Linux’s, which was measured through the same links', () => {
  const record = readRecord();

  it('has a measurement for every link', () => {
    expect(record.cases.map((one) => caseName(one)).sort()).toEqual(LINK_CASES.map((one) => caseName(one)).sort());
  });

  it.each(record.cases.map((one) => [caseName(one), one] as const))('%s', { timeout: 120_000 }, (_, measured) => {
    const runs = measured.runs['linux to linux'];
    expect(runs.length).toBeGreaterThanOrEqual(3);
    // What loss leaves of the rate goes with the round trip: ours gets the one that Linux had, with what the busy machine added to it.
    const roundTripMillis = mean(runs.map((run) => run.roundTripMillis));
    const rates = Array.from({ length: SEEDS }, (_unused, seed) => oursToOurs({ ...measured, roundTripMillis }, seed + 1));
    const ratio = mean(rates) / mean(runs.map((run) => run.megabitsPerSecond));
    expect(ratio).toBeGreaterThan(0.9);
    // It is faster. By the formula of RFC 9438 §4.3 losses of 0.2, 1 and 3 % leave windows of 27, 12 and 7 segments. Ours has 7 to 17 % more, since it
    // grows as Reno does once the loss before is made up for (the same clause; Linux leaves that out); Linux has between 6 % more and 28 % less: it
    // counts in whole segments, and looks at its curve 32 times a second. With that arithmetic in our sender the ratios were 0.9 and 1.1 at 0.2 %,
    // 1.1 and 1.3 at 1 %, 1.4 at 3 %, of which the rest is not explained.
    expect(ratio).toBeLessThan(1.65);
  });
});
