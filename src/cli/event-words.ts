/** Events and their kinds as people read them in a terminal. */
import type { Colors } from 'picocolors/types.js';
import type { DeclaredEvent, FabricEvent, Severity } from '../base/event.ts';
import { type EventRange, rangesOfKinds } from './event-kinds.ts';
import { plainLine } from './plain-text.ts';
import { widthOf } from './watch/fit.ts';

/** An event, and when it came: ISO 8601. */
export type TimedEvent = FabricEvent & { readonly time: string };

export const severityPaint = (colors: Colors, severity: Severity): ((text: string) => string) =>
  ({ error: colors.red, warning: colors.yellow, info: (text: string) => text, debug: colors.dim })[severity];

/** Columns before the source: time of day, severity and number. */
const HEAD_COLUMNS = 22;
/** Narrower than this nothing can be read: then lines are as long as they are. */
const COLUMNS_MIN = HEAD_COLUMNS + 20;

/** `22:14:21 warning 1311 esx1:nic0 - tor1:1: the link is down`, and below it what has no room; `columns` undefined: one line, however long. */
export function eventText({ time, severity, id, source, message }: TimedEvent, columns: number | undefined, colors: Colors): string {
  const paint = severityPaint(colors, severity);
  const head = `${timeOfDay(time)} ${paint(severity.padEnd(7))} ${String(id).padStart(4)} `;
  const [name, words] = [plainLine(source), plainLine(message)];
  if (columns === undefined || columns < COLUMNS_MIN) return `${head}${colors.bold(name)}: ${paint(words)}\n`;
  const lines = wrap(`${name}: ${words}`, columns - HEAD_COLUMNS);
  return lines
    .map((line, index) => {
      if (index > 0) return `${' '.repeat(HEAD_COLUMNS)}${paint(line)}\n`;
      // The source is bold as far as the first line has it.
      const bold = Math.min(name.length, line.length);
      return `${head}${colors.bold(line.slice(0, bold))}${paint(line.slice(bold))}\n`;
    })
    .join('');
}

/** Where the terminal is. */
export const timeOfDay = (time: string): string => new Date(time).toTimeString().slice(0, 8);

const two = (number: number): string => String(number).padStart(2, '0');

/** Where the terminal is. */
export function dayOf(time: string): string {
  const date = new Date(time);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** At spaces, where there are any; what is longer than a line is cut into lines. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (widthOf(longer) <= columns) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = '';
    for (const character of word) {
      if (widthOf(line + character) > columns) {
        lines.push(line);
        line = '';
      }
      line += character;
    }
  }
  return [...lines, line];
}

/** A line for each kind, under the name of its range. */
export const kindsText = (colors: Colors): string =>
  rangesOfKinds()
    .filter(({ kinds }) => kinds.length > 0)
    .map(({ title, kinds }) => `${colors.cyan(title)}\n${kinds.map((kind) => kindLine(kind, colors)).join('')}`)
    .join('\n');

const kindLine = ({ id, name, severity }: DeclaredEvent, colors: Colors): string =>
  `${colors.bold(String(id))} ${severityPaint(colors, severity)(severity.padEnd(7))} ${name}\n`;

/** What one kind means, and what to do. */
export function storyText({ id, name, severity, story, message }: DeclaredEvent, range: EventRange, colors: Colors): string {
  const { bold, cyan, dim } = colors;
  const { means, remedy, source, example } = story;
  return [
    `${bold(String(id))} ${name} (${severityPaint(colors, severity)(severity)})\n`,
    `${means}\n`,
    ...(remedy === undefined ? [] : [`${cyan('What to do:')} ${remedy}\n`]),
    `${cyan('Source:')} ${(source ?? range.source).replaceAll('`', '')}\n${cyan('For example:')} ${message}\n${cyan('Data:')} ${dim(JSON.stringify(example))}\n`,
  ].join('\n');
}
