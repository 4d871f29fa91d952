/** Ranges of positions that don't touch, in order, at most so many: what has come out of order, what the peer says it holds (RFC 2018). */
export class RangeSet {
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  count = 0;

  constructor(rangesMax: number) {
    this.starts = new Float64Array(rangesMax);
    this.ends = new Float64Array(rangesMax);
  }

  /** The first range that ends at `position` or behind it; `count`: none does. */
  find(position: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.ends[middle]! < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** False: it touches none of them, and there is no room for one more. */
  add(start: number, end: number): boolean {
    const { starts, ends } = this;
    const at = this.find(start);
    if (at === this.count || starts[at]! > end) {
      if (this.count === starts.length) return false;
      starts.copyWithin(at + 1, at, this.count);
      ends.copyWithin(at + 1, at, this.count);
      starts[at] = start;
      ends[at] = end;
      this.count += 1;
      return true;
    }
    let last = at;
    while (last + 1 < this.count && starts[last + 1]! <= end) last += 1;
    starts[at] = Math.min(starts[at]!, start);
    ends[at] = Math.max(ends[last]!, end);
    this.#remove(at + 1, last + 1);
    return true;
  }

  covers(start: number, end: number): boolean {
    const at = this.find(end);
    return at < this.count && this.starts[at]! <= start;
  }

  /** Forgets everything below. */
  dropBelow(position: number): void {
    let keep = 0;
    while (keep < this.count && this.ends[keep]! <= position) keep += 1;
    if (keep !== 0) this.#remove(0, keep);
    if (this.count !== 0 && this.starts[0]! < position) this.starts[0] = position;
  }

  clear(): void {
    this.count = 0;
  }

  #remove(from: number, to: number): void {
    if (from === to) return;
    this.starts.copyWithin(from, to, this.count);
    this.ends.copyWithin(from, to, this.count);
    this.count -= to - from;
  }
}
