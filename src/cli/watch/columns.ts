/** Columns of figures: of everything, of LUNs, of links, as `samewire stats` and `samewire top` show them. */
import type { LinkState, SessionState, Totals, UnitState } from '../../server/view/state.ts';
import type { Topology } from '../../server/view/topology.ts';
import type { Tone } from '../host-words.ts';
import { countText, gigabitsText, latencyText, loadText, megabytesText } from './figures.ts';
import { faultsText } from '../network/words.ts';
import { alignRight, fit, fitEnd, type Style } from './fit.ts';

export interface Column<Row> {
  readonly heading: string;
  readonly width: number;
  text(row: Row, style: Style): string;
}

type InOut = Pick<Totals, 'readsPerSecond' | 'writesPerSecond' | 'readBytesPerSecond' | 'writtenBytesPerSecond' | 'meanNanos' | 'p99Nanos'>;

/** What iostat calls them. */
const IN_OUT: readonly Column<InOut>[] = [
  { heading: 'r/s', width: 6, text: ({ readsPerSecond }) => countText(readsPerSecond) },
  { heading: 'w/s', width: 6, text: ({ writesPerSecond }) => countText(writesPerSecond) },
  { heading: 'rMB/s', width: 6, text: ({ readBytesPerSecond }) => megabytesText(readBytesPerSecond) },
  { heading: 'wMB/s', width: 6, text: ({ writtenBytesPerSecond }) => megabytesText(writtenBytesPerSecond) },
  { heading: 'mean', width: 6, text: ({ meanNanos }, style) => latencyText(meanNanos, style) },
  { heading: 'p99', width: 6, text: ({ p99Nanos }, style) => latencyText(p99Nanos, style) },
];

export const TOTAL_COLUMNS: readonly Column<Totals>[] = [
  ...IN_OUT,
  { heading: 'Gb/s', width: 6, text: ({ linkBitsPerSecond }) => gigabitsText(linkBitsPerSecond) },
  { heading: 'drop/s', width: 6, text: ({ dropsPerSecond }) => countText(Math.ceil(dropsPerSecond)) },
  { heading: 'retr/s', width: 6, text: ({ retransmissionsPerSecond }) => countText(Math.ceil(retransmissionsPerSecond)) },
  { heading: 'sess', width: 4, text: ({ sessions }) => countText(sessions) },
];

export const UNIT_COLUMNS: readonly Column<UnitState>[] = IN_OUT;

/** Each way: what the first end sends, and what comes back. */
export const LINK_COLUMNS: readonly Column<LinkState>[] = [
  { heading: 'Gb/s', width: 6, text: ({ up, ends }) => (up ? gigabitsText(ends[0].bitsPerSecond) : 'down') },
  { heading: 'load', width: 5, text: ({ up, ends }) => (up ? loadText(ends[0].load) : '') },
  { heading: 'back', width: 6, text: ({ up, ends }) => (up ? gigabitsText(ends[1].bitsPerSecond) : '') },
  { heading: 'load', width: 5, text: ({ up, ends }) => (up ? loadText(ends[1].load) : '') },
  { heading: 'drop/s', width: 6, text: ({ ends }) => countText(Math.ceil(ends[0].dropsPerSecond + ends[1].dropsPerSecond)) },
  { heading: 'queued', width: 6, text: ({ ends }) => countText(Math.max(ends[0].waitingBytes, ends[1].waitingBytes)) },
];

export const unitName = ({ array, target, lun }: UnitState): string => `${array} ${target} ${lun}`;

export const linkName = ({ links }: Topology, { index }: LinkState): string => links[index]?.id ?? `link ${index}`;

/** `esx1 192.0.2.11:51234 +1`: the node, and where its connections come from; `by 127.0.0.1:3260 ...` for who comes in by what is published there. */
export const sessionOrigin = ({ from, remotes }: SessionState): string =>
  [
    ...(from === undefined ? [] : [from.replace(/^published /, 'by ')]),
    ...remotes.slice(0, 1),
    ...(remotes.length > 1 ? [`+${remotes.length - 1}`] : []),
  ].join(' ');

/** The busiest first; of equal ones, in the order declared. */
export const byLoad = (a: LinkState, b: LinkState): number => loadOf(b) - loadOf(a) || bitsOf(b) - bitsOf(a);
const loadOf = ({ ends }: LinkState): number => Math.max(ends[0].load, ends[1].load);
const bitsOf = ({ ends }: LinkState): number => ends[0].bitsPerSecond + ends[1].bitsPerSecond;

export const byCommands = (a: UnitState, b: UnitState): number => commandsOf(b) - commandsOf(a);
const commandsOf = ({ readsPerSecond, writesPerSecond }: UnitState): number => readsPerSecond + writesPerSecond;

export const unitTone = (unit: UnitState): Tone => (commandsOf(unit) > 0 ? 'good' : 'plain');

export function linkTone({ up, ends, faults }: LinkState): Tone {
  if (!up) return 'bad';
  if (faultsText(faults) !== '' || ends.some(({ dropsPerSecond }) => dropsPerSecond > 0)) return 'busy';
  return ends.some(({ load }) => load > 0) ? 'good' : 'plain';
}

/** Columns that a name has at least, where there are others beside it: so many, and this share of all. */
const NAME_MIN = 12;
const NAME_SHARE = 0.45;

/** A table of one name and its figures, as wide as it is told: where there is no room for all figures, the last are left out. */
export interface Layout<Row> {
  readonly heading: string;
  line(name: string, row: Row): string;
}

/** `nameWidth`: columns that the longest name takes; 0: there are no names. */
export function layoutOf<Row>(title: string, columns: readonly Column<Row>[], width: number, nameWidth: number, style: Style): Layout<Row> {
  const shown: Column<Row>[] = [];
  let left = width - Math.min(nameWidth, Math.max(NAME_MIN, Math.floor(width * NAME_SHARE)));
  for (const column of columns) {
    left -= column.width + 1;
    if (left < 0) break;
    shown.push(column);
  }
  const figures = shown.reduce((sum, column) => sum + column.width + 1, 0);
  const room = Math.max(0, Math.min(nameWidth, width - figures));
  const line = (name: string, cells: readonly string[]): string =>
    name + cells.map((cell, index) => ` ${alignRight(cell, shown[index]!.width)}`).join('');
  return {
    heading: line(
      fit(title, room, style),
      shown.map(({ heading }) => heading),
    ),
    line: (name, row) =>
      line(
        fitEnd(name, room, style),
        shown.map((column) => column.text(row, style)),
      ),
  };
}
