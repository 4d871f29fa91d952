/** What a text is that somebody saved from a device: which product's, and which of its outputs. */
import { TEXT_CHARACTERS_MAX } from './core/lines.ts';
import type { Dialect, OutputKind } from './core/dialect.ts';

export interface Recognised {
  readonly dialect: Dialect;
  readonly output: OutputKind;
}

/** Less than this is a guess. */
const LEAST = 0.3;

/** What the text looks like most; or a sentence that says why that is not clear. */
export function recognise(text: string, dialects: readonly Dialect[]): Recognised | string {
  if (text.length > TEXT_CHARACTERS_MAX) return `it has more than ${TEXT_CHARACTERS_MAX / 1024 / 1024} MiB`;
  const scored = dialects
    .flatMap((dialect) => dialect.outputs.map((output) => ({ dialect, output, score: output.recognise(text) })))
    .filter(({ score }) => score >= LEAST);
  const [only] = dialects;
  if (scored.length === 0 && dialects.length === 1) return told(only!, text);
  // Products print alike: where several may be meant, it counts how much of the text each of them understands.
  const isPlain = new Set(scored.map(({ dialect }) => dialect.name)).size < 2;
  const weighed = (isPlain ? scored : scored.map((one) => ({ ...one, score: one.score * understood(one.output, text) }))).toSorted(
    (one, other) => other.score - one.score,
  );
  const [best] = weighed;
  // A text that looks like one product's, and that can't be read: what is wrong with it says more.
  const [likely, ...others] = best?.score === 0 ? scored.toSorted((one, other) => other.score - one.score) : [];
  if (likely !== undefined && others.every(({ dialect, score }) => dialect === likely.dialect || score < likely.score))
    return { dialect: likely.dialect, output: likely.output };
  if (best === undefined || best.score === 0) {
    return `it looks like no output that is known here (${dialects.map(({ name }) => `\`${name}\``).join(', ')}): say whose it is with --as`;
  }
  // Of one product the first is as good as the other: both read it.
  const rivals = new Set(weighed.filter(({ score }) => score === best.score).map(({ dialect }) => dialect.name));
  if (rivals.size > 1) return `it may be of ${[...rivals].map((name) => `\`${name}\``).join(' or ')}: say which with --as`;
  return { dialect: best.dialect, output: best.output };
}

/** The part of the lines that is read, from 0 to 1. */
function understood(output: OutputKind, text: string): number {
  const { unknown, errors, settings } = output.read(text, { file: '', port: undefined });
  if (errors.length > 0 || settings.length === 0) return 0;
  let lines = 0;
  for (const line of text.split('\n')) if (line.trim() !== '') lines += 1;
  return Math.max(0, 1 - unknown.length / Math.max(1, lines));
}

/** Whose it is somebody said: the output that understands most of it, if that is more than it does not. */
function told(dialect: Dialect, text: string): Recognised | string {
  const best = dialect.outputs
    .map((output) => ({ dialect, output, part: understood(output, text) }))
    .toSorted((one, other) => other.part - one.part)[0];
  return best !== undefined && best.part > 0.5 ? best : `it looks like no output of \`${dialect.name}\``;
}
