/**
 * One direction of a link: what its end sends waits its turn in a bounded queue, is on the wire for its time (IEEE 802.3 §3.2: preamble, frame,
 * check sequence; then the gap), and travels for the link's delay. At most two timers wait, whatever is under way: one for the frame that
 * leaves the sender, one for the frame that arrives next.
 */
import { type Clock, type Nanos, SECOND, type Timer } from '../base/clock.ts';
import { FrameSlab } from '../base/frame-slab.ts';
import { type FrameTail, isCutShort, type Port, type Wire } from '../base/port.ts';
import { chance, type Rng } from '../base/rng.ts';
import { GAP_BITS, PREAMBLE_BYTES, wireBits } from '../wire/ethernet/frame.ts';
import { markCongestion } from '../wire/ip/congestion-mark.ts';
import { type EcnSettings, marksAt } from './congestion-marking.ts';
import { FrameRing } from './frame-ring.ts';
import { type LinkFaults, NO_FAULTS, spoil } from './link-faults.ts';

/** A long delay at a high rate would take all the memory there is. So much are 100 Gb/s for 86 ms. */
const UNDER_WAY_BYTES_MAX = 1024 * 1024 * 1024;

export interface LinkSettings {
  readonly rateBitsPerSecond: number;
  /** Time from one end to the other: 5 ns a metre of cable or fibre. */
  readonly delayNanos: Nanos;
  /** Largest frame, with its tags and without the check sequence; larger ones are dropped as giants. */
  readonly frameBytesMax: number;
  /** Bytes that may wait for their turn at each end. */
  readonly queueBytes: number;
}

export interface LinkCounters {
  frames: number;
  bytes: number;
  /** The queue was full. */
  queueDrops: number;
  giants: number;
  /** Marked for congestion, or marked already when the queue would have. */
  congestionMarks: number;
  lost: number;
  corrupted: number;
  duplicated: number;
  reordered: number;
  /** Sent or under way while the link was down. */
  carrierDrops: number;
  /** Passed on while they came in, and cut short then: the check sequence is wrong where they end. */
  cutShort: number;
}

export const linkCounters = (): LinkCounters => ({
  frames: 0,
  bytes: 0,
  queueDrops: 0,
  giants: 0,
  congestionMarks: 0,
  lost: 0,
  corrupted: 0,
  duplicated: 0,
  reordered: 0,
  carrierDrops: 0,
  cutShort: 0,
});

/** What somebody who listens in is told, one of both for each frame; a capture, for one. */
export interface LinkTap {
  /** The frame's first bit leaves now. */
  handleSent(from: 0 | 1, frame: Uint8Array): void;
  handleDropped(from: 0 | 1, frame: Uint8Array, why: string): void;
}

export interface LinkServices {
  readonly clock: Clock;
  readonly rng: Rng;
}

export class LinkDirection implements Wire {
  readonly rateBitsPerSecond: number;
  readonly counters: LinkCounters = linkCounters();
  faults: LinkFaults = NO_FAULTS;
  ecn: EcnSettings | undefined = undefined;
  tap: LinkTap | undefined = undefined;
  carrier = false;
  /** What waits for its turn. */
  waitingBytes = 0;
  /** Of the frames whose first bit leaves from now on. */
  #delayNanos: Nanos;
  /** No later frame arrives before then. */
  #notBefore: Nanos = 0;
  readonly #from: 0 | 1;
  readonly #to: Port;
  /** Bits of a frame, preamble included, after which the other end takes it over; Infinity: all of them. */
  readonly #headBits: number;
  readonly #settings: LinkSettings;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #arrived: () => void;
  readonly #left: () => void;
  /** Frames on their way, by the time at which the other end takes them. */
  readonly #flying = new FrameRing();
  #flyingBytes = 0;
  #arrivalTimer: Timer | undefined;
  /** The last frame whose head the other end took over. */
  #handedOver: FrameTail | undefined;
  /** Frames that wait for their turn; all at time 0. */
  readonly #waiting = new FrameRing();
  #leaveTimer: Timer | undefined;
  readonly #slab = new FrameSlab();
  /** When the wire is free again, and what is left over below a nanosecond, in nanoseconds times the rate: 100 Gb/s stays 100 Gb/s. */
  #freeAt: Nanos = 0;
  #remainder = 0;

