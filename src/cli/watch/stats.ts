/** `samewire stats`: what a fabric that is up does, a line each interval, as iostat(1) and sar(1) show it. */
import type { Colors } from 'picocolors/types.js';
import type { Topology } from '../../server/view/topology.ts';
import { askFabric } from '../ask-fabric.ts';
import { type CommandContext, UsageError } from '../context.ts';
import type { Tone } from '../host-words.ts';
import { paint } from '../paint.ts';
import {
  byCommands,
  byLoad,
  type Column,
  LINK_COLUMNS,
  layoutOf,
  linkName,
  linkTone,
  TOTAL_COLUMNS,
  UNIT_COLUMNS,
  unitName,
  unitTone,
} from './columns.ts';
import { clockOf, styleOf } from './figures.ts';
import { type Style, widthOf } from './fit.ts';
import { followSamples } from './follow.ts';
import { type Interval, intervalMeter } from './interval.ts';
import { csvHeader, csvLines, jsonLine, type StatsSubject } from './records.ts';

export interface StatsOptions {
  /** Seconds. */
  readonly every: number;
  /** Intervals after which it ends. */
  readonly count?: number;
  readonly luns?: boolean;
  readonly links?: boolean;
  /** The busiest so many of them. */
  readonly top: number;
  readonly json?: boolean;
  readonly csv?: boolean;
}

/** How wide lines may be that go to a file. */
const FILE_COLUMNS = 400;
const EXIT_INTERRUPTED = 130;

/** `file` undefined: the only fabric that is up. */
export async function stats(file: string | undefined, options: StatsOptions, context: CommandContext): Promise<number> {
  if (options.luns === true && options.links === true) throw new UsageError('It shows LUNs or links: leave out --luns or --links.');
  if (options.json === true && options.csv === true) throw new UsageError('It gives JSON or CSV: leave out --json or --csv.');
  const subject = options.luns === true ? 'units' : options.links === true ? 'links' : 'totals';
  let topology = await askTopology(file, context);
  const show = printerOf(subject, options, context);
  const meter = intervalMeter(options.every);
  let shown = 0;
  let before = 0;
  const following = followSamples(file, context, async (state) => {
    // Another run of the fabric, which may have another file by now.
    if (state.sequence < before) topology = await askTopology(file, context);
    before = state.sequence;
    const interval = meter(state);
    if (interval === undefined) return;
    show(interval, topology);
    shown += 1;
    if (shown === options.count) following.stop();
  });
  let asked = false;
  const stopListening = context.onSignal(() => {
    if (asked) return context.exitNow(EXIT_INTERRUPTED);
    asked = true;
    following.stop();
  });
  try {
    if ((await following.ended) === 'stopped') return 0;
    context.err(`${context.errColors.yellow('note:')} ${topology.fabric} is not up any more.\n`);
    return 1;
  } finally {
    following.stop();
    stopListening();
  }
}

export const askTopology = async (file: string | undefined, context: CommandContext): Promise<Topology> =>
  (await askFabric(file, 'GET', '/api/topology', undefined, context)) as Topology;

type Printer = (interval: Interval, topology: Topology) => void;

function printerOf(subject: StatsSubject, { json, csv, top }: StatsOptions, context: CommandContext): Printer {
  const busiest = (interval: Interval): Interval => ({
    ...interval,
    units: interval.units.toSorted(byCommands).slice(0, top),
    links: interval.links.toSorted(byLoad).slice(0, top),
  });
  if (json === true) return (interval, topology) => context.out(jsonLine(subject, busiest(interval), topology));
  if (csv === true) {
    context.out(csvHeader(subject));
    return (interval, topology) => context.out(csvLines(subject, busiest(interval), topology));
  }
  const style = styleOf(context.environment);
  const table = subject === 'totals' ? totalsPrinter(style, context) : blockPrinter(subject, style, context);
  return (interval, topology) => table(busiest(interval), topology);
}

const columnsOf = (context: CommandContext): number => context.terminal?.size().columns ?? FILE_COLUMNS;

/** One line an interval; of a terminal, each screen begins with the headings. */
function totalsPrinter(style: Style, context: CommandContext): Printer {
  const { bold } = context.outColors;
  let lines = 0;
  return ({ time, totals }) => {
    const layout = layoutOf('time', TOTAL_COLUMNS, columnsOf(context), CLOCK_COLUMNS, style);
    const rows = context.terminal?.size().rows ?? Infinity;
    if (lines === 0 || lines >= rows - 1) {
      context.out(`${bold(layout.heading)}\n`);
      lines = 1;
    }
    const tone = totals.linksDown + totals.pathsDown > 0 ? 'busy' : 'plain';
    context.out(`${paint(context.outColors, tone)(layout.line(clockOf(time), totals))}\n`);
    lines += 1;
  };
}

/** `12:34:56`. */
const CLOCK_COLUMNS = 8;

/** Headings and a line for each of them, and a blank line between intervals. */
function blockPrinter(subject: 'units' | 'links', style: Style, context: CommandContext): Printer {
  let isFirst = true;
  return ({ time, units, links }, topology) => {
    const width = Math.max(0, columnsOf(context) - CLOCK_COLUMNS - 1);
    const [heading, ...lines] =
      subject === 'units'
        ? blockLines('LUN', UNIT_COLUMNS, units, unitName, unitTone, width, style, context.outColors)
        : blockLines('link', LINK_COLUMNS, links, (link) => linkName(topology, link), linkTone, width, style, context.outColors);
    const clock = clockOf(time);
    context.out(`${isFirst ? '' : '\n'}${context.outColors.bold(`${'time'.padEnd(CLOCK_COLUMNS)} ${heading}`)}\n`);
    for (const line of lines) context.out(`${clock} ${line}\n`);
    isFirst = false;
  };
}

function blockLines<Row>(
  title: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  nameOf: (row: Row) => string,
  toneOf: (row: Row) => Tone,
  width: number,
  style: Style,
  colors: Colors,
): string[] {
  const names = rows.map(nameOf);
  const layout = layoutOf(title, columns, width, Math.max(title.length, ...names.map(widthOf)), style);
  if (rows.length === 0) return [layout.heading, colors.dim('none')];
  return [layout.heading, ...rows.map((row, index) => paint(colors, toneOf(row))(layout.line(names[index]!, row)))];
}
