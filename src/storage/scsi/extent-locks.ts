/**
 * Keeps overlapping accesses of a store that completes later from interleaving: writers exclude everybody in their range,
 * readers exclude writers. First come, first served, so that every outcome has a serial order and nobody starves.
 */
interface Extent {
  readonly start: number;
  readonly end: number;
  readonly exclusive: boolean;
  run: (() => void) | undefined;
}

/** What `acquire` gives to the action; call it once when the access is over. */
export type ReleaseExtent = () => void;

export class ExtentLocks {
  readonly #held = new Set<Extent>();
  #queue: Extent[] = [];

  acquire(start: number, length: number, exclusive: boolean, action: (release: ReleaseExtent) => void): void {
    const extent: Extent = { start, end: start + length, exclusive, run: undefined };
    const release = (): void => {
      if (this.#held.delete(extent) && this.#queue.length !== 0) this.#wake();
    };
    extent.run = () => action(release);
    if (this.#conflicts(extent, this.#held) || this.#conflicts(extent, this.#queue)) {
      this.#queue.push(extent);
    } else {
      this.#held.add(extent);
      extent.run();
    }
  }

  #conflicts(extent: Extent, others: Iterable<Extent>): boolean {
    for (const other of others) {
      if (other === extent) return false; // only what came before it counts
      if (other.start < extent.end && extent.start < other.end && (other.exclusive || extent.exclusive)) return true;
    }
    return false;
  }

  #wake(): void {
    const ready = this.#queue.filter((extent) => !this.#conflicts(extent, this.#held) && !this.#conflicts(extent, this.#queue));
    this.#queue = this.#queue.filter((extent) => !ready.includes(extent));
    // All are held before the first runs: what it does may acquire and release in turn.
    for (const extent of ready) this.#held.add(extent);
    for (const extent of ready) extent.run!();
  }
}
