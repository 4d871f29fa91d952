/** The clock on the wall: monotonic time since the process began, and the event loop's timers. */
import type { Clock, Nanos, Timer } from '../base/clock.ts';

/** Longest delay a timer of Node takes; longer ones are waited for in pieces. */
const TIMER_MILLISECONDS_MAX = 0x7fffffff;

export function wallClock(): Clock {
  const origin = process.hrtime.bigint();
  const now = (): Nanos => Number(process.hrtime.bigint() - origin);
  return {
    now,
    after(delayNanos: Nanos, action: () => void): Timer {
      const due = now() + delayNanos;
      let timer: NodeJS.Timeout;
      const arm = (): void => {
        const left = Math.max(0, Math.ceil((due - now()) / 1_000_000));
        timer = setTimeout(left > TIMER_MILLISECONDS_MAX ? arm : action, Math.min(left, TIMER_MILLISECONDS_MAX));
      };
      arm();
      return { cancel: () => clearTimeout(timer) };
    },
  };
}
