/** How a lost session is brought back (RFC 7143 §7.1.4.1, §13.15): when the next attempt is due, and when there is none any more. */
import { type Nanos, SECOND } from '../../../base/clock.ts';
import type { Rng } from '../../../base/rng.ts';
import { backOff } from './back-off.ts';
import { type InitiatorError, initiatorError } from './errors.ts';
import type { InitiatorLimits } from './limits.ts';

export class Recovery {
  /** Commands that were put in line again. */
  replayed = 0;
  /** DefaultTime2Wait, or what the target said when it dropped us: so long it wants to be left alone. */
  time2WaitSeconds = 0;
  readonly #limits: InitiatorLimits;
  #lostAt: Nanos = 0;
  #attempts = 0;

  constructor(limits: InitiatorLimits) {
    this.#limits = limits;
  }

  begin(now: Nanos): void {
    this.#lostAt = now;
    this.#attempts = 0;
    this.replayed = 0;
  }

  elapsedSeconds(now: Nanos): number {
    return (now - this.#lostAt) / SECOND;
  }

  /** How long to wait before the next attempt; or why there is none, after an attempt or a connection ended with `error`. */
  next(now: Nanos, rng: Rng, error: InitiatorError): Nanos | InitiatorError {
    const { backOffNanos, backOffMaxNanos, recoveryNanos } = this.#limits;
    const wait = this.#attempts === 0 ? this.time2WaitSeconds * SECOND : 0;
    const delay = Math.max(wait, backOff(this.#attempts, backOffNanos, backOffMaxNanos, rng));
    if (error.permanent || now - this.#lostAt + delay > recoveryNanos) {
      const after = `after ${this.elapsedSeconds(now).toFixed(1)} s and ${this.#attempts} attempts`;
      return initiatorError('recovery-failed', `the session could not be brought back ${after}: ${error.message}`, { permanent: true });
    }
    this.#attempts += 1;
    return delay;
  }
}
