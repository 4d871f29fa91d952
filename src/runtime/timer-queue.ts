/**
 * Timers in the order they fall due: a heap with four children a place, whose keys stand in typed arrays. Equal times keep the order they were
 * asked for, and a timer that is called off leaves at once, so that nothing piles up behind timeouts that are always called off in time.
 */
import type { Nanos, Timer } from '../base/clock.ts';

const CAPACITY_MIN = 64;
const NOBODY = -1;
const nothing = (): void => {};

/** Where its timer stands, and which of those that stood there it is. */
class QueuedTimer implements Timer {
  readonly slot: number;
  readonly sequence: number;
  readonly #queue: TimerQueue;

  constructor(queue: TimerQueue, slot: number, sequence: number) {
    this.#queue = queue;
    this.slot = slot;
    this.sequence = sequence;
  }

  cancel(): void {
    this.#queue.remove(this);
  }
}

export class TimerQueue {
  /** By place in the heap. Behind the last place come the slots that are free. */
  #dues = new Float64Array(CAPACITY_MIN);
  #slots = Int32Array.from({ length: CAPACITY_MIN }, (_, slot) => slot);
  /** By slot, which a timer keeps while it moves about in the heap. Sequences count what was asked for; exact for 2^53 timers. */
  #places = new Int32Array(CAPACITY_MIN);
  #sequences = new Float64Array(CAPACITY_MIN).fill(NOBODY);
  readonly #actions: (() => void)[] = Array.from({ length: CAPACITY_MIN }, () => nothing);
  #count = 0;
  #sequence = 0;
  /** The first was taken out and its place is still open: most timers ask for another when they run, and it goes there. */
  #isOpen = false;

  get size(): number {
    return this.#isOpen ? this.#count - 1 : this.#count;
  }

  /** When the first timer falls due; Infinity: there is none. */
  get nextDue(): Nanos {
    if (this.#isOpen) this.#close();
    return this.#count === 0 ? Number.POSITIVE_INFINITY : this.#dues[0]!;
  }

  add(due: Nanos, action: () => void): Timer {
    const sequence = this.#sequence;
    this.#sequence = sequence + 1;
    const place = this.#isOpen ? 0 : this.#count;
    if (place === this.#slots.length) this.#grow();
    const slot = this.#slots[place]!;
    this.#sequences[slot] = sequence;
    this.#actions[slot] = action;
    if (this.#isOpen) {
      this.#isOpen = false;
      this.#sink(0, slot, due);
    } else {
      this.#count = place + 1;
      this.#rise(place, slot, due);
    }
    return new QueuedTimer(this, slot, sequence);
  }

  /** Takes the first timer out and gives back what it shall do. */
  takeFirst(): (() => void) | undefined {
    if (this.#isOpen) this.#close();
    if (this.#count === 0) return undefined;
    const action = this.#vacate(this.#slots[0]!);
    this.#isOpen = true;
    return action;
  }

  /** Does nothing if the timer has run, or was called off. */
  remove({ slot, sequence }: QueuedTimer): void {
    // A first place that is open goes on being before all others: it needn't be filled for this.
    if (this.#sequences[slot] !== sequence) return;
    this.#vacate(slot);
    this.#fill(this.#places[slot]!, slot);
  }

  #vacate(slot: number): () => void {
    const action = this.#actions[slot]!;
    this.#actions[slot] = nothing;
    this.#sequences[slot] = NOBODY;
    return action;
  }

  #close(): void {
    this.#isOpen = false;
    this.#fill(0, this.#slots[0]!);
  }

  /** The last timer goes to a place that has come free, and from there to where it belongs. */
  #fill(place: number, free: number): void {
    const last = this.#count - 1;
    this.#count = last;
    const slot = this.#slots[last]!;
    const due = this.#dues[last]!;
    this.#slots[last] = free;
    if (place === last) return;
    if (place > 0 && this.#precedes(slot, due, (place - 1) >> 2)) this.#rise(place, slot, due);
    else this.#sink(place, slot, due);
  }

  #precedes(slot: number, due: Nanos, place: number): boolean {
    const other = this.#dues[place]!;
    return due < other || (due === other && this.#sequences[slot]! < this.#sequences[this.#slots[place]!]!);
  }

  #rise(from: number, slot: number, due: Nanos): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!this.#precedes(slot, due, parent)) break;
      this.#put(place, this.#slots[parent]!, this.#dues[parent]!);
      place = parent;
    }
    this.#put(place, slot, due);
  }

  #sink(from: number, slot: number, due: Nanos): void {
    const dues = this.#dues;
    const slots = this.#slots;
    const sequences = this.#sequences;
    const count = this.#count;
    let place = from;
    for (let child = 4 * place + 1; child < count; child = 4 * place + 1) {
      let first = child;
      let firstDue = dues[child]!;
      const end = Math.min(child + 4, count);
      for (let other = child + 1; other < end; other += 1) {
        const otherDue = dues[other]!;
        if (otherDue > firstDue || (otherDue === firstDue && sequences[slots[other]!]! > sequences[slots[first]!]!)) continue;
        first = other;
        firstDue = otherDue;
      }
      if (this.#precedes(slot, due, first)) break;
      this.#put(place, slots[first]!, firstDue);
      place = first;
    }
    this.#put(place, slot, due);
  }

  #put(place: number, slot: number, due: Nanos): void {
    this.#slots[place] = slot;
    this.#dues[place] = due;
    this.#places[slot] = place;
  }

  #grow(): void {
    const before = this.#slots.length;
    const capacity = before * 2;
    const dues = new Float64Array(capacity);
    dues.set(this.#dues);
    this.#dues = dues;
    const slots = Int32Array.from({ length: capacity }, (_, slot) => slot);
    slots.set(this.#slots);
    this.#slots = slots;
    const places = new Int32Array(capacity);
    places.set(this.#places);
    this.#places = places;
    const sequences = new Float64Array(capacity).fill(NOBODY);
    sequences.set(this.#sequences);
    this.#sequences = sequences;
    for (let slot = before; slot < capacity; slot += 1) this.#actions.push(nothing);
  }
}
