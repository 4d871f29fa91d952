/**
 * A full-duplex link between two ports, in any clock: every frame takes its time on the wire (IEEE 802.3 §3.2, with preamble and gap),
 * waits its turn in a bounded queue, and travels for the link's delay. Faults happen by a seed.
 */
import { assert } from '../base/assert.ts';
import { type Clock, type Nanos, SECOND, type Timer } from '../base/clock.ts';
import type { Port, Wire } from '../base/port.ts';
import { chance, type Rng } from '../base/rng.ts';
import { wireBits } from '../wire/ethernet/frame.ts';
import { type LinkFaults, NO_FAULTS, spoil } from './link-faults.ts';

export interface LinkSettings {
  readonly rateBitsPerSecond: number;
  /** Time from one end to the other: 5 ns a metre of cable or fibre. */
  readonly delayNanos: Nanos;
  /** Largest frame, with its tags and without the check sequence; larger ones are dropped as giants. */
  readonly frameBytesMax: number;
  /** Bytes that may wait for their turn at each end. */
  readonly queueBytes: number;
}

export const defaultLinkSettings: LinkSettings = {
  rateBitsPerSecond: 10e9,
  delayNanos: 500,
  frameBytesMax: 9216 + 22,
  queueBytes: 1024 * 1024,
};

export interface LinkCounters {
  frames: number;
  bytes: number;
  /** The queue was full. */
  queueDrops: number;
  giants: number;
  lost: number;
  corrupted: number;
  duplicated: number;
  reordered: number;
  /** Sent or under way while the link was down. */
  carrierDrops: number;
}

/** What somebody who listens in is told; a capture, for one. */
export interface LinkTap {
  /** The frame's first bit leaves now. */
  handleSent(from: 0 | 1, frame: Uint8Array): void;
  handleDropped(from: 0 | 1, frame: Uint8Array, why: string): void;
}

export interface LinkServices {
  readonly clock: Clock;
  readonly rng: Rng;
}

export class Link {
  readonly #ports: readonly [Port, Port];
  readonly #ends: readonly [Direction, Direction];
  #up = false;

  /** Plugs the link into both ports; `up` brings it up. */
  constructor(a: Port, b: Port, settings: LinkSettings, services: LinkServices) {
    assert(a.wire === undefined && b.wire === undefined, 'a port takes one plug');
    this.#ports = [a, b];
    this.#ends = [new Direction(this, 0, b, settings, services), new Direction(this, 1, a, settings, services)];
    a.wire = this.#ends[0];
    b.wire = this.#ends[1];
  }

  get carrier(): boolean {
    return this.#up;
  }

