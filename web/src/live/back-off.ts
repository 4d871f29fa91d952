/** How long to wait before trying again: longer each time, and not all pages at once. */

const FIRST_MILLISECONDS = 500;
const MOST_MILLISECONDS = 15_000;

/** `chance`: from 0 to 1. Between half of the time and all of it. */
export function backOffMilliseconds(failures: number, chance: number): number {
  const most = Math.min(MOST_MILLISECONDS, FIRST_MILLISECONDS * 2 ** Math.min(failures, 10));
  return Math.round((most / 2) * (1 + chance));
}
