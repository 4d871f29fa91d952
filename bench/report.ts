/** The comparison as a table, for a terminal and for docs/. */
import type { Sample, Workload } from './workloads.ts';

export interface Measured {
  readonly perSecond: number;
  readonly cpuMicroseconds: number;
  readonly samples: readonly Sample[];
}

export interface Row {
  readonly workload: Workload;
  /** By contender's name; those of tgtd begin with `tgtd`. */
  readonly measured: ReadonlyMap<string, Measured>;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const HEAD = ['workload', 'who', 'IOPS', 'MB/s', 'us CPU/command', 'IOPS / better tgtd', 'CPU / that tgtd', 'IOPS / bare', 'CPU / bare'];

/** The tgtd that did better in this row: the one that counts. */
const betterTgtd = (row: Row): readonly [string, Measured] | undefined =>
  [...row.measured].filter(([name]) => name.startsWith('tgtd')).sort(([, a], [, b]) => b.perSecond - a.perSecond)[0];

const ratio = (value: number, of: number | undefined): string => (of === undefined || of === 0 ? '' : `${(value / of).toFixed(2)}x`);

function cells(row: Row): readonly (readonly string[])[] {
  const better = betterTgtd(row);
  const bare = row.measured.get('bare socket');
  return [...row.measured].map(([name, { perSecond, cpuMicroseconds }], index) => [
    index === 0 ? row.workload.title : '',
    name === better?.[0] ? `${name} *` : name,
    Math.round(perSecond).toString(),
    ((perSecond * row.workload.blockBytes) / 1e6).toFixed(0),
    cpuMicroseconds.toFixed(1),
    ratio(perSecond, better?.[1].perSecond),
    ratio(cpuMicroseconds, better?.[1].cpuMicroseconds),
    name === 'bare socket' ? '' : ratio(perSecond, bare?.perSecond),
    name === 'bare socket' ? '' : ratio(cpuMicroseconds, bare?.cpuMicroseconds),
  ]);
}

export function plainTable(rows: readonly Row[], machine: readonly string[]): string {
  const lines = [HEAD, ...rows.flatMap(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  return `${[...machine, '', ...text, '', '* the better tgtd of the row'].join('\n')}\n`;
}

const markdownRow = (columns: readonly string[]): string => `| ${columns.join(' | ')} |`;

export function markdownPage(rows: readonly Row[], machine: readonly string[]): string {
  return [
    '## How fast the iSCSI target is',
    '',
    'Measured by `npm run bench:iscsi-target` against tgtd, Linux’s user-space target, on the same machine in the same run: at its defaults and with one',
    'thread for each LUN (`-t 1`), of which the better counts in each row (*). Storage is RAM for both (a memory LUN; a file on tmpfs), in the rows',
    'marked "file" a file in the page cache for both. Reads are random, by `iscsi-perf`; writes are by `qemu-img bench`, those of 4K strided over',
    'the whole LUN. CPU is the user and system time of the target’s process with all its threads. The bare socket is a Node server that does',
    'nothing but answer requests of the same sizes, with a Node client that sends as many at once as were answered: no target in Node can be cheaper,',
    'and with initiators that send one command at a time none can be as cheap.',
    '',
    ...machine.map((text) => `- ${text}`),
    '',
    markdownRow(HEAD),
    markdownRow(HEAD.map((_, index) => (index < 2 ? '---' : '--:'))),
    ...rows.flatMap(cells).map(markdownRow),
    '',
  ].join('\n');
}
