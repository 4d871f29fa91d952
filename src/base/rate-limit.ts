/** A limit on how often something may happen, as a bucket of tokens that fills with time: storm control of a switch, ICMP errors of a host. */
import { type Nanos, SECOND } from './clock.ts';

export class RateLimit {
  readonly #perSecond: number;
  /** What may come at once: a tenth of a second's worth, one at least. */
  readonly #burst: number;
  #tokens: number;
  #at: Nanos = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#burst = Math.max(1, perSecond / 10);
    this.#tokens = this.#burst;
  }

  /** One more: may it pass? */
  admits(now: Nanos): boolean {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) * this.#perSecond) / SECOND);
    this.#at = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
