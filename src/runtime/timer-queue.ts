/**
 * Timers in the order they fall due: a binary heap whose keys stand in typed arrays. Equal times keep the order they were asked for,
 * and a timer that is called off leaves at once, so that nothing piles up behind timeouts that are always called off in time.
 */
import type { Nanos, Timer } from '../base/clock.ts';

interface Entry extends Timer {
  readonly action: () => void;
  /** Its place in the heap; -1: it has run or was called off. */
  place: number;
}

const CAPACITY_MIN = 64;

export class TimerQueue {
  #dues = new Float64Array(CAPACITY_MIN);
  /** Counts what was asked for; exact for 2^53 timers. */
  #sequences = new Float64Array(CAPACITY_MIN);
  readonly #entries: Entry[] = [];
  #sequence = 0;

  get size(): number {
    return this.#entries.length;
  }

  /** When the first timer falls due; Infinity: there is none. */
  get nextDue(): Nanos {
    return this.#entries.length === 0 ? Number.POSITIVE_INFINITY : this.#dues[0]!;
  }

  add(due: Nanos, action: () => void): Timer {
    const place = this.#entries.length;
    if (place === this.#dues.length) this.#grow();
    const entry: Entry = { action, place, cancel: () => this.#remove(entry) };
    this.#entries.push(entry);
    this.#dues[place] = due;
    this.#sequences[place] = this.#sequence;
    this.#sequence += 1;
    this.#rise(place);
    return entry;
  }

  /** Takes the first timer out and gives back what it shall do. */
  takeFirst(): (() => void) | undefined {
    const first = this.#entries[0];
    if (first === undefined) return undefined;
    this.#remove(first);
    return first.action;
  }

  #remove(entry: Entry): void {
    const { place } = entry;
    if (place === -1) return;
    entry.place = -1;
    const last = this.#entries.length - 1;
    const moved = this.#entries.pop()!;
    if (place === last) return;
    this.#entries[place] = moved;
    moved.place = place;
    this.#dues[place] = this.#dues[last]!;
    this.#sequences[place] = this.#sequences[last]!;
    this.#rise(place);
    this.#sink(moved.place);
  }

  #rise(from: number): void {
    for (let place = from; place > 0; ) {
      const parent = (place - 1) >>> 1;
      if (!this.#before(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #sink(from: number): void {
    const count = this.#entries.length;
    for (let place = from; ; ) {
      const left = 2 * place + 1;
      if (left >= count) return;
      const right = left + 1;
      const child = right < count && this.#before(right, left) ? right : left;
      if (!this.#before(child, place)) return;
      this.#swap(place, child);
      place = child;
    }
  }

  #before(a: number, b: number): boolean {
    const difference = this.#dues[a]! - this.#dues[b]!;
    return difference < 0 || (difference === 0 && this.#sequences[a]! < this.#sequences[b]!);
  }

  #swap(a: number, b: number): void {
    const entry = this.#entries[a]!;
    const other = this.#entries[b]!;
    this.#entries[a] = other;
    this.#entries[b] = entry;
    other.place = a;
    entry.place = b;
    const due = this.#dues[a]!;
    this.#dues[a] = this.#dues[b]!;
    this.#dues[b] = due;
    const sequence = this.#sequences[a]!;
    this.#sequences[a] = this.#sequences[b]!;
    this.#sequences[b] = sequence;
  }

  #grow(): void {
    const dues = new Float64Array(this.#dues.length * 2);
    dues.set(this.#dues);
    this.#dues = dues;
    const sequences = new Float64Array(dues.length);
    sequences.set(this.#sequences);
    this.#sequences = sequences;
  }
}
