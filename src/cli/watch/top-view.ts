/** The screen of `samewire top` as lines: never more than the terminal is high, never wider than it is. */
import type { Colors } from 'picocolors/types.js';
import type { Totals } from '../../server/view/state.ts';
import { clockText } from '../live-view.ts';
import { paint } from '../paint.ts';
import { count } from '../plain-text.ts';
import { clockOf, countText, gigabitsText, latencyText, megabytesText, sparkline } from './figures.ts';
import { fit, type Style } from './fit.ts';
import { HELP, PANES, type TopInterface } from './top-interface.ts';
import { type PaneRows, paneRows, type Watched } from './top-panes.ts';

/** The last minute of them is drawn. */
export const DRAWN = [
  'readsPerSecond',
  'writesPerSecond',
  'meanNanos',
  'linkBitsPerSecond',
  'dropsPerSecond',
] as const satisfies readonly (keyof Totals)[];
export const DRAWN_SECONDS = 60;

export interface TopState extends Watched {
  /** One value a second, the latest last. */
  readonly past: Readonly<Record<(typeof DRAWN)[number], readonly number[]>>;
  readonly chosen: TopInterface;
}

export interface TopScreen {
  readonly lines: readonly string[];
  /** Of the chosen pane: rows that are shown, and the offset at which the last is. */
  readonly page: number;
  readonly last: number;
}

/** Rows of a pane that is not the chosen one: as many as there is room for. */
const OTHER_ROWS = [30, 20, 12, 8, 5, 3, 2, 1] as const;
/** The chosen one has this many rows, if there are as many, or it is alone. */
const CHOSEN_ROWS_MIN = 4;
/** What the others have beyond a few, it can spare: it has all it needs, or this share. */
const OTHER_ROWS_FEW = 3;
const CHOSEN_SHARE = 0.6;

export function topScreen(state: TopState, columns: number, rows: number, style: Style, colors: Colors): TopScreen {
  const { chosen } = state;
  const head = [colors.inverse(fit(headerText(state), columns, style))];
  const foot = rows >= 3 ? [colors.dim(fit(footText(chosen), columns, style))] : [];
  const middle = Math.max(0, rows - head.length - foot.length);
  if (chosen.help) {
    const lines = helpLines(columns, style).slice(0, middle);
    return { lines: filled([...head, ...lines], foot, rows), page: 0, last: 0 };
  }
  const totals = totalLines(state, columns, middle, style);
  const body = panes(state, columns, middle - totals.length, style, colors);
  return { lines: filled([...head, ...totals, ...body.lines], foot, rows), page: body.page, last: body.last };
}

/** The last line is at the bottom. */
const filled = (lines: readonly string[], foot: readonly string[], rows: number): string[] => {
  const kept = lines.slice(0, Math.max(0, rows - foot.length));
  return [...kept, ...Array.from({ length: Math.max(0, rows - foot.length - kept.length) }, () => ''), ...foot].slice(0, rows);
};

function headerText({ topology, state: { time, upMilliseconds, totals } }: TopState): string {
  const trouble = [
    ...(totals.linksDown > 0 ? [`${count(totals.linksDown, 'link')} down`] : []),
    ...(totals.pathsDown > 0 ? [`${count(totals.pathsDown, 'path')} down`] : []),
  ];
  return ` ${[topology.fabric, ...trouble, count(totals.sessions, 'session'), `up ${clockText(upMilliseconds)}`, clockOf(time)].join('   ')}`;
}

function footText({ writing, filter }: TopInterface): string {
  if (writing !== undefined) return `/${writing}_   Enter keeps it, Escape shows everything`;
  const only = filter === '' ? '' : ` only "${filter}", Escape: all  `;
  return `${only} q quit  h help  / filter  tab, l u s e pane  arrows scroll`;
}

function helpLines(columns: number, style: Style): string[] {
  const width = Math.max(...HELP.map(([keys]) => keys.length));
  // Side by side where there is room.
  return HELP.flatMap(([keys, what]) => (columns >= width + 40 ? [`  ${keys.padEnd(width)}  ${what}`] : [`  ${keys}`, `    ${what}`])).map(
    (line) => fit(line, columns, style).trimEnd(),
  );
}

