/**
 * What happens to the congestion window when segments are lost: fast recovery (RFC 5681 §3.2, RFC 6582, RFC 6675) paced by proportional rate
 * reduction (RFC 6937), timeouts (RFC 5681 §3.1), marks (RFC 3168 §6.1.2), and taking back what was in vain (RFC 4015).
 */
import type { Nanos } from '../../base/clock.ts';
import { serialLess } from '../../base/serial.ts';
import type { CongestionControl, CongestionWindow } from './congestion/control.ts';
import type { TcpCounters } from './counters.ts';
import type { Rack } from './rack.ts';
import type { RoundTrip } from './rtt.ts';
import type { Scoreboard } from './scoreboard.ts';

export type Phase = 'open' | 'recovery' | 'loss';

/** RFC 5681 §3.2, for peers without selective acknowledgments. */
const DUPLICATES = 3;

/** No segment was sent again yet, by which to see whether that was in vain. */
const NOT_YET = -1;
const NEVER = Number.POSITIVE_INFINITY;

/** What the sender knows when an acknowledgment has been taken in. */
export interface AckNews {
  now: Nanos;
  /** SND.UNA and SND.NXT. */
  acknowledged: number;
  next: number;
  /** Newly acknowledged in order. */
  ackedBytes: number;
  /** Newly known to have arrived, in order or not. */
  deliveredBytes: number;
  isDuplicate: boolean;
  /** The window is what held the sender up. */
  windowUsed: boolean;
  /** The timestamp echoed; `hasEcho` says whether there is one. */
  echo: number;
  hasEcho: boolean;
}

export class LossRecovery {
  phase: Phase = 'open';
  /** Recovery is over when everything before it is acknowledged. */
  point = 0;
  /** One segment may leave whatever the window says. */
  isForced = false;
  /** How long until a segment counts as lost unless it arrives; 0: none waits. */
  reorderingWaitNanos: Nanos = 0;
  readonly #window: CongestionWindow;
  readonly #control: CongestionControl;
  readonly #board: Scoreboard;
  readonly #rack: Rack;
  readonly #roundTrip: RoundTrip;
  readonly #counters: TcpCounters;
  readonly #hasSack: () => boolean;
  /** Without selective acknowledgments: bytes that duplicates say have arrived. */
  #guessedBytes = 0;
  #duplicates = 0;
  /** RFC 6937 §3. */
  #deliveredBytes = 0;
  #sentBytes = 0;
  #flightBytes = 1;
  /** To go back to. */
  #undoBytes = 0;
  #undoThreshold = 0;
  /** Where the first segment that was sent again ends, which decides, and its timestamp. */
  #undoEnd = NOT_YET;
  #undoStamp = 0;
  #markPoint = 0;

  constructor(
    window: CongestionWindow,
    control: CongestionControl,
    board: Scoreboard,
    rack: Rack,
    roundTrip: RoundTrip,
    counters: TcpCounters,
    hasSack: () => boolean,
  ) {
    this.#window = window;
    this.#control = control;
    this.#board = board;
    this.#rack = rack;
    this.#roundTrip = roundTrip;
    this.#counters = counters;
    this.#hasSack = hasSack;
  }

  /** RFC 6675 §4: what is under way, as far as is known. */
  pipe(flightBytes: number): number {
    return flightBytes - this.#board.sackedBytes - this.#board.lostBytes - this.#guessedBytes;
  }

