/**
 * Frames a second through switches that take turns: the same sender sends as many as the switch takes, what arrives at the other side counts. Medians
 * over the rounds; ratios are medians of each round's, because the machine's own speed swings more from round to round than from turn to turn.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { cpuMicroseconds } from './process-cpu.ts';
import { median } from './report.ts';

/** A switch with two ports. */
export interface Contender {
  readonly name: string;
  /** What its ports are; frame-end.mjs knows how to use each. */
  readonly kind: 'stream' | 'vde' | 'interface';
  /** There is no switch: the counting end listens, and the sender connects to it. */
  readonly isDirect?: boolean;
  /** Its ends are called as its kind has it. */
  start(folder: string): Promise<RunningSwitch>;
}

export interface RunningSwitch {
  /** Undefined: there is no such process. */
  readonly pid: number | undefined;
  readonly send: string;
  readonly count: string;
  stop(): Promise<void>;
}

export interface Measured {
  readonly perSecond: number;
  /** Of the switch's process; 0 without one. */
  readonly cpuMicroseconds: number;
}

export interface RoundSettings {
  readonly rounds: number;
  readonly seconds: number;
  /** The sender hands many frames over at once. */
  readonly batches: boolean;
  /** In front of the sender's and the counter's command. */
  readonly within: readonly string[];
}

interface Seen {
  readonly frames: number;
  readonly at: number;
  readonly cpu: number;
}

export const FRAME_BYTES = [64, 1500];
const WARM_MILLISECONDS = 500;
const START_MILLISECONDS = 10_000;

export const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function until(what: string, isSo: () => boolean): Promise<void> {
  for (let waited = 0; !isSo(); waited += 20) {
    if (waited > START_MILLISECONDS) throw new Error(`waited in vain until ${what}`);
    await pause(20);
  }
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const over = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await over;
}

async function measure(contender: Contender, frameBytes: number, settings: RoundSettings): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'samewire-frames-'));
  const children: ChildProcess[] = [];
  const begin = (role: string, at: string): ChildProcess => {
    const [command, ...args] = [
      ...settings.within,
      process.execPath,
      'bench/frame-end.mjs',
      role,
      contender.kind,
      at,
      `${frameBytes}`,
    ] as const;
    const child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    return child;
  };
  let subject: RunningSwitch | undefined;
  try {
    subject = await contender.start(folder);
    const { pid } = subject;
    const seen: Seen[] = [];
    createInterface({ input: begin(contender.isDirect === true ? 'listen' : 'count', subject.count).stdout! }).on('line', (line) => {
      const [frames, at] = line.split(' ');
      seen.push({ frames: Number(frames), at: Number(at), cpu: pid === undefined ? 0 : cpuMicroseconds(pid) });
    });
    await pause(500); // it has said hello by then
    const before = seen.at(-1)?.frames ?? 0;
    begin(settings.batches ? 'batches' : 'send', subject.send);
    await until(`frames come through ${contender.name}`, () => (seen.at(-1)?.frames ?? 0) > before + 1000);
    await pause(WARM_MILLISECONDS);
    const from = seen.at(-1)!;
    await pause(settings.seconds * 1000);
    const to = seen.at(-1)!;
    const frames = to.frames - from.frames;
    return { perSecond: (frames * 1e9) / (to.at - from.at), cpuMicroseconds: (to.cpu - from.cpu) / frames };
  } finally {
    for (const child of children.toReversed()) await stop(child);
    await subject?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By frame length and the contender's name: one a round. */
export type Results = ReadonlyMap<number, ReadonlyMap<string, readonly Measured[]>>;

export async function playRounds(contenders: readonly Contender[], settings: RoundSettings): Promise<Results> {
  const results = new Map(FRAME_BYTES.map((bytes) => [bytes, new Map(contenders.map(({ name }) => [name, [] as Measured[]]))]));
  for (let round = 0; round < settings.rounds; round += 1)
    for (const frameBytes of FRAME_BYTES)
      for (const contender of contenders) {
        const measured = await measure(contender, frameBytes, settings);
        process.stderr.write(
          `${frameBytes} ${contender.name}: ${Math.round(measured.perSecond)} a second, ${measured.cpuMicroseconds.toFixed(2)} us\n`,
        );
        results.get(frameBytes)!.get(contender.name)!.push(measured);
      }
  return results;
}

const HEAD = ['frame', 'switch', 'frames/s', 'us CPU/frame', 'ours / its frames/s', 'ours / its CPU'];

/** Ratios are those of the first contender to each other one. */
export function tableOf(results: Results): readonly (readonly string[])[] {
  const rows = [...results].flatMap(([frameBytes, all]) => {
    const [[, ours]] = [...all] as [[string, readonly Measured[]]];
    return [...all].map(([name, measured]) => {
      const hasProcess = measured.some((one) => one.cpuMicroseconds > 0);
      const ratio = (of: (one: Measured) => number): string =>
        measured === ours ? '' : `${median(measured.map((one, round) => of(ours[round]!) / of(one))).toFixed(2)}x`;
      return [
        `${frameBytes}`,
        name,
        `${Math.round(median(measured.map((one) => one.perSecond)))}`,
        hasProcess ? median(measured.map((one) => one.cpuMicroseconds)).toFixed(2) : '',
        ratio((one) => one.perSecond),
        hasProcess ? ratio((one) => one.cpuMicroseconds) : '',
      ];
    });
  });
  return [HEAD, ...rows];
}

/** For pages of docs/. Columns after the second are figures. */
export const markdownTable = (table: readonly (readonly string[])[]): string =>
  [table[0]!, table[0]!.map((_, index) => (index < 2 ? '---' : '--:')), ...table.slice(1)]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');

export function plainTable(table: readonly (readonly string[])[]): string {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((cells) => cells[column]!.length)));
  return table.map((cells) => cells.map((cell, column) => cell.padStart(widths[column]!)).join('  ')).join('\n');
}
