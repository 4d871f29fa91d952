/** What `samewire stats` gives to programs: JSON lines and CSV (RFC 4180), in base units. */
import { type LinkState, TOTALS, UNIT_RATES, type UnitRates, type UnitState } from '../../server/view/state.ts';
import type { Topology } from '../../server/view/topology.ts';
import { linkName } from './columns.ts';
import type { Interval } from './interval.ts';

export type StatsSubject = 'totals' | 'units' | 'links';

/** Counters since the start are not in it: they are in `inspect --json`. */
export interface UnitRecord extends UnitRates, Pick<UnitState, 'array' | 'target' | 'lun'> {}

export interface LinkRecord extends Pick<LinkState, 'up' | 'ends'> {
  /** `tor1:1 - esx1:nic0`. */
  readonly link: string;
}

const UNIT_FIELDS = ['array', 'target', 'lun', ...UNIT_RATES] as const satisfies readonly (keyof UnitRecord)[];

const unitRecord = (unit: UnitState): UnitRecord =>
  Object.fromEntries(UNIT_FIELDS.map((field) => [field, unit[field]])) as unknown as UnitRecord;

const END_FIELDS = ['bitsPerSecond', 'framesPerSecond', 'load', 'dropsPerSecond', 'waitingBytes'] as const;

export function jsonLine(subject: StatsSubject, { time, seconds, totals, units, links }: Interval, topology: Topology): string {
  const what =
    subject === 'totals'
      ? { totals }
      : subject === 'units'
        ? { units: units.map(unitRecord) }
        : { links: links.map((link) => ({ link: linkName(topology, link), up: link.up, ends: link.ends })) };
  return `${JSON.stringify({ time, seconds, ...what })}\n`;
}

export function csvHeader(subject: StatsSubject): string {
  const fields = {
    totals: TOTALS,
    units: UNIT_FIELDS,
    // What comes back has the same names, with `back` before them.
    links: ['link', 'up', ...END_FIELDS, ...END_FIELDS.map((field) => `back${field[0]!.toUpperCase()}${field.slice(1)}`)],
  }[subject];
  return csvLine(['time', 'seconds', ...fields]);
}

export function csvLines(subject: StatsSubject, { time, seconds, totals, units, links }: Interval, topology: Topology): string {
  const rows =
    subject === 'totals'
      ? [TOTALS.map((field) => totals[field])]
      : subject === 'units'
        ? units.map((unit) => UNIT_FIELDS.map((field) => unit[field]))
        : links.map((link) => [
            linkName(topology, link),
            link.up ? 1 : 0,
            ...link.ends.flatMap((end) => END_FIELDS.map((field) => end[field])),
          ]);
  return rows.map((row) => csvLine([time, seconds, ...row])).join('');
}

const csvLine = (cells: readonly (string | number)[]): string => `${cells.map(csvCell).join(',')}\r\n`;

function csvCell(cell: string | number): string {
  if (typeof cell === 'number') return String(Number(cell.toPrecision(12)));
  return /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