  /** Mends or cuts the link; what is under way when it is cut is lost. */
  setUp(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    if (!up) for (const end of this.#ends) end.clear();
    for (const port of this.#ports) port.handleCarrier(up);
  }

  /** Faults of what the given end sends; both ends without one. */
  setFaults(faults: LinkFaults, end?: 0 | 1): void {
    for (const index of [0, 1] as const) if (end === undefined || end === index) this.#ends[index].faults = faults;
  }

  setTap(tap: LinkTap | undefined): void {
    for (const end of this.#ends) end.tap = tap;
  }

  /** Of what the given end sent. */
  counters(end: 0 | 1): Readonly<LinkCounters> {
    return this.#ends[end].counters;
  }

  unplug(): void {
    this.setUp(false);
    for (const port of this.#ports) port.wire = undefined;
  }
}

const RING_MIN = 16;

/**
 * One direction. At most two timers wait, whatever is under way: one for the frame that leaves the sender, one for the frame that
 * arrives next.
 */
class Direction implements Wire {
  readonly rateBitsPerSecond: number;
  readonly counters: LinkCounters = {
    frames: 0,
    bytes: 0,
    queueDrops: 0,
    giants: 0,
    lost: 0,
    corrupted: 0,
    duplicated: 0,
    reordered: 0,
    carrierDrops: 0,
  };
  faults: LinkFaults = NO_FAULTS;
  tap: LinkTap | undefined = undefined;
  readonly #link: Link;
  readonly #from: 0 | 1;
  readonly #to: Port;
  readonly #settings: LinkSettings;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #arrived: () => void;
  readonly #left: () => void;
  /** Frames on their way, in the order in which they arrive, with their times; a ring. */
  #flying: (Uint8Array | undefined)[] = Array.from({ length: RING_MIN });
  #arrivals = new Float64Array(RING_MIN);
  #first = 0;
  #count = 0;
  #arrivalTimer: Timer | undefined;
  /** Frames that wait for their turn. */
  #waiting: Uint8Array[] = [];
  #waitingFrom = 0;
  #waitingBytes = 0;
  #leaveTimer: Timer | undefined;
  /** When the wire is free again, and what is left over below a nanosecond, in nanoseconds times the rate: 100 Gb/s stays 100 Gb/s. */
  #freeAt: Nanos = 0;
  #remainder = 0;

  constructor(link: Link, from: 0 | 1, to: Port, settings: LinkSettings, services: LinkServices) {
    this.#link = link;
    this.#from = from;
    this.#to = to;
    this.#settings = settings;
    this.#clock = services.clock;
    this.#rng = services.rng;
    this.rateBitsPerSecond = settings.rateBitsPerSecond;
    this.#arrived = () => this.#arrive();
    this.#left = () => this.#leave();
  }

  get carrier(): boolean {
    return this.#link.carrier;
  }

  transmit(frame: Uint8Array): void {
    if (!this.#link.carrier) return this.#drop(frame, 'carrierDrops', 'the link is down');
    if (frame.length > this.#settings.frameBytesMax) return this.#drop(frame, 'giants', 'the frame is too long for the link');
    if (this.#leaveTimer === undefined && this.#freeAt <= this.#clock.now()) return this.#start(frame);
    if (this.#waitingBytes + frame.length > this.#settings.queueBytes) return this.#drop(frame, 'queueDrops', 'the queue is full');
    this.#waiting.push(frame);
    this.#waitingBytes += frame.length;
    this.#leaveTimer ??= this.#clock.after(Math.max(0, this.#freeAt - this.#clock.now()), this.#left);
  }

  clear(): void {
    this.#arrivalTimer?.cancel();
    this.#arrivalTimer = undefined;
    this.#leaveTimer?.cancel();
    this.#leaveTimer = undefined;
    this.counters.carrierDrops += this.#count + this.#waiting.length - this.#waitingFrom;
    this.#flying.fill(undefined);
    this.#count = 0;
    this.#waiting = [];
    this.#waitingFrom = 0;
    this.#waitingBytes = 0;
    this.#freeAt = this.#clock.now();
    this.#remainder = 0;
  }

  #drop(frame: Uint8Array, counter: 'carrierDrops' | 'giants' | 'queueDrops' | 'lost', why: string): void {
    this.counters[counter] += 1;
    this.tap?.handleDropped(this.#from, frame, why);
  }

  /** The wire is free: the next frame's turn. */
  #leave(): void {
    this.#leaveTimer = undefined;
    const frame = this.#waiting[this.#waitingFrom]!;
    this.#waitingFrom += 1;
    this.#waitingBytes -= frame.length;
    // The array is cut when half of it is past, so that each frame is moved once at most.
    if (this.#waitingFrom * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#waitingFrom);
      this.#waitingFrom = 0;
    }
    this.#start(frame);
    if (this.#waiting.length > this.#waitingFrom)
      this.#leaveTimer = this.#clock.after(Math.max(0, this.#freeAt - this.#clock.now()), this.#left);
  }

  /** Its first bit leaves. It arrives when its last bit has travelled the link. */
  #start(frame: Uint8Array): void {
    const now = this.#clock.now();
    if (this.#freeAt < now) this.#remainder = 0;
    const exact = wireBits(frame.length) * SECOND + this.#remainder;
    const whole = Math.floor(exact / this.rateBitsPerSecond);
    this.#remainder = exact - whole * this.rateBitsPerSecond;
    this.#freeAt = Math.max(this.#freeAt, now) + whole;
    this.counters.frames += 1;
    this.counters.bytes += frame.length;
    this.tap?.handleSent(this.#from, frame);
    const { faults } = this;
    const arrival = this.#freeAt + this.#settings.delayNanos;
    if (faults === NO_FAULTS) return this.#fly(frame, arrival);
    if (chance(this.#rng, faults.loss)) return this.#drop(frame, 'lost', 'lost on the link');
    let sent = frame;
    if (chance(this.#rng, faults.corruption)) {
      this.counters.corrupted += 1;
      sent = spoil(frame, this.#rng);
    }
    let when = arrival;
    if (chance(this.#rng, faults.reordering)) {
      this.counters.reordered += 1;
      when += faults.reorderingNanos;
    }
    this.#fly(sent, when);
    if (!chance(this.#rng, faults.duplication)) return;
    this.counters.duplicated += 1;
    this.#fly(sent, when);
  }

  #fly(frame: Uint8Array, arrival: Nanos): void {
    if (this.#count === this.#flying.length) this.#grow();
    const mask = this.#flying.length - 1;
    // Those that arrive later, having been held up by a fault, stay behind.
    let place = this.#count;
    for (; place > 0; place -= 1) {
      const before = (this.#first + place - 1) & mask;
      if (this.#arrivals[before]! <= arrival) break;
      const behind = (before + 1) & mask;
      this.#flying[behind] = this.#flying[before];
      this.#arrivals[behind] = this.#arrivals[before]!;
    }
    const slot = (this.#first + place) & mask;
    this.#flying[slot] = frame;
    this.#arrivals[slot] = arrival;
    this.#count += 1;
    if (place !== 0) return;
    this.#arrivalTimer?.cancel();
    this.#wait();
  }

  #wait(): void {
    this.#arrivalTimer = this.#clock.after(Math.max(0, this.#arrivals[this.#first]! - this.#clock.now()), this.#arrived);
  }

  #arrive(): void {
    const frame = this.#flying[this.#first]!;
    this.#flying[this.#first] = undefined;
    this.#first = (this.#first + 1) & (this.#flying.length - 1);
    this.#count -= 1;
    this.#arrivalTimer = undefined;
    if (this.#count !== 0) this.#wait();
    this.#to.handleFrame(frame);
  }

  #grow(): void {
    const size = this.#flying.length;
    const flying: (Uint8Array | undefined)[] = Array.from({ length: size * 2 });
    const arrivals = new Float64Array(size * 2);
    for (let index = 0; index < size; index += 1) {
      flying[index] = this.#flying[(this.#first + index) & (size - 1)];
      arrivals[index] = this.#arrivals[(this.#first + index) & (size - 1)]!;
    }
    this.#flying = flying;
    this.#arrivals = arrivals;
    this.#first = 0;
  }
}
