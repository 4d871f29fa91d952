/**
 * The sending half (RFC 9293 §3.8): what may leave and when, within the peer's window and the congestion window; what acknowledgments say of it.
 * Positions count from our SYN, which is 0: they never wrap.
 */
import type { Clock, Nanos } from '../../base/clock.ts';
import { serialAdd } from '../../base/serial.ts';
import { congestionControl } from './congestion/index.ts';
import type { CongestionControl, CongestionWindow } from './congestion/control.ts';
import type { TcpCounters } from './counters.ts';
import { type Deadlines, PERSIST, REORDERING, RETRANSMISSION, TAIL_PROBE } from './deadlines.ts';
import { type AckNews, LossRecovery } from './loss-recovery.ts';
import { Rack } from './rack.ts';
import { RangeSet } from './range-set.ts';
import type { RoundTrip } from './rtt.ts';
import { RETRANSMITTED, SACKED, Scoreboard } from './scoreboard.ts';
import type { Segment } from './segment.ts';
import { SendQueue } from './send-queue.ts';
import type { ConnectionSettings } from './settings.ts';
import { TailProbe } from './tail-probe.ts';

/** RFC 6928 §2. */
const INITIAL_WINDOW_SEGMENTS = 10;
const SACK_RANGES_MAX = 512;
const NOWHERE = Number.POSITIVE_INFINITY;

/** Who makes segments of it. */
export interface SenderOutput {
  /** Sends payload from `start` on, with a FIN if `end` lies behind the last byte; `mayMark`: routers may mark it. */
  transmit(start: number, end: number, isAgain: boolean): void;
  /** A segment without data, whose sequence number is past: whoever gets it answers (RFC 9293 §3.8.4). */
  transmitStale(): void;
  /** The timestamp that a segment sent now carries. */
  readonly stamp: number;
}

export class Sender {
  /** SND.UNA and SND.NXT. */
  acknowledged = 0;
  next = 1;
  /** Right edge of the peer's window, and the largest it ever was. */
  edge = 1;
  windowBytesMax = 0;
  windowShift = 0;
  initial = 0;
  hasSack = false;
  hasTimestamps = false;
  hasEcn = false;
  /** The next new segment says that the window was reduced (RFC 3168 §6.1.2). */
  owesCwr = false;
  noDelay: boolean;
  /** RFC 9293 §3.8.5: urgent data ends before it; 0: there is none. */
  urgentEnd = 0;
  finPosition = NOWHERE;
  /** When the peer last let us go on: for the user timeout. */
  progressAt: Nanos = 0;
  /** Timeouts in a row. */
  timeouts = 0;
  lastSentAt: Nanos = 0;
  readonly queue = new SendQueue(1);
  readonly board = new Scoreboard();
  readonly window: CongestionWindow;
  readonly control: CongestionControl;
  readonly recovery: LossRecovery;
  readonly rack = new Rack();
  readonly roundTrip: RoundTrip;
  readonly #probe: TailProbe;
  readonly #clock: Clock;
  readonly #deadlines: Deadlines;
  readonly #output: SenderOutput;
  readonly #counters: TcpCounters;
  readonly #news: AckNews;
  #sacked: RangeSet | undefined;
  #lastSequence = 0;
  #lastAcknowledgment = 0;
  #persistBackoff = 0;
  /** A byte beyond the window was sent to see whether it is still closed. */
  #probed = false;
  #roundEnd = 1;

