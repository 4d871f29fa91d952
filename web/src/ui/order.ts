/** Rows in order: numbers by size, texts as people count (`tor1:9` before `tor1:10`). */

export interface Order {
  /** Key of a column. */
  readonly by: string;
  readonly down: boolean;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

export const byName = (a: string, b: string): number => collator.compare(a, b);

export function ordered<Row>(rows: readonly Row[], valueOf: (row: Row) => string | number, down: boolean): readonly Row[] {
  const sign = down ? -1 : 1;
  const keyed = rows.map((row) => ({ row, value: valueOf(row) }));
  keyed.sort(
    (a, b) =>
      sign * (typeof a.value === 'number' && typeof b.value === 'number' ? a.value - b.value : byName(String(a.value), String(b.value))),
  );
  return keyed.map(({ row }) => row);
}

/** Rows with all of the words in their text, in any case. */
export function filtered<Row>(rows: readonly Row[], words: string, textOf: (row: Row) => string): readonly Row[] {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  if (wanted.length === 0) return rows;
  return rows.filter((row) => {
    const text = textOf(row).toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}
