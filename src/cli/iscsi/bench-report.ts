/** What a benchmark found, for people and for programs. */
import type { Colors } from 'picocolors/types.js';
import type { Direction, Load } from '../../os/bench/load.ts';
import { sizeText, tableLines } from './words.ts';

/** Microseconds. */
export interface LatencyFigures {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly 'p99.9': number;
  readonly max: number;
}

export interface DirectionFigures {
  readonly commands: number;
  readonly iops: number;
  readonly bytesPerSecond: number;
  readonly latencyMicroseconds: LatencyFigures;
}

export interface Measured {
  readonly seconds: number;
  /** Processor time of this process for each command. */
  readonly cpuMicrosecondsPerCommand: number;
  /** Absent: there were none of this kind. */
  readonly read?: DirectionFigures;
  readonly write?: DirectionFigures;
  readonly iops: number;
  readonly bytesPerSecond: number;
}

export interface BenchReport extends Measured {
  readonly url: string;
  readonly order: 'random' | 'sequential';
  readonly readPercent: number;
  readonly blockSize: number;
  readonly depth: number;
  readonly seed: number;
  readonly offset: number;
  readonly region: number;
}

/** As it stands now: what ends later is not in it. */
export function measuredOf(load: Load, seconds: number, cpuMicroseconds: number, blockSize: number): Measured {
  const commands = load.read.commands + load.write.commands;
  const perSecond = (number: number): number => (seconds > 0 ? round(number / seconds, 1) : 0);
  const figures = (direction: Direction): DirectionFigures => ({
    commands: direction.commands,
    iops: perSecond(direction.commands),
    bytesPerSecond: Math.round(perSecond(direction.commands * blockSize)),
    latencyMicroseconds: latencyFigures(direction),
  });
  return {
    seconds: round(seconds, 3),
    iops: perSecond(commands),
    bytesPerSecond: Math.round(perSecond(commands * blockSize)),
    cpuMicrosecondsPerCommand: commands === 0 ? 0 : round(cpuMicroseconds / commands, 2),
    ...(load.read.commands === 0 ? {} : { read: figures(load.read) }),
    ...(load.write.commands === 0 ? {} : { write: figures(load.write) }),
  };
}

function latencyFigures({ latency }: Direction): LatencyFigures {
  const at = (percent: number): number => micro(latency.percentile(percent));
  return {
    min: micro(latency.min),
    mean: micro(latency.mean),
    p50: at(50),
    p90: at(90),
    p99: at(99),
    'p99.9': at(99.9),
    max: micro(latency.max),
  };
}

const micro = (nanos: number): number => round(nanos / 1000, 2);

const round = (value: number, places: number): number => Number(value.toFixed(places));

const LATENCIES = ['mean', 'p50', 'p90', 'p99', 'p99.9', 'max'] as const;

export function reportText(report: BenchReport, { bold, dim }: Colors): string {
  const { read, write, order, readPercent, depth, blockSize, seconds, cpuMicrosecondsPerCommand, seed, region, offset } = report;
  const what = readPercent === 100 ? 'reads' : readPercent === 0 ? 'writes' : `${readPercent}% reads`;
  const where = `${sizeText(region)}${offset === 0 ? '' : ` from ${sizeText(offset)} on`}`;
  const rows = [['', 'IOPS', 'MB/s', ...LATENCIES]];
  const add = (name: string, figures: DirectionFigures | undefined): void => {
    if (figures === undefined) return;
    const { iops, bytesPerSecond, latencyMicroseconds } = figures;
    rows.push([name, figure(iops), figure(bytesPerSecond / 1e6), ...LATENCIES.map((key) => timeText(latencyMicroseconds[key]))]);
  };
  add('read', read);
  add('write', write);
  if (read !== undefined && write !== undefined)
    rows.push(['both', figure(report.iops), figure(report.bytesPerSecond / 1e6), ...LATENCIES.map(() => '')]);
  const [head, ...body] = tableLines(rows, [1, 2, 3, 4, 5, 6, 7, 8]);
  return [
    `${bold(`${order} ${what} of ${sizeText(blockSize)}, ${depth} under way`)} ${dim(`over ${where} for ${seconds.toFixed(1)} s`)}`,
    dim(head!),
    ...(body.length === 0 ? ['no command ended in that time'] : body),
    dim(`${cpuMicrosecondsPerCommand.toFixed(1)} µs of this processor a command; --seed ${seed}`),
    '',
  ].join('\n');
}

/** Whole numbers from a hundred up. */
const figure = (value: number): string => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(1));

/** Three digits, in the unit that suits: `87.3µs`, `1.25ms`, `2.1s`. */
export function timeText(microseconds: number): string {
  const [value, unit] =
    microseconds < 1000 ? [microseconds, 'µs'] : microseconds < 1e6 ? [microseconds / 1000, 'ms'] : [microseconds / 1e6, 's'];
  return `${value >= 100 ? Math.round(value) : Number(value.toPrecision(3))}${unit}`;
}
