/** Whether the other end of a connection still lives (RFC 7143 §11.18): silence for one interval brings a NOP-Out, silence for another the end. */
import type { Clock, Nanos, Timer } from '../../../base/clock.ts';

export class KeepAlive {
  readonly #clock: Clock;
  readonly #afterNanos: Nanos;
  readonly #timeoutNanos: Nanos;
  readonly #ping: () => void;
  readonly #silent: () => void;
  #heard = true;
  #timer: Timer | undefined;

  /** `afterNanos` 0: nobody is asked. */
  constructor(clock: Clock, afterNanos: Nanos, timeoutNanos: Nanos, ping: () => void, silent: () => void) {
    this.#clock = clock;
    this.#afterNanos = afterNanos;
    this.#timeoutNanos = timeoutNanos;
    this.#ping = ping;
    this.#silent = silent;
  }

  heard(): void {
    this.#heard = true;
  }

  start(): void {
    if (this.#afterNanos === 0) return;
    this.#heard = false;
    this.#timer = this.#clock.after(this.#afterNanos, () => {
      if (this.#heard) return this.start();
      this.#ping();
      this.#timer = this.#clock.after(this.#timeoutNanos, () => (this.#heard ? this.start() : this.#silent()));
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }
}
