/** Rates of links: `10G`, `25 Gb/s`, `2.5G`, `100M`. Decimal, as IEEE 802.3 counts. */
import { mistake, type Parsed } from '../parsed.ts';

const UNITS: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12 };
const LEAST = 1e3;
const MOST = 1.6e12;

/** Bits a second. */
export function parseRate(written: string | number): Parsed<number> {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\s*([kKmMgGtT])?(?:bit|b)?(?:\/s|ps)?$/.exec(String(written).trim());
  if (match === null || (match[2] === undefined && typeof written === 'string'))
    return mistake(`\`${String(written).slice(0, 40)}\` is not a rate.`, 'Write a rate such as `10G`, `25G` or `100M`.');
  const value = Math.round(Number(match[1]) * (UNITS[match[2]?.toLowerCase() ?? ''] ?? 1));
  if (value >= LEAST && value <= MOST) return { value };
  return mistake(`\`${String(written).slice(0, 40)}\` is out of range.`, 'Write a rate from `1k` to `1600G` bits a second.');
}

/** `10 Gb/s`, `2.5 Gb/s`, `100 Mb/s`. */
export function formatRate(bitsPerSecond: number): string {
  const [value, unit] =
    bitsPerSecond >= 1e9
      ? [bitsPerSecond / 1e9, 'Gb/s']
      : bitsPerSecond >= 1e6
        ? [bitsPerSecond / 1e6, 'Mb/s']
        : [bitsPerSecond / 1e3, 'kb/s'];
  return `${Number(value.toFixed(3))} ${unit}`;
}
