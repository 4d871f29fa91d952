/**
 * Time that passes only when it is told to, so that a run is the same every time. Timers run in the order they fall due, and equal times in
 * the order they were asked for; a timer asked for while others run takes its place among them.
 */
import { assert } from '../base/assert.ts';
import type { Clock, Nanos, Timer } from '../base/clock.ts';
import { TimerQueue } from './timer-queue.ts';

export class VirtualClock implements Clock {
  readonly #timers = new TimerQueue();
  #now: Nanos;

  constructor(startNanos: Nanos = 0) {
    this.#now = startNanos;
  }

  now(): Nanos {
    return this.#now;
  }

  after(delayNanos: Nanos, action: () => void): Timer {
    assert(delayNanos >= 0, 'a timer is asked for in the future');
    return this.#timers.add(this.#now + delayNanos, action);
  }

  /** Timers that wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer falls due; Infinity: none waits. */
  get nextDue(): Nanos {
    return this.#timers.nextDue;
  }

  /** Goes to the next timer and runs it; false if none waits. */
  step(): boolean {
    const due = this.#timers.nextDue;
    const action = this.#timers.takeFirst();
    if (action === undefined) return false;
    this.#now = due;
    action();
    return true;
  }

  /** Runs everything that falls due up to and including `untilNanos`, and leaves the clock there. */
  run(untilNanos: Nanos): void {
    assert(untilNanos >= this.#now, 'time does not go back');
    while (this.#timers.nextDue <= untilNanos) this.step();
    this.#now = untilNanos;
  }

  /** Runs until no timer waits; false if `stepsMax` were not enough. */
  settle(stepsMax: number): boolean {
    for (let steps = 0; steps < stepsMax; steps += 1) if (!this.step()) return true;
    return this.pending === 0;
  }
}
