/**
 * Virtual time that keeps up with the clock on the wall: what a fabric runs on when part of it is real. A link's nanoseconds are exact among
 * what is simulated; towards the world, a timer may be early by `LEAD_NANOS` and late by about a millisecond. Where the machine is too slow, time
 * goes slower, and nothing is lost: what it is behind is never made up for.
 */
import type { Clock, Nanos } from '../base/clock.ts';
import { TimerQueue } from '../runtime/timer-queue.ts';
import { systemSource, TIMER_MILLISECONDS_MAX, type WallClockSource } from './wall-clock.ts';

/** What falls due so soon runs at once: a frame that crosses a few links need not wait for the event loop at each. */
const LEAD_NANOS = 50_000;
/** Waits below a millisecond, which no timer of Node can keep, are spent in turns of the event loop. */
const TIMER_NANOS_MIN = 1_000_000;
/** A turn ends after so long, so that sockets are served however much there is to simulate. */
const TURN_NANOS = 2_000_000;
/**
 * How far behind it may be. What the world has to say to something must be heard before anybody's patience ends: a retransmission timer that ran
 * in one go with what it times would find that nothing was answered.
 */
const LAG_NANOS = 2_000_000;
/** What the world says while we are late came so long before what has fallen due: time to cross a few links. */
const GRACE_NANOS = 200_000;
/** Between two looks at the real clock. */
const TIMERS_A_LOOK = 64;

/** What the clock stands on; a test brings its own. */
export interface PacedClockSource extends WallClockSource {
  /** Runs `action` after sockets have been looked at; gives back what calls it off. */
  nextTurn(action: () => void): () => void;
}

export interface PacedClock extends Clock {
  /** No timer runs any more. */
  stop(): void;
}

export function pacedClock(source: PacedClockSource = pacedSource()): PacedClock {
  const timers = new TimerQueue();
  let time: Nanos = 0;
  let running = false;
  /** What was not made up for. */
  let lostNanos: Nanos = 0;
  /** When the next turn is for; Infinity: none is asked for. */
  let armedFor = Number.POSITIVE_INFINITY;
  let disarm: (() => void) | undefined;
  let stopped = false;

  const nextDue = (): Nanos => (stopped ? Number.POSITIVE_INFINITY : timers.nextDue);
  const realNow = (): Nanos => source.now() - lostNanos;

  const arm = (): void => {
    const due = nextDue();
    if (due === armedFor) return;
    disarm?.();
    disarm = undefined;
    armedFor = due;
    if (due === Number.POSITIVE_INFINITY) return;
    const left = due - realNow();
    disarm =
      left < TIMER_NANOS_MIN
        ? source.nextTurn(turn)
        : source.wait(Math.min(Math.ceil(left / TIMER_NANOS_MIN), TIMER_MILLISECONDS_MAX), rise);
  };

  /** After a sleep, sockets first: the loop runs its timers before it looks at them. */
  const rise = (): void => {
    disarm = source.nextTurn(turn);
  };

  const turn = (): void => {
    armedFor = Number.POSITIVE_INFINITY;
    disarm = undefined;
    lostNanos += Math.max(0, realNow() - LAG_NANOS - timers.nextDue);
    const startedAt = realNow();
    let real = startedAt;
    running = true;
    try {
      for (let count = 1; nextDue() <= real + LEAD_NANOS && real - startedAt < TURN_NANOS; count += 1) {
        time = Math.max(time, timers.nextDue);
        timers.takeFirst()!();
        if (count % TIMERS_A_LOOK === 0) real = realNow();
      }
    } finally {
      running = false;
      arm();
    }
  };

  /**
   * Nothing that the world does follows from what has fallen due and has not run yet. It may be an answer, which still has to cross links: meanwhile
   * the patience of who waits for it must not end only because we are late.
   */
  const outside = (): Nanos => {
    const real = realNow();
    const late = real - timers.nextDue;
    return late <= 0 ? real : timers.nextDue - Math.min(late, GRACE_NANOS);
  };

  const now = (): Nanos => {
    if (!running) time = Math.max(time, outside());
    return time;
  };

  return {
    now,
    stop() {
      stopped = true;
      if (!running) arm();
    },
    after(delayNanos, action) {
      const timer = timers.add(now() + Math.max(delayNanos, 0), action);
      if (!running) arm();
      return {
        cancel: () => {
          timer.cancel();
          // An empty queue must not keep the process alive; a turn that finds nothing to do is cheaper than a new one for every change.
          if (timers.size === 0 && !running) arm();
        },
      };
    },
  };
}

const pacedSource = (): PacedClockSource => ({
  ...systemSource(false),
  nextTurn(action) {
    const immediate = setImmediate(action);
    return () => clearImmediate(immediate);
  },
});