  constructor(
    settings: ConnectionSettings,
    clock: Clock,
    deadlines: Deadlines,
    output: SenderOutput,
    roundTrip: RoundTrip,
    counters: TcpCounters,
  ) {
    this.#clock = clock;
    this.#deadlines = deadlines;
    this.#output = output;
    this.#counters = counters;
    this.roundTrip = roundTrip;
    this.noDelay = settings.noDelay;
    this.control = congestionControl(settings.congestionControl);
    this.window = { bytes: 0, thresholdBytes: Number.POSITIVE_INFINITY, segmentBytes: 536 };
    this.recovery = new LossRecovery(this.window, this.control, this.board, this.rack, roundTrip, counters, () => this.hasSack);
    this.#probe = new TailProbe(this, deadlines);
    this.#news = {
      now: 0,
      acknowledged: 0,
      next: 0,
      ackedBytes: 0,
      deliveredBytes: 0,
      isDuplicate: false,
      windowUsed: false,
      echo: 0,
      hasEcho: false,
    };
  }

  sequenceOf(position: number): number {
    return serialAdd(this.initial, position);
  }

  positionOf(acknowledgment: number): number {
    return this.acknowledged + ((acknowledgment - this.initial - this.acknowledged) | 0);
  }

  get flightBytes(): number {
    return this.next - this.acknowledged;
  }

  /** Behind everything there is to send, FIN and all. */
  get end(): number {
    return this.finPosition === NOWHERE ? this.queue.end : this.finPosition + 1;
  }

  /** What an acknowledgment can reach. */
  get reachable(): number {
    return this.#probed ? Math.max(this.next, Math.min(this.end, this.next + 1)) : this.next;
  }

  /** The connection is established: SYNs are acknowledged. */
  start(segmentBytes: number, now: Nanos): void {
    this.acknowledged = 1;
    this.window.segmentBytes = segmentBytes;
    this.window.bytes = INITIAL_WINDOW_SEGMENTS * segmentBytes;
    this.progressAt = now;
    this.lastSentAt = now;
  }

  /** The window in the peer's SYN, or at the beginning. */
  setWindow(sequence: number, acknowledgment: number, bytes: number): void {
    this.#lastSequence = sequence;
    this.#lastAcknowledgment = acknowledgment;
    this.edge = acknowledgment + bytes;
    this.windowBytesMax = Math.max(this.windowBytesMax, bytes);
  }

  setSegmentBytes(segmentBytes: number): void {
    this.window.segmentBytes = segmentBytes;
  }

  // ---- acknowledgments ----

  /** `acknowledgment` lies between what is acknowledged already and what is reachable; `sequence`: the segment's position at the peer. */
  handleAck(acknowledgment: number, sequence: number, segment: Segment, now: Nanos): void {
    const news = this.#news;
    const prior = this.acknowledged;
    const pipe = this.recovery.pipe(this.flightBytes);
    const windowChanged = this.#takeWindow(acknowledgment, sequence, segment.window * (1 << this.windowShift), now);
    const { options } = segment;
    news.now = now;
    news.ackedBytes = acknowledgment - prior;
    news.deliveredBytes = this.hasSack && options.sackBlocks > 0 ? this.#takeSacks(acknowledgment, segment, now) : 0;
    news.hasEcho = this.hasTimestamps && options.hasTimestamps;
    news.echo = options.timestampEcho;
    if (acknowledgment > prior) news.deliveredBytes += this.#advance(acknowledgment, news, now);
    // RFC 5681 §2: a duplicate carries no data and leaves the window alone.
    const isPlain = segment.end === segment.at && !windowChanged;
    news.isDuplicate = isPlain && acknowledgment === prior && this.flightBytes > 0;
    news.acknowledged = this.acknowledged;
    news.next = this.next;
    const { bytes, thresholdBytes, segmentBytes } = this.window;
    news.windowUsed = pipe + segmentBytes > bytes || (bytes < thresholdBytes && 2 * pipe >= bytes);
    const isMarked = this.hasEcn && (segment.flags & 0x40) !== 0;
    this.control.handleMarks?.(news.deliveredBytes, isMarked ? news.deliveredBytes : 0);
    if (isMarked && this.recovery.handleMark(news, false)) this.owesCwr = true;
    this.recovery.handleAck(news);
    if (this.#probe.handleAck(acknowledgment, news)) this.recovery.handleMark(news, true);
    if (this.acknowledged >= this.#roundEnd) {
      this.#roundEnd = this.next;
      this.control.handleRound(this.window, this.roundTrip);
    }
    if (news.ackedBytes > 0) {
      this.#deadlines.clear(RETRANSMISSION);
      this.#deadlines.clear(TAIL_PROBE);
    }
    this.#setReordering();
  }

  #setReordering(): void {
    if (this.recovery.reorderingWaitNanos > 0) this.#deadlines.set(REORDERING, this.recovery.reorderingWaitNanos);
    else this.#deadlines.clear(REORDERING);
  }

  /** RFC 9293 §3.10.7.4: SND.WL1 and SND.WL2 keep old segments from setting the window. True: it changed. */
  #takeWindow(acknowledgment: number, sequence: number, bytes: number, now: Nanos): boolean {
    const isNewer = sequence > this.#lastSequence || (sequence === this.#lastSequence && acknowledgment >= this.#lastAcknowledgment);
    if (!isNewer) return false;
    const before = this.edge - this.#lastAcknowledgment;
    this.setWindow(sequence, acknowledgment, bytes);
    // RFC 9293 §3.8.6.1: a peer that answers keeps its connection, however long its window is closed.
    if (bytes === 0) {
      this.progressAt = now;
      if (this.#probed) this.timeouts = 0;
    } else {
      this.#persistBackoff = 0;
      this.#deadlines.clear(PERSIST);
    }
    return bytes !== before;
  }

  /** Takes out what is acknowledged. Bytes that were not known to have arrived before. */
  #advance(acknowledgment: number, news: AckNews, now: Nanos): number {
    const { board } = this;
    let delivered = 0;
    let oldest = -1;
    let newest = -1;
    while (!board.isEmpty) {
      const slot = board.first & board.mask;
      const flags = board.flags[slot]!;
      const start = board.starts[slot]!;
      const end = board.ends[slot]!;
      if (start >= acknowledgment) break;
      if ((flags & SACKED) === 0) {
        delivered += Math.min(end, acknowledgment) - start;
        const sentAt = board.sentAts[slot]!;
        if (end <= acknowledgment) this.rack.handleArrived(sentAt, end, flags, this.roundTrip, now);
        // RFC 6298 §3: nobody knows which transmission it is that was acknowledged.
        if ((flags & RETRANSMITTED) === 0) {
          if (oldest === -1) oldest = sentAt;
          newest = sentAt;
        }
      }
      if (end > acknowledgment) {
        board.trim(acknowledgment);
        break;
      }
      board.shift();
    }
    if (oldest !== -1) {
      this.roundTrip.handleSample(now - oldest, now);
      this.roundTrip.latestNanos = now - newest;
    } else if (news.hasEcho && delivered > 0) {
      const millis = (this.#output.stamp - news.echo) | 0;
      if (millis >= 0 && millis < 600_000) this.roundTrip.handleSample(Math.max(1, millis) * 1e6, now);
    }
    this.acknowledged = acknowledgment;
    if (acknowledgment > this.next) this.next = acknowledgment;
    this.#probed = false;
    this.progressAt = now;
    this.timeouts = 0;
    this.queue.release(Math.min(acknowledgment, this.queue.end));
    this.#sacked?.dropBelow(acknowledgment);
    return delivered;
  }

  /** RFC 2018, RFC 6675 §4: what the peer holds. Lies about what was never sent are not listened to. */
  #takeSacks(acknowledgment: number, segment: Segment, now: Nanos): number {
    const { sackEdges, sackBlocks } = segment.options;
    let delivered = 0;
    for (let block = 0; block < sackBlocks; block += 1) {
      const start = this.positionOf(sackEdges[block * 2]!);
      const end = this.positionOf(sackEdges[block * 2 + 1]!);
      if (end <= start || end > this.next) continue;
      // RFC 2883 §4: the first block may tell of what came twice: below what is acknowledged, or within the second block.
      if (block === 0 && (end <= acknowledgment || this.#isWithin(start, end, segment))) {
        if (start > this.acknowledged - this.windowBytesMax) {
          this.rack.handleTwice(this.acknowledged, this.next);
          this.#probe.handleTwice(end);
        }
        continue;
      }
      if (start < acknowledgment || start < this.acknowledged) continue;
      delivered += this.#takeSack(start, end, now);
    }
    return delivered;
  }

  #isWithin(start: number, end: number, { options }: Segment): boolean {
    if (options.sackBlocks < 2) return false;
    return start >= this.positionOf(options.sackEdges[2]!) && end <= this.positionOf(options.sackEdges[3]!);
  }

  #takeSack(start: number, end: number, now: Nanos): number {
    this.#sacked ??= new RangeSet(SACK_RANGES_MAX);
    const sacked = this.#sacked;
    // Only what is new is looked at: a block that grows with every segment costs no more for it.
    let index = sacked.find(start);
    if (index < sacked.count && sacked.ends[index] === start) index += 1;
    let at = start;
    const gaps: number[] = [];
    for (; at < end; index += 1) {
      const isLast = index >= sacked.count;
      const gapEnd = isLast ? end : Math.min(end, sacked.starts[index]!);
      if (gapEnd > at) gaps.push(at, gapEnd);
      at = isLast ? end : Math.max(at, sacked.ends[index]!);
    }
    if (gaps.length === 0 || !sacked.add(start, end)) return 0;
    let delivered = 0;
    for (let gap = 0; gap < gaps.length; gap += 2) delivered += this.#markGap(gaps[gap]!, gaps[gap + 1]!, now);
    return delivered;
  }

  #markGap(start: number, end: number, now: Nanos): number {
    const { board } = this;
    let delivered = 0;
    for (let segment = board.find(start); segment < board.next; segment += 1) {
      const slot = segment & board.mask;
      if (board.starts[slot]! >= end) break;
      const flags = board.flags[slot]!;
      if ((flags & SACKED) !== 0 || !this.#sacked!.covers(board.starts[slot]!, board.ends[slot]!)) continue;
      this.rack.handleArrived(board.sentAts[slot]!, board.ends[slot]!, flags, this.roundTrip, now);
      board.markSacked(segment);
      delivered += board.ends[slot]! - board.starts[slot]!;
    }
    return delivered;
  }

  // ---- output ----

  /** Sends what may leave. */
  send(): void {
    const now = this.#clock.now();
    // RFC 5681 §4.1: after a pause nobody knows how much the path takes.
    if (this.flightBytes === 0 && this.end > this.next && now - this.lastSentAt > this.roundTrip.timeoutNanos) {
      this.window.bytes = Math.min(this.window.bytes, INITIAL_WINDOW_SEGMENTS * this.window.segmentBytes);
      if (this.progressAt < now) this.progressAt = now;
    } else if (this.flightBytes === 0) this.progressAt = now;
    while (this.#sendAgain(now) || this.#sendNew(now, false));
    this.#setTimers();
  }

  /** Sends the first segment that is lost, if the window allows. */
  #sendAgain(now: Nanos): boolean {
    const { board, recovery } = this;
    const segment = board.nextLost();
    if (segment === -1) return false;
    const slot = segment & board.mask;
    const bytes = board.ends[slot]! - board.starts[slot]!;
    const pipe = recovery.pipe(this.flightBytes);
    if (!recovery.isForced && pipe > 0 && pipe + bytes > this.window.bytes) return false;
    this.resend(segment, now);
    return true;
  }

  resend(segment: number, now: Nanos): void {
    const { board } = this;
    const slot = segment & board.mask;
    const start = board.starts[slot]!;
    const end = board.ends[slot]!;
    const isFirstTime = (board.flags[slot]! & RETRANSMITTED) === 0;
    board.markResent(segment, now);
    this.recovery.handleSent(end - start);
    this.recovery.handleResent(end, this.#output.stamp, isFirstTime);
    this.lastSentAt = now;
    // After the path took less than it did, one of then becomes several of now.
    const { segmentBytes } = this.window;
    for (let at = start; at < end; at += segmentBytes) {
      this.#counters.retransmittedSegments += 1;
      const stop = Math.min(end, at + segmentBytes);
      // The FIN goes along with the last bytes.
      const isNearlyAll = stop === end - 1 && end > this.finPosition;
      this.#output.transmit(at, isNearlyAll ? end : stop, true);
      if (isNearlyAll) break;
    }
  }

  /** Sends new data, or the FIN; `beyond`: past the congestion window, and in small segments too. */
  #sendNew(now: Nanos, beyond: boolean): boolean {
    const { next, edge, queue, window, recovery } = this;
    const waiting = this.end - next;
    if (waiting <= 0) return false;
    const size = window.segmentBytes;
    const data = queue.end - next;
    const room = edge - next;
    const bytes = Math.max(0, Math.min(data, size, room));
    const hasFin = next + bytes === this.finPosition;
    if (bytes === 0 && !(hasFin && data <= 0)) return false;
    if (!beyond) {
      if (bytes < size && !hasFin && !this.#smallMayGo(bytes, data)) return false;
      const pipe = recovery.pipe(this.flightBytes);
      if (pipe > 0 && pipe + bytes > window.bytes) return false;
    }
    const end = next + bytes + (hasFin ? 1 : 0);
    this.board.push(next, end, now);
    this.next = end;
    recovery.handleSent(end - next);
    this.lastSentAt = now;
    this.#output.transmit(next, end, false);
    return true;
  }

  /** Less than a full segment: RFC 9293 §3.8.6.2.1 against silly windows, §3.7.4 (Nagle) against many small ones. */
  #smallMayGo(bytes: number, data: number): boolean {
    if (bytes < data) return bytes >= this.windowBytesMax / 2;
    return this.noDelay || this.flightBytes === 0 || this.urgentEnd > this.next;
  }

  #setTimers(): void {
    const deadlines = this.#deadlines;
    if (this.flightBytes > 0) {
      deadlines.clear(PERSIST);
      if (!deadlines.isSet(RETRANSMISSION)) deadlines.set(RETRANSMISSION, this.roundTrip.timeoutNanos);
      this.#probe.schedule();
      return;
    }
    deadlines.clear(RETRANSMISSION);
    deadlines.clear(TAIL_PROBE);
    deadlines.clear(REORDERING);
    // Nothing under way would bring an answer: ask for one now and then.
    if (this.end > this.next && !deadlines.isSet(PERSIST)) this.#setPersist();
  }

  #setPersist(): void {
    const { timeoutNanos } = this.roundTrip;
    this.#deadlines.set(PERSIST, Math.min(timeoutNanos * 2 ** Math.min(this.#persistBackoff, 10), 60e9));
  }

  // ---- deadlines ----

  /** RFC 9293 §3.8.6.1 (MUST-36): a window that stays closed is asked for, ever more seldom, with a byte that may be refused. */
  handlePersist(now: Nanos): void {
    if (this.flightBytes > 0 || this.end <= this.next) return;
    this.#persistBackoff += 1;
    this.timeouts += 1;
    if (this.edge > this.next) this.#sendNew(now, true);
    else {
      this.#probed = true;
      this.lastSentAt = now;
      this.#output.transmit(this.next, this.next + 1, false);
    }
    this.#setTimers();
  }

  handleReordering(now: Nanos): void {
    const news = this.#newsAt(now);
    if (this.recovery.handleReorderingTimeout(news)) this.send();
    this.#setReordering();
  }

  handleTailProbe(now: Nanos): void {
    if (this.flightBytes === 0 || this.recovery.phase !== 'open') return;
    this.#counters.tailProbes += 1;
    const isNew = this.#sendNew(now, true);
    if (!isNew) this.resend(this.board.next - 1, now);
    this.#probe.handleSent(this.next, !isNew);
    this.#deadlines.set(RETRANSMISSION, this.roundTrip.timeoutNanos);
  }

  /** RFC 6298 §5.4 to 5.7. */
  handleTimeout(now: Nanos): void {
    if (this.flightBytes === 0) return;
    this.#counters.timeouts += 1;
    this.timeouts += 1;
    this.roundTrip.backoff += 1;
    this.#probe.clear();
    this.#deadlines.clear(REORDERING);
    const hadSacks = this.board.sackedSegments;
    // A closed window is no congestion: the window of ours stays.
    if (this.edge <= this.acknowledged) this.resend(this.board.first, now);
    else {
      this.recovery.handleTimeout(now, this.acknowledged, this.next);
      if (hadSacks > 0 && this.board.sackedSegments === 0) this.#sacked?.clear();
      this.send();
    }
    this.#deadlines.set(RETRANSMISSION, this.roundTrip.timeoutNanos);
  }

  /** Larger segments than the path takes were lost: everything of that size goes again. */
  handleSmallerPath(): void {
    const { board, window } = this;
    for (let segment = board.first; segment < board.next; segment += 1) {
      const slot = segment & board.mask;
      if (board.ends[slot]! - board.starts[slot]! > window.segmentBytes) board.markLost(segment);
    }
    this.recovery.isForced = true;
    this.send();
  }

  #newsAt(now: Nanos): AckNews {
    const news = this.#news;
    news.now = now;
    news.acknowledged = this.acknowledged;
    news.next = this.next;
    news.ackedBytes = 0;
    news.deliveredBytes = 0;
    news.isDuplicate = false;
    return news;
  }
}
