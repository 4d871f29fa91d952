/** Sizes as people write them: binary units (IEC 80000-13) and decimal ones (SI), or plain bytes. */
import { mistake, type Parsed } from './parsed.ts';

const UNIT_BYTES: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
  KB: 1000,
  kB: 1000,
  MB: 1000 ** 2,
  GB: 1000 ** 3,
  TB: 1000 ** 4,
};

/** The largest size a LUN or a limit may have: enough for anyone, and exact in every sum we make. */
const SIZE_BYTES_MAX = 2 ** 50;

const EXAMPLES = 'Write a whole size with a unit, such as `64MiB`, `1GiB` or `2TiB` (or `64MB` for powers of ten), or plain bytes.';

export function parseSize(written: string | number): Parsed<number> {
  if (typeof written === 'number') return checked(written, String(written));
  const match = /^(\d{1,20}(?:\.\d{1,20})?)\s*([A-Za-z]*)$/.exec(written.trim());
  if (match === null) return mistake(`\`${written}\` is not a size.`, EXAMPLES);
  const [, digits, unit] = match as unknown as [string, string, string];
  const bytes = unit === '' ? 1 : UNIT_BYTES[unit];
  if (bytes === undefined) return unknownUnit(written, digits, unit);
  return checked(Number(digits) * bytes, written);
}

function checked(bytes: number, written: string): Parsed<number> {
  if (!Number.isInteger(bytes)) return mistake(`\`${written}\` is not a whole number of bytes.`, EXAMPLES);
  if (bytes < 1) return mistake(`A size of \`${written}\` holds nothing.`, EXAMPLES);
  if (bytes > SIZE_BYTES_MAX) return mistake(`\`${written}\` is too large.`, 'The most is `1024TiB`.');
  return { value: bytes };
}

function unknownUnit(written: string, digits: string, unit: string): Parsed<number> {
  const letter = unit[0]!.toUpperCase();
  if (!'KMGT'.includes(letter) || !/^[kmgt](i?b?|ib|b)$/i.test(unit)) return mistake(`\`${written}\` has an unknown unit.`, EXAMPLES);
  return mistake(
    `\`${unit}\` is not a unit of size.`,
    `Write \`${digits}${letter}iB\` (powers of 1024) or \`${digits}${letter}B\` (powers of 1000).`,
  );
}

/** The largest binary unit that divides the size: `64MiB`, `1536KiB`, `100B`. */
export function formatSize(bytes: number): string {
  for (const unit of ['TiB', 'GiB', 'MiB', 'KiB']) {
    const size = UNIT_BYTES[unit]!;
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  }
  return `${bytes}B`;
}
