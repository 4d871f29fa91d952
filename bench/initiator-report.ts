/** The comparison of initiators as a table, for a terminal and for docs/. */
import type { InitiatorWorkload } from './initiator-clients.ts';
import { type Measured, median } from './report.ts';
import type { Sample } from './workloads.ts';

export interface TargetSample extends Sample {
  readonly targetMicrosecondsPerCommand: number;
}

export interface InitiatorMeasured extends Measured {
  readonly targetMicroseconds: number;
  /** Share of its processor that the target took: near 1, it is the target that sets the pace. */
  readonly targetBusy: number;
  readonly samples: readonly TargetSample[];
}

export interface InitiatorRow {
  /** Name of the target that all of them talked to. */
  readonly target: string;
  readonly workload: InitiatorWorkload;
  /** By the client's name. */
  readonly measured: ReadonlyMap<string, InitiatorMeasured>;
}

const HEAD = [
  'target',
  'workload',
  'client',
  'IOPS',
  'MB/s',
  'us CPU/command',
  'IOPS / libiscsi',
  'CPU / libiscsi',
  "target's us/command",
  'target busy',
];
const OURS: readonly string[] = ['samewire', 'without digest'];

/** The client of libiscsi that did best in this row: the one that counts. */
const best = (row: InitiatorRow): readonly [string, InitiatorMeasured] | undefined =>
  [...row.measured].filter(([name]) => !OURS.includes(name)).sort(([, a], [, b]) => b.perSecond - a.perSecond)[0];

const ratio = (value: number, of: number | undefined): string => (of === undefined || of === 0 ? '' : `${(value / of).toFixed(2)}x`);

function cells(row: InitiatorRow): readonly (readonly string[])[] {
  const libiscsi = best(row);
  return [...row.measured].map(([name, { perSecond, cpuMicroseconds, targetMicroseconds, targetBusy }], index) => [
    index === 0 ? row.target : '',
    index === 0 ? row.workload.title : '',
    name === libiscsi?.[0] ? `${name} *` : name,
    Math.round(perSecond).toString(),
    ((perSecond * row.workload.blockBytes) / 1e6).toFixed(0),
    cpuMicroseconds.toFixed(1),
    name === 'samewire' ? ratio(perSecond, libiscsi?.[1].perSecond) : '',
    name === 'samewire' ? ratio(cpuMicroseconds, libiscsi?.[1].cpuMicroseconds) : '',
    targetMicroseconds.toFixed(1),
    `${(targetBusy * 100).toFixed(0)} %`,
  ]);
}

/** What data digests cost our client: IOPS with them against those without, round by round. */
function digestLines(rows: readonly InitiatorRow[]): readonly string[] {
  return rows.flatMap(({ target, workload, measured }) => {
    const [withDigest, without] = [measured.get('samewire'), measured.get('without digest')];
    if (withDigest === undefined || without === undefined) return [];
    const ratios = withDigest.samples.map((sample, round) => sample.perSecond / without.samples[round]!.perSecond);
    return [`${target}, ${workload.title}: ${ratio(median(ratios), 1)} the IOPS of the same without`];
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
    '## How fast the iSCSI initiator is',
    '',
    'Measured by `npm run bench:iscsi-initiator` against libiscsi, the initiator that QEMU uses, at the same targets in the same run: its own',
    '`iscsi-perf`, which reads as lightly as can be, and `qemu-img bench`; of the two the faster one counts in each row (*). Our client is a Node',
    'process that awaits `disk.read(...)` and `disk.write(...)` like any other. Storage is RAM at both targets. Accesses of 4K are spread over the',
    'whole unit. CPU is the user and system time of the client’s process for a command. Where the target is busy to 100 %, it is the target that sets the pace,',
    'and no client can be faster. Rows with a digest have CRC32C over data in both directions, at both ends.',
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
