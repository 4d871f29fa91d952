/** Data Center TCP (RFC 8257): the window gives way by the share of bytes that were marked, not by half. */
import type { CongestionControl, CongestionWindow } from './control.ts';
import { halfOfFlight, slowStart } from './control.ts';

/** RFC 8257 §4.2: g, the weight of the newest round. */
const WEIGHT = 1 / 16;

class Dctcp implements CongestionControl {
  readonly name = 'dctcp';
  readonly wantsExactMarks = true;
  /** RFC 8257 §3.3: 1 at first, so that the first mark halves. */
  #alpha = 1;
  #acked = 0;
  #marked = 0;

  handleAck(window: CongestionWindow, ackedBytes: number): void {
    const left = window.bytes < window.thresholdBytes ? slowStart(window, ackedBytes) : ackedBytes;
    window.bytes += (window.segmentBytes * left) / window.bytes;
  }

  handleMarks(ackedBytes: number, markedBytes: number): void {
    this.#acked += ackedBytes;
    this.#marked += markedBytes;
  }

  handleRound(): void {
    if (this.#acked > 0) this.#alpha = (1 - WEIGHT) * this.#alpha + WEIGHT * (this.#marked / this.#acked);
    this.#acked = 0;
    this.#marked = 0;
  }

  reduceForMark(window: CongestionWindow): number {
    return Math.max(window.bytes * (1 - this.#alpha / 2), 2 * window.segmentBytes);
  }

  /** RFC 8257 §3.5: losses count as ever. */
  reduceForLoss(window: CongestionWindow, flightBytes: number): number {
    return halfOfFlight(window, flightBytes);
  }
}

export const dctcp = (): CongestionControl => new Dctcp();
