/** The panes of `samewire top`: what rows they have, and how these look in so many columns. */
import type { LoggedEvent } from '../../server/event-log.ts';
import type { FabricState, SessionState } from '../../server/view/state.ts';
import type { Topology } from '../../server/view/topology.ts';
import type { HostRow, Tone } from '../host-words.ts';
import {
  byCommands,
  byLoad,
  type Column,
  LINK_COLUMNS,
  layoutOf,
  linkName,
  linkTone,
  sessionOrigin,
  UNIT_COLUMNS,
  unitName,
  unitTone,
} from './columns.ts';
import { clockOf, countText } from './figures.ts';
import { fit, fitEnd, type Style, widthOf } from './fit.ts';
import type { Pane } from './top-interface.ts';
import { troubleRows } from './trouble.ts';

export interface PaneRow {
  readonly text: string;
  readonly tone: Tone;
}

export interface PaneRows {
  readonly heading: string;
  /** How many there are, without those that are filtered out. */
  readonly count: number;
  /** At most as wide as was asked for. */
  rows(from: number, to: number): PaneRow[];
}

export interface Watched {
  readonly topology: Topology;
  readonly state: FabricState;
  /** Warnings and errors, the latest last. */
  readonly events: readonly LoggedEvent[];
}

export function paneRows(pane: Pane, { topology, state, events }: Watched, filter: string, columns: number, style: Style): PaneRows {
  const wanted = wantedBy(filter);
  switch (pane) {
    case 'links': {
      const named = state.links
        .map((link) => ({ name: linkName(topology, link), row: link, tone: linkTone(link) }))
        .filter(({ name }) => wanted(name))
        .sort((a, b) => byLoad(a.row, b.row));
      return figureRows('Links', LINK_COLUMNS, named, columns, style);
    }
    case 'units': {
      const named = state.units
        .map((unit) => ({ name: unitName(unit), row: unit, tone: unitTone(unit) }))
        .filter(({ name }) => wanted(name))
        .sort((a, b) => byCommands(a.row, b.row));
      return figureRows('LUNs', UNIT_COLUMNS, named, columns, style);
    }
    case 'sessions':
      return sessionRows(
        state.sessions.filter((one) => wanted(sessionWords(one).join(' '))),
        columns,
        style,
      );
    case 'trouble':
      return textRows(
        'Trouble, and the last warnings',
        [...troubleRows(state, topology), ...events.toReversed().map(eventRow)].filter(({ text }) => wanted(text)),
        columns,
        style,
      );
  }
}

function wantedBy(filter: string): (text: string) => boolean {
  const part = filter.toLowerCase();
  return (text) => part === '' || text.toLowerCase().includes(part);
}

interface Named<Row> {
  readonly name: string;
  readonly row: Row;
  readonly tone: Tone;
}

/** A heading says besides which rows are shown. */
const NAME_COLUMNS_MIN = 28;

function figureRows<Row>(
  title: string,
  figures: readonly Column<Row>[],
  named: readonly Named<Row>[],
  columns: number,
  style: Style,
): PaneRows {
  // Beside the names, wherever the terminal ends.
  const nameWidth = Math.max(NAME_COLUMNS_MIN, ...named.map(({ name }) => widthOf(name)));
  const layout = layoutOf(title, figures, columns, nameWidth, style);
  return {
    heading: layout.heading,
    count: named.length,
    rows: (from, to) => named.slice(from, to).map(({ name, row, tone }) => ({ text: layout.line(name, row), tone })),
  };
}

/** Those with commands under way first. */
function sessionRows(sessions: readonly SessionState[], columns: number, style: Style): PaneRows {
  const sorted = sessions.toSorted((a, b) => b.commandsUnderWay - a.commandsUnderWay);
  // From and what is under way have their width, names share the rest.
  const from = Math.min(FROM_COLUMNS_MAX, Math.floor(columns / 4));
  const name = Math.max(0, Math.min(SESSION_NAME_MAX, Math.floor((columns - from - BUSY_COLUMNS - 3) / 2)));
  const line = (cells: readonly string[], cut: typeof fit): string =>
    fit(
      [cut(cells[0]!, name, style), cut(cells[1]!, name, style), fit(cells[2]!, from, style), cells[3]!.padStart(BUSY_COLUMNS)].join(' '),
      columns,
      style,
    );
  return {
    heading: line(['Sessions', 'target', 'origin', 'busy'], fit),
    count: sorted.length,
    rows: (start, end) =>
      sorted.slice(start, end).map((one) => ({
        text: line([...sessionWords(one), countText(one.commandsUnderWay)], fitEnd),
        tone: one.commandsUnderWay > 0 ? 'good' : 'plain',
      })),
  };
}

/** `by 127.0.0.1:3260 192.0.2.12:57776`. */
const FROM_COLUMNS_MAX = 36;
const BUSY_COLUMNS = 5;
/** Of usual iSCSI names. */
const SESSION_NAME_MAX = 60;

const sessionWords = (session: SessionState): [string, string, string] => [
  session.initiator,
  session.target ?? '(discovery)',
  sessionOrigin(session),
];

const eventRow = ({ time, severity, source, message }: LoggedEvent): HostRow => ({
  text: `${clockOf(time)} ${source}: ${message}`,
  tone: severity === 'error' ? 'bad' : 'busy',
});

const textRows = (title: string, rows: readonly PaneRow[], columns: number, style: Style): PaneRows => ({
  heading: fit(title, columns, style),
  count: rows.length,
  rows: (from, to) => rows.slice(from, to).map(({ text, tone }) => ({ text: fit(text, columns, style), tone })),
});
