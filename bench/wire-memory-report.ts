/** What bench/wire-memory.ts measured, as tables for a terminal and for docs/. */
import { median } from './report.ts';

export interface MemoryRow {
  readonly table: 'bridge' | 'clock' | 'incast';
  readonly title: string;
  readonly samples: readonly Readonly<Record<string, number>>[];
}

type Line = readonly string[];

const of = (row: MemoryRow, name: string): number => median(row.samples.map((sample) => sample[name] ?? 0));
const millions = (perSecond: number): string => (perSecond / 1e6).toFixed(perSecond < 1e6 ? 3 : 1);

const RATE_HEADS = { bridge: ['frames', 'million a second', 'ns a frame'], clock: ['timers', 'million a second', 'ns a timer'] } as const;

function rates(rows: readonly MemoryRow[], table: 'bridge' | 'clock'): readonly Line[] {
  const lines = rows
    .filter((row) => row.table === table)
    .map((row): Line => {
      const perSecond = median(row.samples.map((sample) => sample['perSecond']!));
      return [row.title, millions(perSecond), (1e9 / perSecond).toFixed(0)];
    });
  return lines.length === 0 ? [] : [RATE_HEADS[table], ...lines];
}

const INCAST_HEAD: Line = [
  'incast',
  'million hops a second',
  'hops / ns-3',
  'hops per CPU second / ns-3',
  'MB delivered',
  'hops',
  'frames dropped',
  'virtual ms',
];

function incast(rows: readonly MemoryRow[]): readonly Line[] {
  const all = rows.filter((row) => row.table === 'incast');
  const speed = (row: MemoryRow, by: string): number => median(row.samples.map((sample) => sample['hops']! / sample[by]!));
  const lines = all.map((row): Line => {
    const peer = all.find(({ title }) => title === row.title.replace(', samewire', ', ns-3'));
    const ratio = (by: string): string => (peer === undefined || peer === row ? '' : `${(speed(row, by) / speed(peer, by)).toFixed(1)}x`);
    return [
      row.title,
      millions(speed(row, 'seconds')),
      ratio('seconds'),
      ratio('cpuSeconds'),
      (of(row, 'bytes') / 1e6).toFixed(0),
      `${of(row, 'hops')}`,
      `${of(row, 'drops')}`,
      (of(row, 'virtualSeconds') * 1000).toFixed(1),
    ];
  });
  return lines.length === 0 ? [] : [INCAST_HEAD, ...lines];
}

const tables = (rows: readonly MemoryRow[]): readonly (readonly Line[])[] =>
  [rates(rows, 'bridge'), rates(rows, 'clock'), incast(rows)].filter((lines) => lines.length !== 0);

function aligned(lines: readonly Line[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) => line.map((cell, column) => (column === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[column]!))).join('  '))
    .join('\n');
}

export const memoryTable = (rows: readonly MemoryRow[], machine: readonly string[]): string =>
  `${[...machine, '', ...tables(rows).map((lines) => `${aligned(lines)}\n`)].join('\n')}`;

const markdownRow = (columns: Line): string => `| ${columns.join(' | ')} |`;

const markdownTable = (lines: readonly Line[]): readonly string[] => [
  markdownRow(lines[0]!),
  markdownRow(lines[0]!.map((_, index) => (index === 0 ? '---' : '--:'))),
  ...lines.slice(1).map(markdownRow),
  '',
];

export const memoryMarkdown = (rows: readonly MemoryRow[], machine: readonly string[]): string =>
  [
    '## How fast the wire is in memory',
    '',
    'Measured by `npm run bench:wire-memory`; every measurement is a process of its own, and they take turns. Of the bridge and the clock, bursts in which the scheduler took the',
    'processor away are not counted; the incast has a ratio by the clock on the wall and one by processor time.',
    '',
    '*The bridge*: frames of 64 bytes, where no other length is named, between 8 ports, handed in by `handleFrame` of the port where their source lives, handed out to a wire that counts them;',
    'sources and destinations are random among all addresses of the table. Every frame is learned from, looked up, sorted into its VLAN and counted at both ports. The',
    'frames are written in bursts of 256 before the time runs, as a network card would. *The clock*: timers that wait all the time at random delays up to a millisecond; what',
    'is counted is one taken out, run, and asked for anew. In the second group each that runs also calls off another one far ahead and asks for that anew.',
    '',
    '*The incast*: 32 hosts send to one through a switch, all at once: 10 Gb/s, 2 us a link, 1 MB of buffer at each end of each link, segments of 1448 bytes with timestamps and SACK,',
    'socket buffers of 1 MB. A hop is one packet over one link, acknowledgments included. Time runs from the first SYN to the last byte, compiling of JavaScript included. ns-3 is',
    'told the same; it has a router and PPP links where we have a switch and Ethernet (its rate is scaled to what a full segment takes), and its TCP carries lengths only, where',
    'ours carries bytes and computes and checks every checksum.',
    '',
    ...machine.map((text) => `- ${text}`),
    '',
    ...tables(rows).flatMap(markdownTable),
  ].join('\n');
