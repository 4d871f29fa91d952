/** What a copy shows while it runs and at its end: a bar on a terminal, sentences, or JSON lines for programs. */
import type { CopyNote, CopyProgress, CopyResult } from '../../os/copy/job.ts';
import type { CommandContext } from '../context.ts';
import { plainLine } from '../plain-text.ts';
import { statusLine } from './status-line.ts';
import { durationText, rateText, sizeText } from './words.ts';

export interface CopyDisplay {
  tick(): void;
  note(note: CopyNote): void;
  stopping(): void;
  clear(): void;
  /** After a failure. */
  goOn(): string;
  /** `again`: what to run to go on. */
  finish(result: CopyResult, again: string): void;
}

/** Rates are over the last so many ticks: long enough to be calm, short enough to be true. */
const RATE_TICKS = 20;

export function copyDisplay(progress: CopyProgress, from: string, to: string, json: boolean, context: CommandContext): CopyDisplay {
  const line = statusLine(json ? undefined : context.terminal, context);
  const { outColors: colors } = context;
  const seen: { readonly at: number; readonly bytes: number }[] = [];
  let phase = progress.phase;
  let stopping = false;
  let losses = 0;
  const emit = (fields: Record<string, unknown>): void => context.out(`${JSON.stringify(fields)}\n`);
  const say = (sentence: string): void => {
    line.clear();
    context.out(`${sentence}\n`);
  };

  /** Bytes a second, lately. */
  const rate = (done: number): number => {
    if (progress.phase !== phase) {
      phase = progress.phase;
      seen.length = 0;
    }
    seen.push({ at: context.now(), bytes: done });
    if (seen.length > RATE_TICKS) seen.shift();
    const [first, last] = [seen[0]!, seen.at(-1)!];
    return last.at > first.at ? Math.max(0, ((last.bytes - first.bytes) * 1000) / (last.at - first.at)) : 0;
  };

  return {
    tick() {
      if (progress.phase === 'opening') return;
      const verifying = progress.phase === 'verifying';
      const done = verifying ? progress.comparedBytes : progress.positionBytes;
      const bytesPerSecond = rate(done);
      if (json) {
        const { totalBytes, dataBytes, zeroBytes } = progress;
        return emit({
          event: 'progress',
          phase: progress.phase,
          positionBytes: done,
          totalBytes,
          dataBytes,
          zeroBytes,
          bytesPerSecond: Math.round(bytesPerSecond),
        });
      }
      if (progress.losses > losses) {
        losses = progress.losses;
        say(colors.yellow(lossWords(progress)));
      }
      if (context.terminal === undefined) return;
      const { columns } = context.terminal.size();
      const words = { done, total: progress.totalBytes, bytesPerSecond, zeroBytes: verifying ? 0 : progress.zeroBytes };
      line.show(barLine(words, stopping ? 'stopping' : verifying ? 'verifying' : '', columns - 3, colors));
    },
    note(note) {
      if (json) return emit({ event: 'note', ...note });
      const text = noteWords(note);
      const mild = note.kind === 'resuming' || note.kind === 'larger' || (note.kind === 'beginning-anew' && note.why === 'restart');
      say(mild ? text : colors.yellow(text));
    },
    stopping() {
      stopping = true;
      if (json) return;
      if (context.terminal === undefined) say('Stopping; once more ends at once.');
      else this.tick();
    },
    clear: () => line.clear(),
    goOn: () =>
      `What was copied until now stays: the same command goes on behind ${sizeText(progress.positionBytes)} or a little before.\n`,
    finish(result, again) {
      line.clear();
      if (json) return emit(resultJson(result, progress));
      context.out(resultWords(result, progress, from, to, again, context));
    },
  };
}

const lossWords = ({ positionBytes }: CopyProgress): string =>
  `The destination was reset, and what it had not made durable may be gone: written again from ${sizeText(positionBytes)} on.`;

interface BarWords {
  readonly done: number;
  readonly total: number;
  readonly bytesPerSecond: number;
  readonly zeroBytes: number;
}

