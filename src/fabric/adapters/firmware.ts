/** Versions of adapters' firmware: `2.9.1000`, as makers write them. */
import { mistake, type Parsed } from '../parsed.ts';

/** Two to four numbers. */
export function parseFirmware(written: string): Parsed<string> {
  return /^\d{1,5}(\.\d{1,5}){1,3}$/.test(written)
    ? { value: written }
    : mistake(
        `\`${written.slice(0, 40)}\` is no version of firmware.`,
        'Write two to four numbers with dots between them, such as `2.9.1000`.',
      );
}

/** Number by number; what is not written counts as 0. */
export function isOlderFirmware(one: string, than: string): boolean {
  const [a, b] = [one, than].map((text) => text.split('.').map(Number)) as [number[], number[]];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
