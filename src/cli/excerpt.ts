/** Lines of a fabric file with marks under what is meant; secrets are blotted out. */
import type { Colors } from 'picocolors/types.js';
import type { Problem, Span } from '../fabric/problem.ts';
import { plainLine } from './plain-text.ts';

/** Lines longer than this are cut around the caret. */
const WIDTH_MAX = 120;

/** The lines of a file, with secrets blotted out. */
export const sourceLines = (source: string, problems: readonly Problem[]): readonly string[] => blotOut(source, problems).split(/\r?\n/);

/** The line of the span behind its number, which takes `gutter` columns, and a line of marks. */
export function excerpt(
  span: Span,
  label: string,
  lines: readonly string[],
  gutter: number,
  paint: (text: string) => string,
  colors: Colors,
): string {
  const bar = colors.blue('|');
  const line = lines[span.line - 1] ?? '';
  const last = span.endLine === span.line ? span.endColumn : line.trimEnd().length + 1;
  let start = Math.min(span.column - 1, line.length);
  let length = Math.max(1, Math.min(last - 1, Math.max(line.length, start + 1)) - start);
  let shown = line;
  if (line.length > WIDTH_MAX) {
    const from = Math.max(0, Math.min(start - 20, line.length - WIDTH_MAX));
    shown = `${from > 0 ? '...' : ''}${line.slice(from, from + WIDTH_MAX)}${from + WIDTH_MAX < line.length ? '...' : ''}`;
    start += (from > 0 ? 3 : 0) - from;
    length = Math.min(length, WIDTH_MAX);
  }
  const number = colors.blue(String(span.line).padStart(gutter + 1));
  // Tabs stay tabs, so that the caret stands where the text does.
  const indent = shown.slice(0, start).replace(/[^\t]/g, ' ').padEnd(start);
  const marks = paint(`${'^'.repeat(length)}${label === '' ? '' : ` ${label}`}`);
  return `${number} ${bar} ${keepTabs(shown)}\n${' '.repeat(gutter + 1)} ${bar} ${indent}${marks}\n`;
}

const keepTabs = (line: string): string => line.split('\t').map(plainLine).join('\t');

/**
 * The text with secrets blotted out, length for length: the stretches that problems name, and, since there are none in a file that can't be
 * read, whatever is written after words like `secret:`.
 */
function blotOut(text: string, problems: readonly Problem[]): string {
  const lines = text.split('\n').map((line) => line.replace(SECRET, (_, key: string, value: string) => key + blots(value)));
  for (const span of problems.map((problem) => problem.secret).filter((secret) => secret !== undefined)) {
    for (let number = span.line; number <= Math.min(span.endLine, lines.length); number += 1) {
      const line = lines[number - 1]!;
      const from = number === span.line ? span.column - 1 : 0;
      const to = number === span.endLine ? span.endColumn - 1 : line.length;
      lines[number - 1] = line.slice(0, from) + blots(line.slice(from, to)) + line.slice(to);
    }
  }
  return lines.join('\n');
}

/** A value after such a key; `{ env: NAME }` and `{ file: PATH }` are no secrets. */
const SECRET = /((?:secret|password|passwd)["']?\s*:\s*)(?!\{)("[^"]*"?|'[^']*'?|[^\s,}#]+)/gi;

const blots = (text: string): string => text.replace(/[^\s]/g, '*');