/** What all of it does, with the last minute where there is room. */
function totalLines({ state: { totals }, past }: TopState, columns: number, room: number, style: Style): string[] {
  const items: (readonly [label: string, values: string, past: readonly number[]])[] = [
    ['reads', `${six(countText(totals.readsPerSecond))}/s ${six(megabytesText(totals.readBytesPerSecond))} MB/s`, past.readsPerSecond],
    [
      'writes',
      `${six(countText(totals.writesPerSecond))}/s ${six(megabytesText(totals.writtenBytesPerSecond))} MB/s`,
      past.writesPerSecond,
    ],
    ['latency', `${six(latencyText(totals.meanNanos, style))} mean ${six(latencyText(totals.p99Nanos, style))} p99`, past.meanNanos],
    ['links', `${six(gigabitsText(totals.linkBitsPerSecond))} Gb/s`, past.linkBitsPerSecond],
    [
      'drops',
      `${six(countText(Math.ceil(totals.dropsPerSecond)))}/s ${six(countText(Math.ceil(totals.retransmissionsPerSecond)))}/s sent again`,
      past.dropsPerSecond,
    ],
  ];
  // Half of it belongs to the panes.
  const lines = items.slice(0, Math.min(items.length, Math.floor(room / 3))).map(([label, values, values60]) => {
    const text = ` ${label.padEnd(8)}${values}`;
    const left = Math.min(DRAWN_SECONDS, columns - SPARK_FROM);
    return left < SPARK_MIN ? fit(text, columns, style) : `${fit(text, SPARK_FROM, style)}${sparkline(values60, left, style)}`;
  });
  return lines.length === 0 || room < 16 ? lines : [...lines, ''];
}

const SPARK_FROM = 40;
const SPARK_MIN = 8;
const six = (text: string): string => text.padStart(6);

/** All of them if there is room, the chosen one with most of it; else only that. */
function panes(
  { chosen, ...watched }: TopState,
  columns: number,
  room: number,
  style: Style,
  colors: Colors,
): { readonly lines: string[]; readonly page: number; readonly last: number } {
  const all = PANES.map((pane) => ({ pane, content: paneRows(pane, watched, chosen.filter, columns, style) }));
  const others = all.filter(({ pane }) => pane !== chosen.pane);
  const chosenCount = all.find(({ pane }) => pane === chosen.pane)!.content.count;
  const otherRows = OTHER_ROWS.find((rows) => {
    const left = room - 1 - neededBy(others, rows);
    return (
      left >= Math.min(CHOSEN_ROWS_MIN, Math.max(1, chosenCount)) &&
      (rows <= OTHER_ROWS_FEW || left >= Math.min(chosenCount, CHOSEN_SHARE * room))
    );
  });
  const shown = otherRows === undefined ? all.filter(({ pane }) => pane === chosen.pane) : all;
  const page = Math.max(0, room - 1 - (otherRows === undefined ? 0 : neededBy(others, otherRows)));
  const last = Math.max(0, chosenCount - page);
  const lines = shown.flatMap(({ pane, content }) => {
    const isChosen = pane === chosen.pane;
    const from = isChosen ? Math.min(chosen.offsets[pane], last) : 0;
    const size = isChosen ? page : rowsOf(content, otherRows!);
    const body = content.rows(from, from + size).map(({ text, tone }) => paint(colors, tone)(text.trimEnd()));
    if (content.count === 0 && size > 0) body.push(colors.dim(fit(noneText(chosen.filter), columns, style).trimEnd()));
    // The chosen one has all its room, so that the others stay where they are.
    const rest = isChosen && shown.length > 1 ? Array.from({ length: Math.max(0, size - body.length) }, () => '') : [];
    return [headingOf(content, isChosen, from, size, columns, style, colors), ...body, ...rest];
  });
  return { lines: lines.slice(0, Math.max(0, room)), page, last };
}

const rowsOf = ({ count: all }: PaneRows, most: number): number => Math.min(most, Math.max(1, all));

/** With their headings. */
const neededBy = (others: readonly { readonly content: PaneRows }[], most: number): number =>
  others.reduce((sum, { content }) => sum + 1 + rowsOf(content, most), 0);

const noneText = (filter: string): string => (filter === '' ? 'none' : `none with "${filter}"`);

/** Where not all rows are shown, it says which, if there is room for it in the name's place. */
function headingOf(
  { heading, count: all }: PaneRows,
  isChosen: boolean,
  from: number,
  size: number,
  columns: number,
  style: Style,
  colors: Colors,
): string {
  const where = all > size && size > 0 ? ` ${from + 1}-${Math.min(all, from + size)} of ${all} ` : '';
  // Without colours it has to be seen all the same.
  const mark = isChosen && !colors.isColorSupported ? '>' : '';
  const title = /^(\S+(?: \S+)*)(\s*)/.exec(heading);
  const left = (title?.[2]?.length ?? 0) - where.length - mark.length;
  const text = left > 0 ? `${mark}${title![1]}${where}${' '.repeat(left)}${heading.slice(title![0].length)}` : heading;
  const line = fit(text, columns, style);
  return isChosen ? colors.bold(colors.inverse(line)) : colors.bold(line);
}
