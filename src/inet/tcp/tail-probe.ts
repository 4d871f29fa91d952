/** Tail loss probes (RFC 8985 §7): when nothing comes back, a segment is sent that makes the peer say what is missing, long before a timeout. */
import { MILLISECOND } from '../../base/clock.ts';
import { type Deadlines, RETRANSMISSION, TAIL_PROBE } from './deadlines.ts';
import type { AckNews, LossRecovery } from './loss-recovery.ts';
import type { RoundTrip } from './rtt.ts';
import type { Scoreboard } from './scoreboard.ts';

/** RFC 8985 §7.2: a lone segment's acknowledgment may be delayed. */
const DELAYED_ACK_MAX_NANOS = 200 * MILLISECOND;

/** Two ticks of a clock of 500 a second: a probe in microseconds would find every pause of a busy peer, every queue that grows. */
const SLACK_NANOS = 4 * MILLISECOND;

/** What a probe looks at. */
export interface Probed {
  readonly hasSack: boolean;
  readonly flightBytes: number;
  readonly window: { readonly segmentBytes: number };
  readonly recovery: LossRecovery;
  readonly roundTrip: RoundTrip;
  readonly board: Scoreboard;
}

export class TailProbe {
  readonly #sender: Probed;
  readonly #deadlines: Deadlines;
  /** The probe's end; 0: none is out. */
  #end = 0;
  #isAgain = false;
  #cameTwice = false;

  constructor(sender: Probed, deadlines: Deadlines) {
    this.#sender = sender;
    this.#deadlines = deadlines;
  }

  /** Something is under way: when to probe, unless a timeout comes first. */
  schedule(): void {
    const { hasSack, recovery, roundTrip, board, flightBytes, window } = this.#sender;
    const deadlines = this.#deadlines;
    if (!hasSack || this.#end !== 0 || recovery.phase !== 'open' || board.sackedSegments > 0 || roundTrip.smoothedNanos === 0) {
      deadlines.clear(TAIL_PROBE);
      return;
    }
    const late = flightBytes <= window.segmentBytes ? DELAYED_ACK_MAX_NANOS : SLACK_NANOS;
    deadlines.set(TAIL_PROBE, 2 * roundTrip.smoothedNanos + late);
    if (deadlines.due(TAIL_PROBE) >= deadlines.due(RETRANSMISSION)) deadlines.clear(TAIL_PROBE);
  }

  handleSent(end: number, isAgain: boolean): void {
    this.#end = end;
    this.#isAgain = isAgain;
    this.#cameTwice = false;
  }

  /** The peer got the same bytes twice: nothing was lost. */
  handleTwice(end: number): void {
    if (this.#end !== 0 && end === this.#end) this.#cameTwice = true;
  }

  /** True: the probe repaired a loss that nobody else knows of (RFC 8985 §7.4.2). */
  handleAck(acknowledgment: number, news: AckNews): boolean {
    if (this.#end === 0 || acknowledgment < this.#end) return false;
    const isRepair = this.#isAgain && !this.#cameTwice && acknowledgment > this.#end;
    if (!this.#isAgain || this.#cameTwice || isRepair || news.isDuplicate) this.#end = 0;
    return isRepair;
  }

  clear(): void {
    this.#end = 0;
  }
}
