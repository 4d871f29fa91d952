/** Tables of which a line of dashes under the header says where the columns are: those of esxcli and of PowerShell. */
import type { Line } from './lines.ts';

export interface Row {
  readonly line: Line;
  /** Without the blanks around; '' for an empty cell or a column that the table does not have. */
  cell(name: string): string;
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** The line after the last row, as an index. */
  readonly next: number;
}

export const isRuler = (text: string): boolean => /^ *--[- ]*$/.test(text);

/** The table whose header is line `at`; undefined: there is none. It ends at an empty line, or where `ends` says. */
export function tableAt(lines: readonly Line[], at: number, ends: (line: Line) => boolean = () => false): Table | undefined {
  const header = lines[at];
  const ruler = lines[at + 1];
  if (header === undefined || ruler === undefined || !isRuler(ruler.text) || header.text.trim() === '') return undefined;
  const starts = [...ruler.text.matchAll(/-+/g)].map((run) => run.index);
  const columns = cut(header.text, starts).map((text) => text.trim());
  const rows: Row[] = [];
  let next = at + 2;
  for (; next < lines.length; next += 1) {
    const line = lines[next]!;
    if (line.text.trim() === '' || ends(line)) break;
    const cells = cut(line.text, starts);
    rows.push({ line, cell: (name) => cells[columns.indexOf(name)]?.trim() ?? '' });
  }
  return { columns, rows, next };
}

/** A column of numbers ends where its dashes end: a long one begins before them, and no word is cut in two. */
function cut(text: string, starts: readonly number[]): string[] {
  const cells: string[] = [];
  let from = 0;
  for (const start of starts.slice(1)) {
    let to = Math.min(start, text.length);
    while (to > from && text[to - 1] !== ' ') to -= 1;
    // A word without a blank before it fills its column: the next one begins where it should.
    if (to <= from) to = Math.min(start, text.length);
    cells.push(text.slice(from, to));
    from = to;
  }
  cells.push(text.slice(from));
  return cells;
}
