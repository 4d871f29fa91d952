/** Rates and latencies of logical units. */
import { LatencyHistogram } from '../../base/latency-histogram.ts';
import type { RunningArrays, UnitReport } from '../../os/running.ts';
import { LATENCY_STEPS_LOG2 } from '../../storage/scsi/logical-unit.ts';
import { perSecond, rounded } from './rates.ts';
import { keepSame } from './same-data.ts';
import type { UnitRates, UnitState } from './state.ts';

export interface UnitSampler {
  readonly states: readonly UnitState[];
  /** Of all of them together. */
  readonly total: UnitRates;
  sample(seconds: number): void;
}

const idle: UnitRates = {
  readsPerSecond: 0,
  writesPerSecond: 0,
  readBytesPerSecond: 0,
  writtenBytesPerSecond: 0,
  meanNanos: 0,
  p99Nanos: 0,
};

export function sampleUnits({ units, latencies }: Pick<RunningArrays, 'units' | 'latencies'>): UnitSampler {
  let states: readonly UnitState[] = [];
  let total = idle;
  /** By the histogram itself: another object is another unit. */
  let seen = new Map<LatencyHistogram, LatencyHistogram>();
  const second = new LatencyHistogram(LATENCY_STEPS_LOG2);
  const all = new LatencyHistogram(LATENCY_STEPS_LOG2);

  return {
    get states() {
      return states;
    },
    get total() {
      return total;
    },
    sample(seconds) {
      const reports = units();
      const histograms = latencies();
      const known = new Map<LatencyHistogram, LatencyHistogram>();
      const sum = { readsPerSecond: 0, writesPerSecond: 0, readBytesPerSecond: 0, writtenBytesPerSecond: 0 };
      all.clear();
      const now = reports.map((report, index): UnitState => {
        const before = states[index];
        const rate = (counter: 'readCommands' | 'writeCommands' | 'readBytes' | 'writtenBytes'): number =>
          before === undefined || !sameUnit(before, report) ? 0 : perSecond(report[counter], before[counter], seconds);
        const rates = {
          readsPerSecond: rate('readCommands'),
          writesPerSecond: rate('writeCommands'),
          readBytesPerSecond: rate('readBytes'),
          writtenBytesPerSecond: rate('writtenBytes'),
        };
        sum.readsPerSecond += rates.readsPerSecond;
        sum.writesPerSecond += rates.writesPerSecond;
        sum.readBytesPerSecond += rates.readBytesPerSecond;
        sum.writtenBytesPerSecond += rates.writtenBytesPerSecond;
        const latency = lastSecond(histograms[index], known);
        return { ...report, ...shown(rates), ...latency };
      });
      seen = known;
      states = keepSame(states, now);
      total = { ...shown(sum), meanNanos: Math.round(all.mean), p99Nanos: all.percentile(99) };
    },
  };

  function lastSecond(histogram: LatencyHistogram | undefined, known: Map<LatencyHistogram, LatencyHistogram>) {
    if (histogram === undefined) return { meanNanos: 0, p99Nanos: 0 };
    const before = seen.get(histogram) ?? new LatencyHistogram(LATENCY_STEPS_LOG2);
    known.set(histogram, before);
    if (before.count === histogram.count) return { meanNanos: 0, p99Nanos: 0 };
    second.clear();
    histogram.addSince(before, second);
    all.add(second);
    return { meanNanos: Math.round(second.mean), p99Nanos: second.percentile(99) };
  }
}

const sameUnit = (one: UnitReport, other: UnitReport): boolean =>
  one.array === other.array && one.target === other.target && one.lun === other.lun;

const shown = <Rates extends Readonly<Record<string, number>>>(rates: Rates): Rates =>
  Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rounded(rate, 1)])) as unknown as Rates;