/** ` 43% ━━━━━━━────────  440 MiB of 1 GiB  812 MB/s  0:01 left`, with less of it where the terminal is narrow. */
export function barLine(
  { done, total, bytesPerSecond, zeroBytes }: BarWords,
  word: string,
  columns: number,
  colors: CommandContext['outColors'],
): string {
  const share = total === 0 ? 1 : done / total;
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  const parts = [`${sizeText(done)} of ${sizeText(total)}`, rateText(bytesPerSecond)];
  if (bytesPerSecond > 0 && word !== 'stopping') parts.push(`${durationText((total - done) / bytesPerSecond)} left`);
  if (zeroBytes > 0) parts.push(`zeros ${sizeText(zeroBytes)}`);
  if (word !== '') parts.unshift(word);
  let text = parts.join('  ');
  while (percent.length + BAR_MIN + 3 + text.length > columns && parts.length > 1) {
    parts.pop();
    text = parts.join('  ');
  }
  const width = Math.min(BAR_MAX, columns - percent.length - text.length - 3);
  if (width < BAR_MIN) return `${percent}  ${text}`.slice(0, Math.max(0, columns));
  const full = Math.round(share * width);
  return `${percent} ${colors.green('━'.repeat(full))}${colors.dim('─'.repeat(width - full))}  ${text}`;
}

const BAR_MIN = 10;
const BAR_MAX = 40;

const WHY = {
  'source-changed': 'The source has changed since the copy was interrupted: beginning anew.',
  'destination-changed': 'The destination is not the one of the interrupted copy any more: beginning anew.',
  'destination-differs': 'The destination does not hold what was copied there before: beginning anew.',
  restart: 'Beginning anew.',
} as const;

export function noteWords(note: CopyNote): string {
  switch (note.kind) {
    case 'resuming':
      return `Going on with an interrupted copy behind ${sizeText(note.positionBytes)}. (--restart begins anew.)`;
    case 'larger':
      return `The destination is larger: its last ${sizeText(note.restBytes)} stay as they are.`;
    case 'cut':
      return `The destination is smaller: the last ${sizeText(note.leftOutBytes)} of the source are left out.`;
    case 'beginning-anew':
      return WHY[note.why];
    case 'no-record':
      return `How far it has come can't be recorded, so that it would have to begin anew after an interruption: ${plainLine(note.reason)}.`;
  }
}

function resultWords(
  result: CopyResult,
  progress: CopyProgress,
  from: string,
  to: string,
  again: string,
  { outColors: { bold, cyan, green, red, yellow } }: CommandContext,
): string {
  const { bytes, positionBytes, difference } = result;
  if (result.outcome === 'stopped')
    return `${yellow('stopped')} behind ${sizeText(positionBytes)} of ${sizeText(bytes)}. To go on:\n  ${cyan(again)}\n`;
  if (difference !== undefined) {
    const { atBytes, blockBytes } = difference;
    const where = blockBytes === 1 ? '' : ` (LBA ${Math.floor(atBytes / blockBytes)}, byte ${atBytes % blockBytes} of the block)`;
    const [ours, theirs] = [difference.source, difference.destination].map(
      (byte) => `${byte.toString(16).padStart(2, '0').toUpperCase()}h`,
    );
    return `${red(bold('differs'))} from byte ${atBytes}${where} on: ${ours} in ${plainLine(from)}, ${theirs} in ${plainLine(to)}.\n`;
  }
  const { startBytes, zeroBytes, copyMilliseconds, compareMilliseconds } = progress;
  const moved = bytes - startBytes;
  const part = startBytes === 0 ? '' : `, the last ${sizeText(moved)} of it now`;
  const zeros = zeroBytes === 0 ? '' : `, ${sizeText(zeroBytes)} zeros`;
  const verified = progress.phase === 'verifying' ? `; verified in ${(compareMilliseconds / 1000).toFixed(1)} s` : '';
  const time = `in ${(copyMilliseconds / 1000).toFixed(1)} s${speedWords(moved, copyMilliseconds)}`;
  const text = `${sizeText(bytes)}${part}${zeros}, ${time}${verified}.\n`;
  if (result.outcome === 'source-changed')
    return `${text}${red(bold('changed'))}: ${plainLine(from)} was written to meanwhile; the copy may be a mixture of before and after. Copy it again.\n`;
  return `${green(bold('copied'))} ${text}`;
}

const speedWords = (bytes: number, milliseconds: number): string =>
  bytes > 0 && milliseconds > 0 ? `, ${rateText((bytes * 1000) / milliseconds)}` : '';

const resultJson = (result: CopyResult, progress: CopyProgress): Record<string, unknown> => ({
  event: result.outcome,
  bytes: result.bytes,
  positionBytes: result.positionBytes,
  startBytes: progress.startBytes,
  dataBytes: progress.dataBytes,
  zeroBytes: progress.zeroBytes,
  losses: progress.losses,
  verified: result.outcome === 'complete' && progress.phase === 'verifying',
  copySeconds: Number((progress.copyMilliseconds / 1000).toFixed(3)),
  compareSeconds: Number((progress.compareMilliseconds / 1000).toFixed(3)),
  ...(result.difference === undefined
    ? {}
    : { difference: { ...result.difference, lba: Math.floor(result.difference.atBytes / result.difference.blockBytes) } }),
});
