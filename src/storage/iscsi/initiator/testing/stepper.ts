/** Drives benches in memory: bytes move while time stands still, and time goes on when there is nothing left to move. */
import type { StreamPair } from './stream-pair.ts';

/** Goes to its next timer and runs it; false: none waits. */
interface SteppedClock {
  step(): boolean;
}

const STEPS_MAX = 100_000;

export class Stepper {
  readonly #clock: SteppedClock;
  readonly #pairs: readonly StreamPair[];
  readonly #deferred: (() => void)[] = [];

  /** `pairs` may grow. */
  constructor(clock: SteppedClock, pairs: readonly StreamPair[]) {
    this.#clock = clock;
    this.#pairs = pairs;
  }

  /** Runs `action` with the next bytes that move. */
  defer(action: () => void): void {
    this.#deferred.push(action);
  }

  /** Moves bytes until there are none to move; time stands still. */
  settle(): void {
    for (let moved = true; moved; ) {
      moved = false;
      for (const action of this.#deferred.splice(0)) {
        action();
        moved = true;
      }
      for (const pair of this.#pairs) if (pair.move()) moved = true;
    }
  }

  /** Lets everything happen until `until` holds, time included. */
  run(until: () => boolean): void {
    this.settle();
    for (let steps = 0; !until(); steps += 1) {
      if (steps > STEPS_MAX) throw new Error('it never comes about');
      if (!this.#clock.step()) throw new Error('nothing happens any more');
      this.settle();
    }
  }
}
