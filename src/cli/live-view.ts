/** The live view as lines: never more than the terminal is high, never wider than it is. Drawing them is `screen.ts`'s. */
import type { Colors } from 'picocolors/types.js';
import type { FabricEvent } from '../base/event.ts';
import type { HostReport } from '../device/host-report.ts';
import { formatSize } from '../fabric/size.ts';
import type { SessionReport } from '../os/running.ts';
import type { UnitState } from '../server/view/state.ts';
import { hostRows } from './host-words.ts';
import { megabytes } from './iscsi/words.ts';
import { networkRows, type NetworkState, networkTitle } from './network/live-rows.ts';
import { paint } from './paint.ts';
import { count } from './plain-text.ts';
import type { TryCommands } from './try-commands.ts';
import { fit as fitIn, fitEnd as fitEndIn, type Style } from './watch/fit.ts';

export interface ViewState {
  readonly name: string;
  /** Of the page; undefined: there is none. */
  readonly url?: string | undefined;
  readonly upMilliseconds: number;
  readonly stopping: boolean;
  readonly units: readonly UnitState[];
  readonly sessions: readonly SessionReport[];
  readonly hosts: readonly HostReport[];
  /** Undefined: nothing has a wire. */
  readonly network: NetworkState | undefined;
  readonly tries: readonly TryCommands[];
  /** The latest last, with the time of day of each. */
  readonly events: readonly { readonly time: string; readonly event: FabricEvent }[];
}

interface Section {
  readonly title: string;
  readonly rows: readonly string[];
  /** Rows it may be cut to; where rows are cut, the last says how many. */
  readonly rowsMin: number;
  /** Rows it has at most, however much room there is. */
  readonly rowsMax?: number;
  /** Cut from the front: the latest rows matter. */
  readonly keepsEnd?: boolean;
  /** The first to be left out where there is no room. */
  readonly expendable?: boolean;
  readonly paint: (row: string, index: number) => string;
}

/** On a smaller terminal, rows are for what happens. */
const ROWS_WITH_PAGE = 10;

export function viewLines(state: ViewState, columns: number, rows: number, colors: Colors): string[] {
  const sections = [
    unitSection(state, columns, colors),
    sessionSection(state, columns, colors),
    hostSection(state, colors),
    networkSection(state, colors),
    trySection(state, colors),
    eventSection(state, colors),
  ];
  const lines = [colors.inverse(fit(header(state), columns))];
  if (state.url !== undefined && rows >= ROWS_WITH_PAGE)
    lines.push(`  ${colors.bold('page')}  ${colors.cyan(fit(state.url, columns - 8).trimEnd())}`);
  // A blank line and a title go before each section; what doesn't fit at all is left out, what can be spared and then the last section first.
  const present = sections.filter((section) => section.rows.length > 0);
  let left = rows - lines.length;
  while (present.length > 0 && present.reduce((sum, section) => sum + 2 + Math.min(section.rowsMin, section.rows.length), 0) > left) {
    const expendable = present.findIndex((section) => section.expendable === true);
    present.splice(expendable === -1 ? present.length - 1 : expendable, 1);
  }
  for (const [index, section] of present.entries()) {
    const later = present.slice(index + 1).reduce((sum, other) => sum + 2 + Math.min(other.rowsMin, other.rows.length), 0);
    const body = cutRows(section, Math.min(left - 2 - later, section.rowsMax ?? left), columns);
    lines.push('', colors.bold(fit(section.title, columns).trimEnd()), ...body);
    left -= 2 + body.length;
  }
  return lines.slice(0, rows);
}

function cutRows(section: Section, most: number, columns: number): string[] {
  const { rows } = section;
  const paint = (row: string, index: number): string => section.paint(fit(row, columns).trimEnd(), index);
  if (rows.length <= most) return rows.map(paint);
  if (section.keepsEnd === true)
    return rows
      .map((row, index) => [row, index] as const)
      .slice(rows.length - most)
      .map(([row, index]) => paint(row, index));
  return [...rows.slice(0, most - 1).map(paint), fit(`  ... and ${rows.length - most + 1} more`, columns).trimEnd()];
}

