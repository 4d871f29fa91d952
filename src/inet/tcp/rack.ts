/** RACK (RFC 8985 §6): a segment is lost if one that was sent well after it has arrived. */
import type { Nanos } from '../../base/clock.ts';
import type { RoundTrip } from './rtt.ts';
import { RETRANSMITTED, type Scoreboard } from './scoreboard.ts';

/** RFC 8985 §6.2 step 4: without signs of reordering, so many segments that arrived are proof enough. */
const DUPLICATES = 3;
const WINDOW_STEPS_MAX = 20;
const RECOVERIES = 16;

export class Rack {
  /** Of the segment sent last among those that arrived. */
  sentAt: Nanos = -1;
  #end = 0;
  roundTripNanos: Nanos = 0;
  reorderingSeen = false;
  /** The highest end that arrived. */
  #highest = 0;
  /** Quarters of a round trip that segments may be late (RFC 8985 §6.2 step 4). */
  #steps = 1;
  #recoveriesLeft = 0;
  #stepRoundEnd = 0;

  /** A segment arrived: by an acknowledgment, or a selective one. */
  handleArrived(sentAt: Nanos, end: number, flags: number, roundTrip: RoundTrip, now: Nanos): void {
    const wasResent = (flags & RETRANSMITTED) !== 0;
    const elapsed = now - sentAt;
    // Sooner than any round trip: it was the transmission before that arrived.
    if (wasResent && elapsed < roundTrip.shortestNanos) return;
    if (!wasResent && end < this.#highest) this.reorderingSeen = true;
    if (end > this.#highest) this.#highest = end;
    if (sentAt > this.sentAt || (sentAt === this.sentAt && end > this.#end)) {
      this.sentAt = sentAt;
      this.#end = end;
      this.roundTripNanos = elapsed;
    }
  }

  /** The peer tells of data that came twice (RFC 2883): something was sent again in vain. Once a round trip that counts. */
  handleTwice(acknowledged: number, next: number): void {
    if (acknowledged < this.#stepRoundEnd) return;
    this.#stepRoundEnd = next;
    this.#steps = Math.min(WINDOW_STEPS_MAX, this.#steps + 1);
    this.#recoveriesLeft = RECOVERIES;
  }

  handleRecovered(): void {
    if (this.#recoveriesLeft > 0) {
      this.#recoveriesLeft -= 1;
      if (this.#recoveriesLeft === 0) this.#steps = 1;
    }
  }

  windowNanos(roundTrip: RoundTrip, isRecovering: boolean, sackedSegments: number): Nanos {
    if (!this.reorderingSeen && (isRecovering || sackedSegments >= DUPLICATES)) return 0;
    return Math.min((this.#steps * roundTrip.shortestNanos) / 4, roundTrip.smoothedNanos);
  }

  /** Marks what is lost; gives back how long to wait until the next may be, 0: none waits. */
  detect(board: Scoreboard, windowNanos: Nanos, now: Nanos): Nanos {
    let wait = 0;
    for (let segment = board.oldest; segment !== -1; ) {
      const slot = segment & board.mask;
      const sentAt = board.sentAts[slot]!;
      if (sentAt > this.sentAt || (sentAt === this.sentAt && board.ends[slot]! >= this.#end)) break;
      const later = board.after(segment);
      const left = sentAt + this.roundTripNanos + windowNanos - now;
      if (left <= 0) board.markLost(segment);
      else {
        wait = left;
        // They stand in the order they were sent: those behind it have longer to wait.
        break;
      }
      segment = later;
    }
    return wait;
  }
}