  constructor(from: 0 | 1, to: Port, settings: LinkSettings, services: LinkServices) {
    this.#from = from;
    this.#to = to;
    this.#headBits = to.cutThroughBytes === undefined ? Number.POSITIVE_INFINITY : (PREAMBLE_BYTES + to.cutThroughBytes) * 8;
    this.#settings = settings;
    this.#delayNanos = settings.delayNanos;
    this.#clock = services.clock;
    this.#rng = services.rng;
    this.rateBitsPerSecond = settings.rateBitsPerSecond;
    this.#arrived = () => this.#arrive();
    this.#left = () => this.#leave();
  }

  transmit(frame: Uint8Array, tail?: FrameTail): void {
    if (!this.carrier) return this.#drop(frame, 'carrierDrops', 'the link is down');
    if (frame.length > this.#settings.frameBytesMax) return this.#drop(frame, 'giants', 'the frame is too long for the link');
    const now = this.#clock.now();
    if (this.#leaveTimer === undefined && this.#freeAt <= now && (tail === undefined || this.#mayStart(frame, tail, now)))
      return this.#start(frame, tail, now);
    this.#enqueue(frame, tail, now);
  }

  #enqueue(frame: Uint8Array, tail: FrameTail | undefined, now: Nanos): void {
    if (this.waitingBytes + frame.length > this.#settings.queueBytes) return this.#drop(frame, 'queueDrops', 'the queue is full');
    const queued = this.ecn !== undefined && marksAt(this.ecn, this.waitingBytes, this.#rng) ? this.#mark(frame) : frame;
    this.#waiting.insert(queued, 0, tail);
    this.waitingBytes += queued.length;
    if (this.#leaveTimer === undefined) this.#waitForTurn(now);
  }

  #mark(frame: Uint8Array): Uint8Array {
    const marked = markCongestion(frame, this.#slab);
    if (marked === undefined) return frame;
    this.counters.congestionMarks += 1;
    return marked;
  }

  get delayNanos(): Nanos {
    return this.#delayNanos;
  }

  /**
   * Of what leaves from now on; what is under way arrives when it would have. After a shorter delay was set, frames that would overtake one
   * that left before arrive with it instead, behind it and in their order, faster than the rate for that moment. A link that shrank
   * would have to lose or to overtake: both would look like faults that nobody has set.
   */
  setDelay(nanos: Nanos): void {
    this.#delayNanos = nanos;
  }

  /** The link came up or was cut; what was under way then is lost. */
  setCarrier(up: boolean): void {
    this.carrier = up;
    if (up) return;
    this.#arrivalTimer?.cancel();
    this.#arrivalTimer = undefined;
    this.#leaveTimer?.cancel();
    this.#leaveTimer = undefined;
    this.counters.carrierDrops += this.#flying.count + this.#waiting.count;
    this.#flying.clear();
    this.#flyingBytes = 0;
    this.#waiting.clear();
    this.waitingBytes = 0;
    this.#freeAt = this.#clock.now();
    this.#notBefore = 0;
    this.#remainder = 0;
    if (this.#handedOver === undefined || this.#handedOver.endsAt <= this.#clock.now()) return;
    this.counters.carrierDrops += 1;
    this.#handedOver.isCut = true;
  }

  #drop(frame: Uint8Array, counter: 'carrierDrops' | 'giants' | 'queueDrops' | 'lost' | 'cutShort', why: string): void {
    this.counters[counter] += 1;
    this.tap?.handleDropped(this.#from, frame, why);
  }

  // ---- out ----

  /** A frame whose end is still coming in must not run dry: from a slower wire it is stored before it is forwarded. */
  #mayStart(frame: Uint8Array, tail: FrameTail, now: Nanos): boolean {
    return now >= tail.endsAt || now + ((wireBits(frame.length) - GAP_BITS) * SECOND) / this.rateBitsPerSecond >= tail.endsAt;
  }

  /** Until the wire is free, and the first frame that waits may start on it. */
  #waitForTurn(now: Nanos): void {
    let at = Math.max(this.#freeAt, now);
    const tail = this.#waiting.firstTail;
    if (tail !== undefined && !this.#mayStart(this.#waiting.firstFrame, tail, at)) at = tail.endsAt;
    this.#leaveTimer = this.#clock.after(at - now, this.#left);
  }

  #leave(): void {
    this.#leaveTimer = undefined;
    const frame = this.#waiting.firstFrame;
    const tail = this.#waiting.firstTail;
    this.#waiting.removeFirst();
    this.waitingBytes -= frame.length;
    const now = this.#clock.now();
    this.#start(frame, tail, now);
    if (this.#waiting.count !== 0) this.#waitForTurn(now);
  }

  /** Its first bit leaves. It arrives when its last bit has travelled the link. */
  #start(frame: Uint8Array, tail: FrameTail | undefined, now: Nanos): void {
    if (tail !== undefined && now >= tail.endsAt && isCutShort(tail)) return this.#drop(frame, 'cutShort', 'its end never came in');
    if (this.#flyingBytes > UNDER_WAY_BYTES_MAX) return this.#drop(frame, 'queueDrops', 'more is under way than there is room for');
    const { rateBitsPerSecond } = this;
    if (this.#freeAt < now) {
      this.#freeAt = now;
      this.#remainder = 0;
    }
    const startsAt = this.#freeAt;
    const before = this.#remainder;
    const exact = wireBits(frame.length) * SECOND + before;
    const whole = Math.floor(exact / rateBitsPerSecond);
    this.#remainder = exact - whole * rateBitsPerSecond;
    this.#freeAt = startsAt + whole;
    this.counters.frames += 1;
    this.counters.bytes += frame.length;
    const delay = this.#delayNanos;
    // At the same delay, a frame's first bit comes after the last one of the frame before: this changes nothing then.
    const notBefore = this.#notBefore;
    const endsAt = Math.max(notBefore, startsAt + Math.floor((exact - GAP_BITS * SECOND) / rateBitsPerSecond) + delay);
    this.#notBefore = endsAt;
    const comingIn = tail !== undefined && now < tail.endsAt ? tail : undefined;
    const headAt =
      this.#headBits === Number.POSITIVE_INFINITY
        ? endsAt
        : Math.min(endsAt, Math.max(notBefore, startsAt + Math.floor((this.#headBits * SECOND + before) / rateBitsPerSecond) + delay));
    const isLost = this.faults !== NO_FAULTS && chance(this.#rng, this.faults.loss);
    // Whoever listens in hears of each frame once.
    if (isLost) return this.#drop(frame, 'lost', 'lost on the link');
    this.tap?.handleSent(this.#from, frame);
    if (this.faults === NO_FAULTS) this.#fly(frame, headAt, endsAt, comingIn);
    else this.#flyFaulty(frame, headAt, endsAt, comingIn);
  }

  #flyFaulty(frame: Uint8Array, headAt: Nanos, endsAt: Nanos, comingIn: FrameTail | undefined): void {
    const { faults } = this;
    let sent = frame;
    if (chance(this.#rng, faults.corruption)) {
      this.counters.corrupted += 1;
      sent = spoil(frame, this.#rng);
    }
    let heldNanos = 0;
    if (chance(this.#rng, faults.reordering)) {
      this.counters.reordered += 1;
      heldNanos = faults.reorderingNanos;
    }
    this.#fly(sent, headAt + heldNanos, endsAt + heldNanos, comingIn);
    if (!chance(this.#rng, faults.duplication)) return;
    this.counters.duplicated += 1;
    this.#fly(sent, headAt + heldNanos, endsAt + heldNanos, comingIn);
  }

  #fly(frame: Uint8Array, headAt: Nanos, endsAt: Nanos, comingIn: FrameTail | undefined): void {
    const tail = headAt < endsAt ? { endsAt, isCut: false, before: comingIn } : comingIn;
    this.#flyingBytes += frame.length;
    if (!this.#flying.insert(frame, headAt, tail)) return;
    this.#arrivalTimer?.cancel();
    this.#waitForArrival();
  }

  // ---- in ----

  #waitForArrival(): void {
    this.#arrivalTimer = this.#clock.after(Math.max(0, this.#flying.firstTime - this.#clock.now()), this.#arrived);
  }

  #arrive(): void {
    const frame = this.#flying.firstFrame;
    const tail = this.#flying.firstTail;
    this.#flying.removeFirst();
    this.#flyingBytes -= frame.length;
    this.#arrivalTimer = undefined;
    if (this.#flying.count !== 0) this.#waitForArrival();
    if (tail === undefined) this.#to.handleFrame(frame);
    else this.#arriveWithTail(frame, tail);
  }

  #arriveWithTail(frame: Uint8Array, tail: FrameTail): void {
    if (tail.endsAt > this.#clock.now()) {
      this.#handedOver = tail;
      this.#to.handleFrameHead!(frame, tail);
    } else if (isCutShort(tail)) this.#drop(frame, 'cutShort', 'its end never came in');
    else this.#to.handleFrame(frame);
  }
}
