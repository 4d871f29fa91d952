/** The lines of a text from a device, bounded before anything else is done with them. */
import type { ReadingError } from './dialect.ts';

export const TEXT_CHARACTERS_MAX = 16 * 1024 * 1024;
const LINES_MAX = 400_000;
export const LINE_CHARACTERS_MAX = 8192;

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without its end and without blanks behind. */
  readonly text: string;
  /** Blanks before the text; a tabulator counts to the next multiple of eight. */
  readonly indent: number;
}

export interface Lines {
  readonly lines: readonly Line[];
  readonly errors: readonly ReadingError[];
}

/** Tabulators, line ends and form feeds are none of these. */
const isControl = (code: number): boolean => (code < 0x20 && code !== 0x09 && code !== 0x0c && code !== 0x0d) || code === 0x7f;

function holdsControl(line: string): boolean {
  for (let index = 0; index < line.length; index += 1) if (isControl(line.charCodeAt(index))) return true;
  return false;
}

function controlMessage(line: string): string {
  if (line.includes('\u001b'))
    return 'The line holds control characters of a terminal, which moved its cursor: switch off paging (`no page`, `terminal length 0`), or save the output without a terminal.';
  if (line.includes('\u0000')) return 'The line holds control characters: zero bytes. Save it as UTF-8 text.';
  return 'The line holds control characters: this is no text that a device prints.';
}

/** A text with control characters is no output of a device: its first such line is the error. */
export function splitLines(text: string): Lines {
  if (text.length > TEXT_CHARACTERS_MAX)
    return { lines: [], errors: [{ line: 1, message: `The text has more than ${TEXT_CHARACTERS_MAX / 1024 / 1024} MiB.` }] };
  const lines: Line[] = [];
  const errors: ReadingError[] = [];
  let number = 0;
  for (const raw of text.replace(/^\uFEFF/, '').split('\n')) {
    number += 1;
    if (number > LINES_MAX) {
      errors.push({ line: number, message: `There are more than ${LINES_MAX} lines.` });
      break;
    }
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line.length > LINE_CHARACTERS_MAX) {
      errors.push({ line: number, message: `The line has more than ${LINE_CHARACTERS_MAX} characters.` });
      continue;
    }
    if (holdsControl(line)) {
      errors.push({ line: number, message: controlMessage(line) });
      if (errors.length >= 20) break;
      continue;
    }
    lines.push({ number, text: line.trimEnd(), indent: indentOf(line) });
  }
  return { lines, errors };
}

function indentOf(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === ' ') columns += 1;
    else if (character === '\t') columns += 8 - (columns % 8);
    else break;
  }
  return columns;
}