  handleAck(news: AckNews): void {
    const { acknowledged } = news;
    if (this.phase !== 'open' && news.ackedBytes > 0 && this.#isInVain(news)) this.#undo(news.now);
    if (this.phase !== 'open' && acknowledged >= this.point) this.#leave();
    if (this.#hasSack()) this.#detect(news.now);
    else this.#guess(news);
    if (this.phase === 'open' && this.#board.lostBytes > 0) this.#enter(news);
    else if (this.phase === 'recovery') this.#reduce(news, false);
    // RFC 3168 §6.1.2: no growth while the answer to a mark is under way.
    else if (news.windowUsed && news.ackedBytes > 0 && acknowledged >= this.#markPoint)
      this.#control.handleAck(this.#window, news.ackedBytes, this.#roundTrip, news.now);
  }

  #detect(now: Nanos): void {
    const late = this.#rack.windowNanos(this.#roundTrip, this.phase !== 'open', this.#board.sackedSegments);
    this.reorderingWaitNanos = this.#rack.detect(this.#board, late, now);
  }

  /** The time segments may be late is over. True: some are lost. */
  handleReorderingTimeout(news: AckNews): boolean {
    this.#detect(news.now);
    if (this.#board.lostBytes === 0) return false;
    if (this.phase === 'open') this.#enter(news);
    else if (this.phase === 'recovery') this.#reduce(news, true);
    return true;
  }

  /** RFC 6582 §3.2, in terms of what is under way. */
  #guess(news: AckNews): void {
    const board = this.#board;
    const size = this.#window.segmentBytes;
    if (news.ackedBytes > 0) {
      this.#duplicates = 0;
      this.#guessedBytes = Math.max(0, this.#guessedBytes - Math.max(0, news.ackedBytes - size));
      if (this.phase === 'open') this.#guessedBytes = 0;
      // A partial acknowledgment: the next one is lost too.
      else if (this.phase === 'recovery' && !board.isEmpty) board.markLost(board.first);
    } else if (news.isDuplicate && !board.isEmpty) {
      this.#duplicates += 1;
      this.#guessedBytes += size;
      if (this.phase === 'open' && this.#duplicates >= DUPLICATES) board.markLost(board.first);
    }
    const flight = news.next - news.acknowledged;
    this.#guessedBytes = Math.max(0, Math.min(this.#guessedBytes, flight - board.lostBytes - size));
  }

  #remember(): void {
    this.#undoBytes = this.#window.bytes;
    this.#undoThreshold = this.#window.thresholdBytes;
    this.#undoEnd = NOT_YET;
  }

  #enter(news: AckNews): void {
    this.#remember();
    this.#counters.fastRecoveries += 1;
    this.phase = 'recovery';
    this.point = news.next;
    this.#flightBytes = Math.max(1, news.next - news.acknowledged);
    this.#window.thresholdBytes = this.#control.reduceForLoss(this.#window, this.#flightBytes, news.now);
    this.#deliveredBytes = 0;
    this.#sentBytes = 0;
    this.isForced = true;
    this.#reduce(news, true);
  }

  /** RFC 6937 §3: the window follows what arrives, so that it is the threshold when recovery ends. */
  #reduce(news: AckNews, isFirst: boolean): void {
    const { segmentBytes, thresholdBytes } = this.#window;
    const pipe = this.pipe(news.next - news.acknowledged);
    this.#deliveredBytes += news.deliveredBytes;
    let allowed: number;
    if (pipe > thresholdBytes) allowed = Math.ceil((this.#deliveredBytes * thresholdBytes) / this.#flightBytes) - this.#sentBytes;
    else {
      // Slow start as long as nothing more gets lost; otherwise as much as has left the network.
      const saved = Math.max(this.#deliveredBytes - this.#sentBytes, news.deliveredBytes);
      allowed = Math.min(thresholdBytes - pipe, news.ackedBytes > 0 ? saved + segmentBytes : saved);
    }
    if (isFirst) allowed = Math.max(allowed, segmentBytes);
    this.#window.bytes = Math.max(segmentBytes, pipe + Math.max(0, allowed));
  }

  /** A segment left. */
  handleSent(bytes: number): void {
    this.isForced = false;
    if (this.phase === 'recovery') this.#sentBytes += bytes;
  }

  /** It ends at `end`, and left again; `isFirstTime`: for the first time. */
  handleResent(end: number, stamp: number, isFirstTime: boolean): void {
    if (this.phase === 'open' || this.#undoEnd !== NOT_YET) return;
    // Of one that left twice before, nobody could say which of them an acknowledgment is for.
    this.#undoEnd = isFirstTime ? end : NEVER;
    this.#undoStamp = stamp;
  }

  #leave(): void {
    if (this.phase === 'recovery') {
      this.#window.bytes = Math.max(this.#window.thresholdBytes, this.#window.segmentBytes);
      this.#rack.handleRecovered();
    }
    this.phase = 'open';
    this.#guessedBytes = 0;
    this.#duplicates = 0;
    this.#undoEnd = NEVER;
  }

  /**
   * RFC 3522 §3.2: the first acknowledgment of what was sent again echoes a time before that. Those before it say nothing: they may be for what the
   * recovery before this one sent again.
   */
  #isInVain(news: AckNews): boolean {
    if (this.#undoEnd === NOT_YET || news.acknowledged < this.#undoEnd) return false;
    this.#undoEnd = NEVER;
    return news.hasEcho && serialLess(news.echo, this.#undoStamp);
  }

  #undo(now: Nanos): void {
    this.#counters.undone += 1;
    this.#board.unmarkLost(now);
    this.#window.bytes = Math.max(this.#window.bytes, this.#undoBytes);
    this.#window.thresholdBytes = Math.max(this.#window.thresholdBytes, this.#undoThreshold);
    this.phase = 'open';
    this.#guessedBytes = 0;
    this.#undoEnd = NEVER;
  }

  /** The retransmission timer expired. */
  handleTimeout(now: Nanos, acknowledged: number, next: number): void {
    const board = this.#board;
    const flight = Math.max(1, next - acknowledged);
    // RFC 2018 §8: the peer took back what it had said to hold; otherwise the first segment would be acknowledged.
    if ((board.flags[board.first & board.mask]! & 1) !== 0) board.forgetSacks(now);
    if (this.phase === 'open') {
      this.#remember();
      // RFC 5681 §3.1: held constant when the same segment times out again.
      this.#window.thresholdBytes = this.#control.reduceForLoss(this.#window, flight, now);
    } else if (this.phase === 'recovery') this.#undoEnd = NEVER;
    this.phase = 'loss';
    this.point = next;
    this.#window.bytes = this.#window.segmentBytes;
    this.#guessedBytes = 0;
    this.#duplicates = 0;
    // RFC 8985 §6.3: the first, and those that were sent a round trip ago; the rest may well be under way.
    const late = this.#hasSack() ? this.#rack.roundTripNanos + this.#rack.windowNanos(this.#roundTrip, true, 0) : 0;
    board.markLost(board.first);
    for (let segment = board.oldest; segment !== -1; ) {
      const later = board.after(segment);
      if (board.sentAts[segment & board.mask]! + late > now) break;
      board.markLost(segment);
      segment = later;
    }
    this.isForced = true;
  }

  /** The peer echoes a mark, or a tail loss probe repaired a loss that nothing else told of. True: the window was reduced. */
  handleMark(news: AckNews, isLoss: boolean): boolean {
    if (news.acknowledged < this.#markPoint || this.phase !== 'open') return false;
    this.#markPoint = news.next;
    const flight = news.next - news.acknowledged + news.ackedBytes;
    const control = this.#control;
    const window = this.#window;
    window.thresholdBytes = isLoss ? control.reduceForLoss(window, flight, news.now) : control.reduceForMark(window, flight, news.now);
    window.bytes = Math.max(window.segmentBytes, Math.min(window.bytes, window.thresholdBytes));
    return true;
  }
}
