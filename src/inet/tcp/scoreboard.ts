/**
 * Segments that were sent and are not acknowledged, in the order of their positions (RFC 6675 §3), and a second time in the order in which they
 * were sent last, as far as they are thought to be under way (RFC 8985 §6). In typed arrays: nothing is allocated a segment.
 */
import type { Nanos } from '../../base/clock.ts';

export const SACKED = 1;
/** Thought to be lost, and not sent again yet. */
export const LOST = 2;
/** Was sent more than once. */
export const RETRANSMITTED = 4;

const NONE = -1;
const CAPACITY_MIN = 16;

export class Scoreboard {
  /** Segments are numbered as they are sent; these are left. */
  first = 0;
  next = 0;
  sackedBytes = 0;
  sackedSegments = 0;
  lostBytes = 0;
  starts = new Float64Array(CAPACITY_MIN);
  ends = new Float64Array(CAPACITY_MIN);
  sentAts = new Float64Array(CAPACITY_MIN);
  flags = new Uint8Array(CAPACITY_MIN);
  mask = CAPACITY_MIN - 1;
  /** The one that was sent longest ago of those under way; -1: there is none. */
  oldest = NONE;
  #newest = NONE;
  #later = new Float64Array(CAPACITY_MIN);
  #earlier = new Float64Array(CAPACITY_MIN);
  /** No lost segment stands before this one. */
  #lostFrom = 0;

  get isEmpty(): boolean {
    return this.first === this.next;
  }

  push(start: number, end: number, now: Nanos): void {
    if (this.next - this.first > this.mask) this.#grow();
    const slot = this.next & this.mask;
    this.starts[slot] = start;
    this.ends[slot] = end;
    this.flags[slot] = 0;
    this.#link(this.next, slot, now);
    this.next += 1;
  }

  /** The next one that was sent after it, of those under way; -1: there is none. */
  after(segment: number): number {
    return this.#later[segment & this.mask]!;
  }

  /** The first segment that ends behind `position`; `next`: there is none. */
  find(position: number): number {
    let low = this.first;
    let high = this.next;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.ends[middle & this.mask]! <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  markSacked(segment: number): void {
    const slot = segment & this.mask;
    const flags = this.flags[slot]!;
    const bytes = this.ends[slot]! - this.starts[slot]!;
    if ((flags & LOST) !== 0) this.lostBytes -= bytes;
    else this.#unlink(slot);
    this.flags[slot] = (flags & ~LOST) | SACKED;
    this.sackedBytes += bytes;
    this.sackedSegments += 1;
  }

  markLost(segment: number): void {
    const slot = segment & this.mask;
    if ((this.flags[slot]! & (SACKED | LOST)) !== 0) return;
    this.#unlink(slot);
    this.flags[slot]! |= LOST;
    this.lostBytes += this.ends[slot]! - this.starts[slot]!;
    this.#lostFrom = Math.min(this.#lostFrom, segment);
  }

  /** It is sent once more. */
  markResent(segment: number, now: Nanos): void {
    const slot = segment & this.mask;
    const flags = this.flags[slot]!;
    if ((flags & LOST) !== 0) this.lostBytes -= this.ends[slot]! - this.starts[slot]!;
    else if ((flags & SACKED) === 0) this.#unlink(slot);
    else return;
    this.flags[slot] = (flags & ~LOST) | RETRANSMITTED;
    this.#link(segment, slot, now);
  }

  /** What was thought lost was not: the retransmissions were in vain. It stands as sent now, which measures nothing. */
  unmarkLost(now: Nanos): void {
    for (let segment = this.nextLost(); segment !== NONE; segment = this.nextLost()) {
      const slot = segment & this.mask;
      this.flags[slot] = (this.flags[slot]! & ~LOST) | RETRANSMITTED;
      this.lostBytes -= this.ends[slot]! - this.starts[slot]!;
      this.#link(segment, slot, now);
    }
  }

  /** The first lost segment; -1: there is none. */
  nextLost(): number {
    if (this.lostBytes === 0) return NONE;
    let segment = Math.max(this.#lostFrom, this.first);
    while ((this.flags[segment & this.mask]! & LOST) === 0) segment += 1;
    this.#lostFrom = segment;
    return segment;
  }

  /** The peer took back what it had said to hold (RFC 2018 §8): nothing counts as held. */
  forgetSacks(now: Nanos): void {
    for (let segment = this.first; segment < this.next; segment += 1) {
      const slot = segment & this.mask;
      if ((this.flags[slot]! & SACKED) === 0) continue;
      this.flags[slot] = (this.flags[slot]! & ~SACKED) | RETRANSMITTED;
      this.#link(segment, slot, now);
    }
    this.sackedBytes = 0;
    this.sackedSegments = 0;
  }

  /** Takes the first segment out: it is acknowledged. */
  shift(): void {
    const slot = this.first & this.mask;
    this.#uncount(slot, this.ends[slot]! - this.starts[slot]!);
    const flags = this.flags[slot]!;
    if ((flags & SACKED) !== 0) this.sackedSegments -= 1;
    if ((flags & (SACKED | LOST)) === 0) this.#unlink(slot);
    this.first += 1;
    if (this.#lostFrom < this.first) this.#lostFrom = this.first;
  }

  /** The first segment is acknowledged up to `position`. */
  trim(position: number): void {
    const slot = this.first & this.mask;
    this.#uncount(slot, position - this.starts[slot]!);
    this.starts[slot] = position;
  }

  #uncount(slot: number, bytes: number): void {
    const flags = this.flags[slot]!;
    if ((flags & SACKED) !== 0) this.sackedBytes -= bytes;
    else if ((flags & LOST) !== 0) this.lostBytes -= bytes;
  }

  #link(segment: number, slot: number, now: Nanos): void {
    this.sentAts[slot] = now;
    this.#later[slot] = NONE;
    this.#earlier[slot] = this.#newest;
    if (this.#newest === NONE) this.oldest = segment;
    else this.#later[this.#newest & this.mask] = segment;
    this.#newest = segment;
  }

  #unlink(slot: number): void {
    const earlier = this.#earlier[slot]!;
    const later = this.#later[slot]!;
    if (earlier === NONE) this.oldest = later;
    else this.#later[earlier & this.mask] = later;
    if (later === NONE) this.#newest = earlier;
    else this.#earlier[later & this.mask] = earlier;
  }

  #grow(): void {
    const before = this.mask + 1;
    const mask = before * 2 - 1;
    const spread = <Cells extends Float64Array | Uint8Array>(from: Cells, to: Cells): Cells => {
      for (let segment = this.first; segment < this.next; segment += 1) to[segment & mask] = from[segment & this.mask]!;
      return to;
    };
    this.starts = spread(this.starts, new Float64Array(mask + 1));
    this.ends = spread(this.ends, new Float64Array(mask + 1));
    this.sentAts = spread(this.sentAts, new Float64Array(mask + 1));
    this.#later = spread(this.#later, new Float64Array(mask + 1));
    this.#earlier = spread(this.#earlier, new Float64Array(mask + 1));
    this.flags = spread(this.flags, new Uint8Array(mask + 1));
    this.mask = mask;
  }
}
