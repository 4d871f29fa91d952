/** Tables whose rows say by their colour how things are. */
import type { Colors } from 'picocolors/types.js';
import type { Tone } from './host-words.ts';
import { tableLines } from './iscsi/words.ts';
import { paint } from './paint.ts';

export interface TableRow {
  readonly cells: readonly string[];
  readonly tone: Tone;
}

/** `right` names the columns that hold figures. Without rows there is no table. */
export function paintedTable(
  headings: readonly string[],
  rows: readonly TableRow[],
  colors: Colors,
  right: readonly number[] = [],
): string {
  if (rows.length === 0) return '';
  const [head, ...lines] = tableLines([headings, ...rows.map(({ cells }) => cells)], right);
  const painted = lines.map((line, index) => paint(colors, rows[index]!.tone)(line));
  return `${colors.bold(head!)}\n${painted.map((line) => `${line}\n`).join('')}`;
}
