/** Values of settings as people write them in a fabric file. */
import { MICROSECOND, MILLISECOND, SECOND } from '../../base/clock.ts';

/** `10G`, `2500M`, `100M`. */
export function rateText(bitsPerSecond: number): string | number {
  for (const [unit, size] of [['G', 1e9] as const, ['M', 1e6] as const, ['k', 1e3] as const])
    if (bitsPerSecond >= size && bitsPerSecond % size === 0) return `${bitsPerSecond / size}${unit}`;
  return bitsPerSecond;
}

/** `1GiB`, `64MiB`, or bytes. */
export function sizeText(bytes: number): string | number {
  for (const [unit, size] of [['TiB', 2 ** 40] as const, ['GiB', 2 ** 30] as const, ['MiB', 2 ** 20] as const, ['KiB', 2 ** 10] as const])
    if (bytes >= size && bytes % size === 0) return `${bytes / size}${unit}`;
  return bytes;
}

export function durationText(nanos: number): string {
  if (nanos % SECOND === 0) return `${nanos / SECOND}s`;
  return nanos % MILLISECOND === 0 ? `${nanos / MILLISECOND}ms` : `${nanos / MICROSECOND}us`;
}

/** `10,20-29`: as a list. */
export const vlanItems = (text: string): (number | string)[] =>
  text === 'none' ? [] : text.split(',').map((part) => (part.includes('-') ? part : Number(part)));
