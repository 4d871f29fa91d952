/**
 * The filtering database of a bridge, its learned entries (IEEE 802.1Q §8.8): which port leads to an address in a VLAN. A hash table with
 * open addressing in typed arrays; it holds a bounded number of entries, and entries not refreshed within the ageing time are as good as gone.
 */
import { assert } from '../base/assert.ts';
import type { Nanos } from '../base/clock.ts';

export interface MacEntry {
  readonly vlan: number;
  readonly mac: number;
  readonly port: number;
  readonly seenAt: Nanos;
}

export type LearnResult = 'known' | 'new' | 'moved' | 'full';

const EMPTY = -1;
const CAPACITY_MIN = 64;

export class MacTable {
  readonly #entriesMax: number;
  /** IEEE 802.1Q §8.8.3: 300 s by default. */
  readonly #ageingNanos: Nanos;
  /** Low 32 bits of the address; the VLAN above its high 16. Signed, as such words stay small integers for the engine. */
  #low: Int32Array;
  #high: Int32Array;
  #ports: Int16Array;
  #seen: Float64Array;
  #mask: number;
  /** Slots that are not empty, the aged ones included. */
  #used = 0;
  /** Full, and nothing can have aged until then: a flood of addresses must not make every one of them look through the table. */
  #fullUntil: Nanos = Number.NEGATIVE_INFINITY;

  constructor(entriesMax: number, ageingNanos: Nanos) {
    assert(entriesMax > 0, 'a MAC table holds something');
    this.#entriesMax = entriesMax;
    this.#ageingNanos = ageingNanos;
    const capacity = CAPACITY_MIN;
    this.#low = new Int32Array(capacity);
    this.#high = new Int32Array(capacity);
    this.#ports = new Int16Array(capacity).fill(EMPTY);
    this.#seen = new Float64Array(capacity);
    this.#mask = capacity - 1;
  }

  /** The port behind which the address lives, or -1. `high`: VLAN and the address's first 16 bits; `low`: its last 32; both signed. */
  find(high: number, low: number, now: Nanos): number {
    for (let slot = hash(high, low) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const port = this.#ports[slot]!;
      if (port === EMPTY) return -1;
      if (this.#low[slot] === low && this.#high[slot] === high) return now - this.#seen[slot]! <= this.#ageingNanos ? port : -1;
    }
  }

  learn(high: number, low: number, port: number, now: Nanos): LearnResult {
    let free = -1;
    for (let slot = hash(high, low) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      const before = this.#ports[slot]!;
      if (before === EMPTY) return this.#insert(free, slot, high, low, port, now);
      const aged = now - this.#seen[slot]! > this.#ageingNanos;
      if (this.#low[slot] === low && this.#high[slot] === high) {
        this.#seen[slot] = now;
        if (before === port) return aged ? 'new' : 'known';
        this.#ports[slot] = port;
        return aged ? 'new' : 'moved';
      }
      if (aged && free === -1) free = slot;
    }
  }

  /** `free`: a slot on the way whose entry has aged; `empty`: the one where the way ended. */
  #insert(free: number, empty: number, high: number, low: number, port: number, now: Nanos): LearnResult {
    if (free === -1 && this.#used >= this.#entriesMax) {
      // Full, as far as is known: room is made of what has aged, and looked for once more.
      if (now <= this.#fullUntil || this.#rebuild(now) >= this.#entriesMax) return 'full';
      return this.learn(high, low, port, now);
    }
    if (free === -1 && (this.#used + 1) * 4 > this.#low.length * 3) {
      this.#rebuild(now);
      return this.learn(high, low, port, now);
    }
    const slot = free === -1 ? empty : free;
    if (free === -1) this.#used += 1;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#ports[slot] = port;
    this.#seen[slot] = now;
    return 'new';
  }

  /** Leaves out what has aged, and grows if more than half stays; gives back how many entries stay. At most once in `used / 4` insertions. */
  #rebuild(now: Nanos): number {
    const live = this.entries(now);
    let capacity = this.#low.length;
    while (live.length * 2 >= capacity) capacity *= 2;
    this.#reset(capacity);
    let oldest = Number.POSITIVE_INFINITY;
    for (const { vlan, mac, port, seenAt } of live) {
      this.#place(vlan, mac, port, seenAt);
      oldest = Math.min(oldest, seenAt);
    }
    this.#fullUntil = live.length < this.#entriesMax ? Number.NEGATIVE_INFINITY : oldest + this.#ageingNanos;
    return live.length;
  }

  #reset(capacity: number): void {
    if (capacity !== this.#low.length) {
      this.#low = new Int32Array(capacity);
      this.#high = new Int32Array(capacity);
      this.#ports = new Int16Array(capacity);
      this.#seen = new Float64Array(capacity);
      this.#mask = capacity - 1;
    }
    this.#ports.fill(EMPTY);
    this.#used = 0;
  }

  #place(vlan: number, mac: number, port: number, seenAt: Nanos): void {
    const high = (vlan << 16) | Math.floor(mac / 0x1_0000_0000);
    const low = (mac % 0x1_0000_0000) | 0;
    let slot = hash(high, low) & this.#mask;
    while (this.#ports[slot] !== EMPTY) slot = (slot + 1) & this.#mask;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#ports[slot] = port;
    this.#seen[slot] = seenAt;
    this.#used += 1;
  }

  /** What is known now, in no order. */
  entries(now: Nanos): MacEntry[] {
    const out: MacEntry[] = [];
    for (let slot = 0; slot <= this.#mask; slot += 1) {
      const port = this.#ports[slot]!;
      const seenAt = this.#seen[slot]!;
      if (port === EMPTY || now - seenAt > this.#ageingNanos) continue;
      const high = this.#high[slot]!;
      out.push({ vlan: high >>> 16, mac: (high & 0xffff) * 0x1_0000_0000 + (this.#low[slot]! >>> 0), port, seenAt });
    }
    return out;
  }

  /** Forgets what was learned on a port: it went down, or the topology changed (IEEE 802.1D-2004 §17.11). */
  flush(port: number): void {
    for (let slot = 0; slot <= this.#mask; slot += 1) if (this.#ports[slot] === port) this.#seen[slot] = Number.NEGATIVE_INFINITY;
    this.#fullUntil = Number.NEGATIVE_INFINITY;
  }
}

/** Addresses of one maker differ in few bits: both words are mixed before the low bits are taken. */
function hash(high: number, low: number): number {
  let mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  mixed ^= mixed >>> 15;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 13);
}
