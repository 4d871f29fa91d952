/**
 * Notices a command window that stays shut (RFC 7143 §4.2.2.1) while nothing is under way that could open it: some targets forget to give back
 * what aborted commands took. Nobody but a new session can mend that.
 */
import type { Clock, Nanos, Timer } from '../../../base/clock.ts';

export class WindowWatch {
  readonly #clock: Clock;
  readonly #patienceNanos: Nanos;
  readonly #isShut: () => boolean;
  readonly #tell: () => void;
  #timer: Timer | undefined;

  /** `isShut`: commands wait, none is under way, and the window has no room. */
  constructor(clock: Clock, patienceNanos: Nanos, isShut: () => boolean, tell: () => void) {
    this.#clock = clock;
    this.#patienceNanos = patienceNanos;
    this.#isShut = isShut;
    this.#tell = tell;
  }

  /** Commands wait: was it for the window, it is told of when that has lasted too long. */
  look(): void {
    if (this.#timer !== undefined || !this.#isShut()) return;
    this.#timer = this.#clock.after(this.#patienceNanos, () => {
      this.#timer = undefined;
      if (this.#isShut()) this.#tell();
    });
  }

  /** Something is under way again, or all is over. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
