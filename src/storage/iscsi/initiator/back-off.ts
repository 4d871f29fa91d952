/** How long to wait before the next attempt to bring a session back: longer each time, and never the same for two who lost theirs together. */
import type { Nanos } from '../../../base/clock.ts';
import type { Rng } from '../../../base/rng.ts';

/** Attempt 0 comes at once; from the first on the wait doubles up to `maxNanos`, of which a random half is left out. */
export function backOff(attempt: number, firstNanos: Nanos, maxNanos: Nanos, rng: Rng): Nanos {
  if (attempt === 0) return 0;
  const whole = Math.min(maxNanos, firstNanos * 2 ** Math.min(attempt - 1, 30));
  return Math.round(whole / 2 + (whole / 2) * (rng.uint32() / 0x1_0000_0000));
}
