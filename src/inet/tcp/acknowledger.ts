/**
 * When to acknowledge: every second segment or after a short while (RFC 9293 §3.8.6.3, RFC 5681 §4.2), at once where the sender waits for it; and
 * how congestion marks are echoed (RFC 3168 §6.1.3, RFC 8257 §3.2).
 */
import type { Nanos } from '../../base/clock.ts';
import type { Arrived } from './receiver.ts';

/** The sender's window is small at first, and every acknowledgment lets it grow: so many are sent at once. */
const QUICK_ACKS = 16;

export class Acknowledger {
  /** An acknowledgment shall leave now, if nothing else does that carries it. */
  isDue = false;
  /** Last position acknowledged. */
  position = 1;
  /** The largest segment the peer sent: what counts as a full one. */
  segmentBytes = 536;
  /** Every mark counts (RFC 8257), instead of one a round trip. */
  exactMarks = false;
  echoesMark = false;
  #quick = QUICK_ACKS;
  readonly #delayNanos: Nanos;

  constructor(delayNanos: Nanos) {
    this.#delayNanos = delayNanos;
  }

  /** Data came; `next` is what is expected from now on. How long an acknowledgment may wait; 0: not at all. */
  handleData(arrived: Arrived, bytes: number, next: number): Nanos {
    if (bytes > this.segmentBytes) this.segmentBytes = Math.min(bytes, 65_535);
    if (arrived !== 'in-order') {
      // RFC 5681 §4.2: what comes out of order, fills a gap or comes twice is acknowledged at once.
      this.isDue = true;
      this.#quick = QUICK_ACKS;
      return 0;
    }
    // More than one full segment, as RFC 5681 §4.2 has it: a short one behind a full one does not wait.
    if (next - this.position > this.segmentBytes) this.isDue = true;
    else if (this.#quick > 0) {
      this.#quick -= 1;
      this.isDue = true;
    }
    return this.isDue ? 0 : this.#delayNanos;
  }

  /** A data segment's mark. True: the acknowledgment of what came before must leave first, with the echo of then (RFC 8257 §3.2). */
  handleMark(isMarked: boolean, hasCwr: boolean, next: number): boolean {
    if (this.exactMarks) {
      if (isMarked === this.echoesMark) return false;
      return next > this.position;
    }
    // RFC 3168 §6.1.3: echo until the sender says that its window is reduced; a mark on that very segment counts again.
    if (hasCwr) this.echoesMark = false;
    if (isMarked) this.echoesMark = true;
    return false;
  }

  /** A segment with an acknowledgment left. */
  handleSent(position: number): void {
    this.position = position;
    this.isDue = false;
  }
}