function header(state: ViewState): string {
  const what = state.stopping ? 'stopping, once more Ctrl-C ends at once' : 'Ctrl-C stops';
  return ` ${state.name}   up ${clockText(state.upMilliseconds)}   ${count(state.units.length, 'LUN')}, ${count(state.sessions.length, 'session')}   ${what}`;
}

const figures = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(9)).join(' ');

function unitSection(state: ViewState, columns: number, colors: Colors): Section {
  const names = state.units.map((unit) => `${unit.target} ${unit.lun}`);
  const width = Math.max(12, Math.min(Math.max(0, ...names.map((name) => name.length)), columns - 62));
  const rows = state.units.map((unit, index) => {
    const cells = [
      formatSize(unit.bytes),
      Math.round(unit.readsPerSecond).toLocaleString('en'),
      Math.round(unit.writesPerSecond).toLocaleString('en'),
      megabytes(unit.readBytesPerSecond),
      megabytes(unit.writtenBytesPerSecond),
    ];
    return `  ${fitEnd(names[index]!, width)} ${figures(cells)}`;
  });
  const title = `  ${'LUN'.padEnd(width)} ${figures(['size', 'read IOPS', 'wr. IOPS', 'read MB/s', 'wr. MB/s'])}`;
  const busy = (index: number): boolean => state.units[index]!.readsPerSecond + state.units[index]!.writesPerSecond > 0;
  return { title, rows, rowsMin: 3, paint: (row, index) => (busy(index) ? colors.green(row) : row) };
}

function sessionSection(state: ViewState, columns: number, colors: Colors): Section {
  const width = Math.max(20, Math.floor((columns - 34) / 2));
  const rows = state.sessions.map((session) => {
    const login = session.authentication === 'none' ? '' : session.authentication;
    const from = session.remotes.length > 1 ? `${session.remotes[0]!} +${session.remotes.length - 1}` : (session.remotes[0] ?? '');
    return `  ${fitEnd(session.initiator, width)} ${fitEnd(session.target ?? '(discovery)', width)} ${from.padEnd(21)} ${login}`;
  });
  const empty = state.sessions.length === 0 ? ['  none yet'] : rows;
  return {
    title: `  ${'Sessions'.padEnd(width)} ${'target'.padEnd(width)} from`,
    rows: empty,
    rowsMin: 3,
    paint: (row) => (rows.length === 0 ? colors.dim(row) : row),
  };
}

function hostSection(state: ViewState, colors: Colors): Section {
  const rows = state.hosts.flatMap(hostRows);
  return {
    title: '  Hosts',
    rows: rows.map(({ text }) => `  ${text}`),
    rowsMin: 6,
    paint: (row, index) => paint(colors, rows[index]!.tone)(row),
  };
}

function networkSection({ network }: ViewState, colors: Colors): Section {
  const rows = network === undefined ? [] : networkRows(network);
  return {
    title: network === undefined ? '' : `  ${networkTitle(network)}`,
    rows: rows.map(({ text }) => `  ${text}`),
    rowsMin: 2,
    rowsMax: 6,
    paint: (row, index) => paint(colors, rows[index]!.tone)(row),
  };
}

function trySection(state: ViewState, colors: Colors): Section {
  const rows = state.tries.flatMap(({ title, commands }) => [
    ...(title === '' ? [] : [`  # ${title}`]),
    ...commands.map((command) => `  ${command}`),
  ]);
  return { title: '  Try from another terminal', rows, rowsMin: 4, expendable: true, paint: (row) => colors.cyan(row) };
}

function eventSection(state: ViewState, colors: Colors): Section {
  const rows = state.events.map(({ time, event }) => `  ${time} ${event.source}: ${event.message}`);
  const paint = (row: string, index: number): string => {
    const { severity } = state.events[index]!.event;
    if (severity === 'error') return colors.red(row);
    return severity === 'warning' ? colors.yellow(row) : row;
  };
  return { title: '  Events', rows, rowsMin: 3, keepsEnd: true, paint };
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `1:02:03`. */
export function clockText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

const STYLE: Style = { unicode: true };
const fit = (text: string, columns: number): string => fitIn(text, columns, STYLE);
const fitEnd = (text: string, columns: number): string => fitEndIn(text, columns, STYLE);
