/** The past of many series, one value of each a sample, in one piece of memory. */

/** Ten minutes. */
export const HISTORY_VALUES = 600;

export interface HistoryRing {
  /** To be filled before `next`, each series at its place. */
  readonly current: Float32Array;
  /** What `current` has is kept. */
  next(): void;
  /** Of the series at this place, the latest last. */
  values(series: number): number[];
}

/** Seven digits each: more than anybody reads off a chart. */
export function historyRing(series: number, length = HISTORY_VALUES): HistoryRing {
  // A row a sample: what is written in one second lies together.
  const kept = new Float32Array(series * length);
  const current = new Float32Array(series);
  let samples = 0;
  return {
    current,
    next() {
      kept.set(current, (samples % length) * series);
      samples += 1;
    },
    values(index) {
      const count = Math.min(samples, length);
      return Array.from({ length: count }, (_, at) => digits(kept[((samples - count + at) % length) * series + index]!));
    },
  };
}

/** What 32 bits are sure of. */
const digits = (value: number): number => Number(value.toPrecision(7));
