/**
 * The clock on the wall: monotonic time since it was made, and one timer of the event loop for whatever falls due first. A timer never runs
 * early, and equal times run in the order they were asked for.
 */
import type { Clock, Nanos, Timer } from '../base/clock.ts';
import { TimerQueue } from '../runtime/timer-queue.ts';

/** Longest delay a timer of Node takes; longer ones are waited for in pieces. */
export const TIMER_MILLISECONDS_MAX = 0x7fffffff;

/** What the clock stands on; a test brings its own. */
export interface WallClockSource {
  /** Nanoseconds, monotonic. */
  now(): Nanos;
  /** Runs `action` after about so many milliseconds; gives back what calls it off. */
  wait(milliseconds: number, action: () => void): () => void;
}

export interface WallClockOptions {
  /** True: its timers alone don't keep the process alive. */
  readonly unref?: boolean;
  readonly source?: WallClockSource;
}

export function wallClock(options: WallClockOptions = {}): Clock {
  const source = options.source ?? systemSource(options.unref === true);
  const timers = new TimerQueue();
  let armedFor = Number.POSITIVE_INFINITY;
  let disarm: (() => void) | undefined;

  const arm = (): void => {
    const due = timers.nextDue;
    if (due === armedFor) return;
    disarm?.();
    disarm = undefined;
    armedFor = due;
    if (due === Number.POSITIVE_INFINITY) return;
    const milliseconds = Math.ceil((due - source.now()) / 1_000_000);
    disarm = source.wait(Math.min(Math.max(milliseconds, 0), TIMER_MILLISECONDS_MAX), wake);
  };

  const wake = (): void => {
    armedFor = Number.POSITIVE_INFINITY;
    disarm = undefined;
    // What falls due while these run waits for the next turn, so that a timer that renews itself can't keep everything else out.
    const now = source.now();
    try {
      while (timers.nextDue <= now) timers.takeFirst()!();
    } finally {
      arm();
    }
  };

  return {
    now: () => source.now(),
    after(delayNanos: Nanos, action: () => void): Timer {
      const timer = timers.add(source.now() + Math.max(delayNanos, 0), action);
      arm();
      return {
        cancel: () => {
          timer.cancel();
          // An empty queue must not keep the process alive; a timer that is too early is cheaper than a new one for every change.
          if (timers.size === 0) arm();
        },
      };
    },
  };
}

/** The system's own clock and timers; `unref`: these alone don't keep the process alive. */
export function systemSource(unref: boolean): WallClockSource {
  const origin = process.hrtime.bigint();
  return {
    now: () => Number(process.hrtime.bigint() - origin),
    wait(milliseconds, action) {
      const timer = setTimeout(action, milliseconds);
      if (unref) timer.unref();
      return () => clearTimeout(timer);
    },
  };
}
