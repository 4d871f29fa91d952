/** A clock for tests that moves when it is told to, from one timer to the next. */
import type { Clock, Nanos, Timer } from '../../../base/clock.ts';

interface Due {
  readonly time: Nanos;
  readonly action: () => void;
}

export class StepClock implements Clock {
  #now: Nanos = 0;
  #due: Due[] = [];

  now(): Nanos {
    return this.#now;
  }

  after(delayNanos: Nanos, action: () => void): Timer {
    const due: Due = { time: this.#now + delayNanos, action };
    const at = this.#due.findIndex((other) => other.time > due.time);
    this.#due.splice(at === -1 ? this.#due.length : at, 0, due);
    return {
      cancel: () => {
        this.#due = this.#due.filter((other) => other !== due);
      },
    };
  }

  /** Runs the next timer; false if there is none. */
  step(): boolean {
    const due = this.#due.shift();
    if (due === undefined) return false;
    this.#now = due.time;
    due.action();
    return true;
  }

  /** Runs timers until there are none. */
  run(): void {
    while (this.step());
  }

  /** Forgets every timer: nothing that was under way happens any more. */
  stop(): void {
    this.#due = [];
  }
}
