/** HyStart++ (RFC 9406): slow start ends when round trips get longer, before queues overflow. */
import { MILLISECOND, type Nanos } from '../../../base/clock.ts';
import type { CongestionWindow } from './control.ts';
import { slowStart } from './control.ts';

/** RFC 9406 §4.3. */
const SAMPLES = 8;
const THRESHOLD_MIN_NANOS = 4 * MILLISECOND;
const THRESHOLD_MAX_NANOS = 16 * MILLISECOND;
const CONSERVATIVE_DIVISOR = 4;
const CONSERVATIVE_ROUNDS = 5;
const NEVER = Number.POSITIVE_INFINITY;

export class HyStart {
  #lastRound: Nanos = NEVER;
  #thisRound: Nanos = NEVER;
  #samples = 0;
  /** Conservative slow start: the shortest round trip at its beginning; undefined: not in it. */
  #baseline: Nanos | undefined;
  #rounds = 0;

  /** Grows the window; gives back bytes to grow by beyond slow start. */
  handleAck(window: CongestionWindow, ackedBytes: number, sampleNanos: Nanos): number {
    this.#thisRound = Math.min(this.#thisRound, sampleNanos);
    this.#samples += 1;
    const left = slowStart(window, ackedBytes, this.#baseline === undefined ? 1 : CONSERVATIVE_DIVISOR);
    if (this.#samples < SAMPLES || this.#thisRound === NEVER || this.#lastRound === NEVER) return left;
    if (this.#baseline === undefined) {
      const threshold = Math.max(THRESHOLD_MIN_NANOS, Math.min(this.#lastRound / 8, THRESHOLD_MAX_NANOS));
      if (this.#thisRound < this.#lastRound + threshold) return left;
      this.#baseline = this.#thisRound;
      this.#rounds = 0;
    } else if (this.#thisRound < this.#baseline) this.#baseline = undefined; // it was a passing delay
    return left;
  }

  /** A round is over; true: and slow start with it. */
  handleRound(): boolean {
    this.#lastRound = this.#thisRound;
    this.#thisRound = NEVER;
    this.#samples = 0;
    if (this.#baseline === undefined) return false;
    this.#rounds += 1;
    return this.#rounds >= CONSERVATIVE_ROUNDS;
  }
}
