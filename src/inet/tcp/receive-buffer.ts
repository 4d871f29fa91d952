/**
 * Bytes that came and that nobody has taken yet: those out of order, and those whose reader pauses. A ring over positions; there is none while
 * everything is read as it comes, and all of them share a budget.
 */
export interface MemoryBudget {
  usedBytes: number;
  readonly maxBytes: number;
}

const RING_MIN_BYTES = 16 * 1024;

export class ReceiveBuffer {
  readonly #budget: MemoryBudget;
  #ring = new Uint8Array(0);

  constructor(budget: MemoryBudget) {
    this.#budget = budget;
  }

  /** Keeps `count` bytes for `position`; `first` is the lowest position still wanted. False: there is no memory. */
  store(first: number, position: number, frame: Uint8Array, at: number, count: number): boolean {
    if (position + count - first > this.#ring.length && !this.#grow(first, position + count - first)) return false;
    const ring = this.#ring;
    const place = position % ring.length;
    const head = Math.min(count, ring.length - place);
    ring.set(frame.subarray(at, at + head), place);
    if (head < count) ring.set(frame.subarray(at + head, at + count), 0);
    return true;
  }

  /** Copies up to `count` bytes from `position` on to the start of `target`; how many. */
  copy(position: number, count: number, target: Uint8Array): number {
    const place = position % this.#ring.length;
    const bytes = Math.min(count, target.length, this.#ring.length - place);
    target.set(this.#ring.subarray(place, place + bytes));
    return bytes;
  }

  free(): void {
    if (this.#ring.length === 0) return;
    this.#budget.usedBytes -= this.#ring.length;
    this.#ring = new Uint8Array(0);
  }

  #grow(first: number, wanted: number): boolean {
    let bytes = Math.max(RING_MIN_BYTES, this.#ring.length);
    while (bytes < wanted) bytes *= 2;
    if (this.#budget.usedBytes + bytes - this.#ring.length > this.#budget.maxBytes) return false;
    this.#budget.usedBytes += bytes - this.#ring.length;
    const before = this.#ring;
    const ring = new Uint8Array(bytes);
    for (let position = first; position < first + before.length; ) {
      const from = position % before.length;
      const to = position % bytes;
      const count = Math.min(first + before.length - position, before.length - from, bytes - to);
      ring.set(before.subarray(from, from + count), to);
      position += count;
    }
    this.#ring = ring;
    return true;
  }
}
