/** A limit on frames a second, as a bucket of tokens that fills with time: what a switch's storm control does to one kind of traffic. */
import { type Nanos, SECOND } from '../base/clock.ts';

export class StormLimit {
  readonly #framesPerSecond: number;
  /** Frames that may come at once: a tenth of a second's worth, one at least. */
  readonly #burst: number;
  #tokens: number;
  #at: Nanos = 0;

  constructor(framesPerSecond: number) {
    this.#framesPerSecond = framesPerSecond;
    this.#burst = Math.max(1, framesPerSecond / 10);
    this.#tokens = this.#burst;
  }

  /** A frame has come: may it pass? */
  admits(now: Nanos): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#framesPerSecond) / SECOND);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
