/** What a congestion control is to a sender (RFC 5681), and what all of them share: slow start with appropriate byte counting (RFC 3465). */
import type { Nanos } from '../../../base/clock.ts';
import type { RoundTrip } from '../rtt.ts';

/** The sender's; the control changes it. */
export interface CongestionWindow {
  /** cwnd. */
  bytes: number;
  /** ssthresh: below it the window grows exponentially. */
  thresholdBytes: number;
  segmentBytes: number;
}

export interface CongestionControl {
  readonly name: CongestionControlName;
  /** Congestion marks are echoed one by one (RFC 8257 §3.2), not once a round trip. */
  readonly wantsExactMarks: boolean;
  /** New data was acknowledged, nothing is being recovered, and the window is what held the sender up. */
  handleAck(window: CongestionWindow, ackedBytes: number, roundTrip: RoundTrip, now: Nanos): void;
  /** The threshold after a loss. */
  reduceForLoss(window: CongestionWindow, flightBytes: number, now: Nanos): number;
  /** The threshold after a congestion mark. */
  reduceForMark(window: CongestionWindow, flightBytes: number, now: Nanos): number;
  /** What was sent before `roundEnd` has come back: a round trip is over. */
  handleRound(window: CongestionWindow, roundTrip: RoundTrip): void;
  /** For exact marks: of the bytes acknowledged, these were marked. */
  handleMarks?(ackedBytes: number, markedBytes: number): void;
}

export type CongestionControlName = 'new-reno' | 'cubic' | 'dctcp';

/** RFC 5681 §3.1, equation 4. */
export const halfOfFlight = (window: CongestionWindow, flightBytes: number): number => Math.max(flightBytes / 2, 2 * window.segmentBytes);

/** Grows by what was acknowledged, two segments at most for one acknowledgment (RFC 3465 §2.2); what is left over counts beyond the threshold. */
export function slowStart(window: CongestionWindow, ackedBytes: number, divisor = 1): number {
  const step = Math.min(ackedBytes, 2 * window.segmentBytes) / divisor;
  const room = Math.max(0, window.thresholdBytes - window.bytes);
  window.bytes += Math.min(step, room);
  return step <= room ? 0 : step - room;
}
