/** Figures over several samples: rates are averaged, latencies weighted by commands, states are the latest. */
import type { FabricState, LinkEndState, LinkState, Totals, UnitState } from '../../server/view/state.ts';

export interface Interval {
  /** Of its last sample; ISO 8601. */
  readonly time: string;
  readonly seconds: number;
  readonly totals: Totals;
  readonly units: readonly UnitState[];
  readonly links: readonly LinkState[];
}

/** Gives back a function that is given each sample, and gives an interval whenever `seconds` of them have passed. The first sample is where it begins. */
export function intervalMeter(seconds: number): (state: FabricState) => Interval | undefined {
  let from: number | undefined;
  let sums = newSums();
  return (state) => {
    // It was started anew.
    if (from !== undefined && state.sequence <= from) from = undefined;
    if (from === undefined) {
      from = state.sequence;
      sums = newSums();
      return undefined;
    }
    addSample(sums, state);
    const passed = state.sequence - from;
    if (passed < seconds) return undefined;
    const interval = intervalOf(sums, state, passed);
    from = state.sequence;
    sums = newSums();
    return interval;
  };
}

/** What is added up of one thing. */
type Sum = Record<string, number>;

interface Sums {
  samples: number;
  readonly totals: Sum;
  readonly units: Map<string, Sum>;
  readonly links: Map<number, readonly [Sum, Sum]>;
}

const newSums = (): Sums => ({ samples: 0, totals: {}, units: new Map(), links: new Map() });

const IO_RATES = ['readsPerSecond', 'writesPerSecond', 'readBytesPerSecond', 'writtenBytesPerSecond'] as const;
const TOTAL_RATES = [...IO_RATES, 'linkBitsPerSecond', 'dropsPerSecond', 'retransmissionsPerSecond'] as const;
const END_RATES = ['bitsPerSecond', 'framesPerSecond', 'load', 'dropsPerSecond', 'waitingBytes'] as const;

function addSample(sums: Sums, { totals, units, links }: FabricState): void {
  sums.samples += 1;
  addRates(sums.totals, totals, TOTAL_RATES);
  addLatency(sums.totals, totals);
  for (const unit of units) {
    const sum = sumOf(sums.units, unitKey(unit), newSum);
    addRates(sum, unit, IO_RATES);
    addLatency(sum, unit);
  }
  for (const { index, ends } of links) {
    const sum = sumOf(sums.links, index, newSumPair);
    for (const side of [0, 1] as const) addRates(sum[side], ends[side], END_RATES);
  }
}

function intervalOf(sums: Sums, { time, totals, units, links }: FabricState, seconds: number): Interval {
  const { samples } = sums;
  const end = (state: LinkEndState, sum: Sum): LinkEndState => ({ ...state, ...meansOf(sum, samples, END_RATES) });
  return {
    time,
    seconds,
    totals: { ...totals, ...meansOf(sums.totals, samples, TOTAL_RATES), ...latencyOf(sums.totals) },
    units: units.map((unit) => {
      const sum = sums.units.get(unitKey(unit))!;
      return { ...unit, ...meansOf(sum, samples, IO_RATES), ...latencyOf(sum) };
    }),
    links: links.map((link) => {
      const [one, other] = sums.links.get(link.index)!;
      return { ...link, ends: [end(link.ends[0], one), end(link.ends[1], other)] };
    }),
  };
}

export const unitKey = ({ array, target, lun }: Pick<UnitState, 'array' | 'target' | 'lun'>): string => `${array}\n${target}\n${lun}`;

const newSum = (): Sum => ({});
const newSumPair = (): readonly [Sum, Sum] => [{}, {}];

function sumOf<Key, Value>(sums: Map<Key, Value>, key: Key, make: () => Value): Value {
  let sum = sums.get(key);
  if (sum === undefined) sums.set(key, (sum = make()));
  return sum;
}

function addRates<Name extends string>(sum: Sum, rates: Readonly<Record<Name, number>>, names: readonly Name[]): void {
  for (const name of names) sum[name] = (sum[name] ?? 0) + rates[name];
}

function meansOf<Name extends string>(sum: Sum, samples: number, names: readonly Name[]): Record<Name, number> {
  return Object.fromEntries(names.map((name) => [name, sum[name]! / samples])) as Record<Name, number>;
}

type Latencies = Pick<Totals, 'readsPerSecond' | 'writesPerSecond' | 'meanNanos' | 'p99Nanos'>;

/** A mean counts as often as there were commands. Percentiles can't be averaged: the highest is what all of them were below. */
function addLatency(sum: Sum, { readsPerSecond, writesPerSecond, meanNanos, p99Nanos }: Latencies): void {
  const weight = meanNanos === 0 ? 0 : Math.max(readsPerSecond + writesPerSecond, 1);
  sum['weight'] = (sum['weight'] ?? 0) + weight;
  sum['nanos'] = (sum['nanos'] ?? 0) + weight * meanNanos;
  sum['p99Nanos'] = Math.max(sum['p99Nanos'] ?? 0, p99Nanos);
}

const latencyOf = (sum: Sum): Pick<Totals, 'meanNanos' | 'p99Nanos'> => ({
  meanNanos: sum['weight'] === 0 ? 0 : sum['nanos']! / sum['weight']!,
  p99Nanos: sum['p99Nanos']!,
});
