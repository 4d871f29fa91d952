/** The comparison of initiators as a table, for a terminal and for docs/. */
import type { InitiatorWorkload } from './initiator-clients.ts';
import type { Measured } from './report.ts';

export interface InitiatorRow {
  /** Name of the target that all of them talked to. */
  readonly target: string;
  readonly workload: InitiatorWorkload;
  /** By the client's name. */
  readonly measured: ReadonlyMap<string, Measured>;
}

const HEAD = ['target', 'workload', 'client', 'IOPS', 'MB/s', 'us CPU/command', 'IOPS / libiscsi', 'CPU / libiscsi'];

/** The client of libiscsi that did best in this row: the one that counts. */
const best = (row: InitiatorRow): readonly [string, Measured] | undefined =>
  [...row.measured].filter(([name]) => name !== 'samewire').sort(([, a], [, b]) => b.perSecond - a.perSecond)[0];

const ratio = (value: number, of: number | undefined): string => (of === undefined || of === 0 ? '' : `${(value / of).toFixed(2)}x`);

function cells(row: InitiatorRow): readonly (readonly string[])[] {
  const libiscsi = best(row);
  return [...row.measured].map(([name, { perSecond, cpuMicroseconds }], index) => [
    index === 0 ? row.target : '',
    index === 0 ? row.workload.title : '',
    name === libiscsi?.[0] ? `${name} *` : name,
    Math.round(perSecond).toString(),
    ((perSecond * row.workload.blockBytes) / 1e6).toFixed(0),
    cpuMicroseconds.toFixed(1),
    name === 'samewire' ? ratio(perSecond, libiscsi?.[1].perSecond) : '',
    name === 'samewire' ? ratio(cpuMicroseconds, libiscsi?.[1].cpuMicroseconds) : '',
  ]);
}

/** What data digests cost our client: IOPS with them against those without, at the same target. */
function digestLines(rows: readonly InitiatorRow[]): readonly string[] {
  return rows
    .filter((row) => row.workload.dataDigest === true)
    .flatMap((row) => {
      const { operation, blockBytes, depth } = row.workload;
      const plain = rows.find(
        ({ target, workload }) =>
          target === row.target &&
          workload.dataDigest !== true &&
          workload.operation === operation &&
          workload.blockBytes === blockBytes &&
          workload.depth === depth,
      );
      const [withDigest, without] = [row.measured.get('samewire'), plain?.measured.get('samewire')];
      if (withDigest === undefined || without === undefined) return [];
      return [`${row.target}, ${row.workload.title}: ${ratio(withDigest.perSecond, without.perSecond)} the IOPS of the same without`];
    });
}

export function initiatorTable(rows: readonly InitiatorRow[], machine: readonly string[]): string {
  const lines = [HEAD, ...rows.flatMap(cells)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const text = lines.map((line) =>
    line
      .map((cell, column) => (column < 3 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  );
  return `${[...machine, '', ...text, '', '* the better client of libiscsi in the row', ...digestLines(rows)].join('\n')}\n`;
}

const markdownRow = (columns: readonly string[]): string => `| ${columns.join(' | ')} |`;

export function initiatorMarkdown(rows: readonly InitiatorRow[], machine: readonly string[]): string {
  return [
    '# How fast the iSCSI initiator is',
    '',
    'Measured by `npm run bench:iscsi-initiator` against libiscsi, the initiator that QEMU uses, at the same targets in the same run: its own',
    '`iscsi-perf`, which reads as lightly as can be, and `qemu-img bench`; of the two the faster one counts in each row (*). Our client is a Node',
    'process that awaits `disk.read(...)` and `disk.write(...)` like any other. Storage is RAM at both targets. Accesses of 4K are spread over the',
    'whole unit. CPU is the user and system time of the client’s process for a command.',
    '',
    ...machine.map((text) => `- ${text}`),
    '',
    markdownRow(HEAD),
    markdownRow(HEAD.map((_, index) => (index < 3 ? '---' : '--:'))),
    ...rows.flatMap(cells).map(markdownRow),
    '',
    ...digestLines(rows).map((text) => `- ${text}`),
    '',
  ].join('\n');
}
