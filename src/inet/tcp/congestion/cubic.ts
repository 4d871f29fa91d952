/** CUBIC (RFC 9438), with HyStart++ (RFC 9406) for its first slow start. */
import { type Nanos, SECOND } from '../../../base/clock.ts';
import type { RoundTrip } from '../rtt.ts';
import type { CongestionControl, CongestionWindow } from './control.ts';
import { slowStart } from './control.ts';
import { HyStart } from './hystart.ts';

/** RFC 9438 §5: C, in segments over seconds to the third, and the factor of a reduction. */
const C = 0.4;
const BETA = 0.7;
/** RFC 9438 §4.3: so much a round trip is as fair to Reno as halving by 0.7 instead of 0.5 allows. */
const ALPHA = (3 * (1 - BETA)) / (1 + BETA);

class Cubic implements CongestionControl {
  readonly name = 'cubic';
  readonly wantsExactMarks = false;
  /** All in segments. */
  #windowMax = 0;
  #windowPrior = 0;
  #estimate = 0;
  /** When the curve crosses its plateau, in seconds after the epoch's begin. */
  #plateau = 0;
  /** When this stage of congestion avoidance began; -1: it has not. */
  #epoch: Nanos = -1;
  #hystart: HyStart | undefined = new HyStart();

  handleAck(window: CongestionWindow, ackedBytes: number, roundTrip: RoundTrip, now: Nanos): void {
    let left = ackedBytes;
    if (window.bytes < window.thresholdBytes) {
      left = this.#hystart?.handleAck(window, ackedBytes, roundTrip.latestNanos) ?? slowStart(window, ackedBytes);
      if (left <= 0) return;
    }
    const size = window.segmentBytes;
    const acked = left / size;
    const current = window.bytes / size;
    if (this.#epoch === -1) this.#begin(now, current);
    const seconds = (now - this.#epoch) / SECOND;
    const curve = (at: number): number => C * (at - this.#plateau) ** 3 + this.#windowMax;
    // RFC 9438 §4.3: where Reno would have grown more, grow like Reno.
    this.#estimate += (this.#estimate >= this.#windowPrior ? 1 : ALPHA) * (acked / current);
    if (curve(seconds) < this.#estimate) {
      window.bytes = Math.max(window.bytes, this.#estimate * size);
      return;
    }
    // RFC 9438 §4.2: towards where the curve will be a round trip from now, and not by more than half in one.
    const target = Math.min(Math.max(curve(seconds + roundTrip.smoothedNanos / SECOND), current), 1.5 * current);
    window.bytes += ((target - current) / current) * acked * size;
  }

  #begin(now: Nanos, current: number): void {
    this.#epoch = now;
    this.#estimate = current;
    if (this.#windowMax <= current) {
      // Slow start ended without a loss: the plateau is here (RFC 9438 §4.8).
      this.#windowMax = current;
      this.#plateau = 0;
    } else this.#plateau = Math.cbrt((this.#windowMax - current) / C);
  }

  reduceForLoss(window: CongestionWindow, flightBytes: number): number {
    const current = Math.min(window.bytes, Math.max(flightBytes, 2 * window.segmentBytes)) / window.segmentBytes;
    this.#windowPrior = current;
    // RFC 9438 §4.7: fast convergence, when the plateau before was not reached again.
    this.#windowMax = current < this.#windowMax ? (current * (1 + BETA)) / 2 : current;
    this.#epoch = -1;
    this.#hystart = undefined;
    return Math.max(current * BETA, 2) * window.segmentBytes;
  }

  reduceForMark(window: CongestionWindow, flightBytes: number): number {
    return this.reduceForLoss(window, flightBytes);
  }

  handleRound(window: CongestionWindow): void {
    if (this.#hystart?.handleRound() !== true) return;
    this.#hystart = undefined;
    if (window.bytes < window.thresholdBytes) window.thresholdBytes = window.bytes;
  }
}

export const cubic = (): CongestionControl => new Cubic();
