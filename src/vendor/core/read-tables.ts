/** Rows of all tables of an output that have the columns one looks for. */
import { isRuler, type Row, tableAt } from './columns.ts';
import type { Found } from './found.ts';
import type { Line } from './lines.ts';

/** `row` says that it understood, or why not; lines outside of such tables are unknown. Says whether there is one. */
export function readTables(found: Found, lines: readonly Line[], needed: readonly string[], row: (row: Row) => boolean | string): boolean {
  let isSuch = false;
  for (let at = 0; at < lines.length; ) {
    const line = lines[at]!;
    const table = tableAt(lines, at);
    if (table !== undefined && needed.every((name) => table.columns.includes(name))) {
      isSuch = true;
      for (const one of table.rows) {
        const told = row(one);
        if (told !== true) found.unknown(one.line, told === '' || told === false ? undefined : told);
      }
      at = table.next;
      continue;
    }
    if (line.text.trim() !== '' && !isRuler(line.text)) found.unknown(line);
    at += 1;
  }
  return isSuch;
}
