/**
 * What was written and is not acknowledged yet. The views themselves are kept, not copied: bytes are copied once, into the frame that carries
 * them, and again only for a retransmission. So a batch counts as sent when its last byte is acknowledged, and the memory is the writer's.
 */

interface View {
  readonly bytes: Uint8Array;
  /** Position of its first byte. */
  readonly start: number;
  /** Runs when the view, the last of its batch, is acknowledged. */
  readonly sent: (() => void) | undefined;
}

export class SendQueue {
  /** Position behind the last byte written. */
  end: number;
  #views: View[] = [];
  #first = 0;
  /** Where was read from last: the next read most often goes on there. */
  #near = 0;
  readonly #told: (() => void)[] = [];

  constructor(start: number) {
    this.end = start;
  }

  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    const begun = this.#views.length;
    for (const bytes of views) {
      if (bytes.length === 0) continue;
      this.#views.push({ bytes, start: this.end, sent: undefined });
      this.end += bytes.length;
    }
    if (sent === undefined) return;
    const last = this.#views.length - 1;
    // A batch of nothing counts as sent when what was written before it is.
    if (last < begun) this.#views.push({ bytes: EMPTY, start: this.end, sent });
    else this.#views[last] = { ...this.#views[last]!, sent };
  }

  /** Copies `count` bytes from `position` on to `out`. */
  copy(position: number, count: number, out: Uint8Array, at: number): void {
    let index = this.#locate(position);
    let left = count;
    let from = position;
    let to = at;
    while (left > 0) {
      const { bytes, start } = this.#views[index]!;
      const skip = from - start;
      const part = Math.min(left, bytes.length - skip);
      if (part > 0) {
        out.set(part === bytes.length ? bytes : bytes.subarray(skip, skip + part), to);
        left -= part;
        from += part;
        to += part;
      }
      if (left > 0) index += 1;
    }
    this.#near = index;
  }

  #locate(position: number): number {
    const views = this.#views;
    const near = views[this.#near];
    if (near !== undefined && this.#near >= this.#first && near.start <= position) {
      if (position < near.start + near.bytes.length) return this.#near;
      const next = views[this.#near + 1];
      if (next !== undefined && position < next.start + next.bytes.length) return this.#near + 1;
    }
    let low = this.#first;
    let high = views.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const view = views[middle]!;
      if (view.start + view.bytes.length <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Everything before `position` is acknowledged. Whom to tell is told by `tell`, when it is safe to. */
  release(position: number): void {
    const views = this.#views;
    while (this.#first < views.length) {
      const view = views[this.#first]!;
      if (view.start + view.bytes.length > position) break;
      if (view.sent !== undefined) this.#told.push(view.sent);
      this.#first += 1;
    }
    // The array is cut when half of it is past, so that each view is moved once at most.
    if (this.#first > 32 && this.#first * 2 >= views.length) {
      this.#views = views.slice(this.#first);
      this.#near = Math.max(0, this.#near - this.#first);
      this.#first = 0;
    }
  }

  get hasToTell(): boolean {
    return this.#told.length !== 0;
  }

  /** Runs what waits for batches that are sent by now. */
  tell(): void {
    for (let next = this.#told.shift(); next !== undefined; next = this.#told.shift()) next();
  }

  /** Lets go of everything: the stream is dead. */
  abandon(): void {
    this.release(Number.POSITIVE_INFINITY);
    this.#views = [];
    this.#first = 0;
    this.#near = 0;
  }
}

const EMPTY = new Uint8Array(0);
