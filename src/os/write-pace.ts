/**
 * Decides whether a write goes to the page cache at once, in the event loop's own time (a third of the cost of a thread), or to a thread.
 *
 * The kernel can't be asked for a buffered write that doesn't wait (RWF_NOWAIT is not there for it on ext4). Usually it is a copy; but it waits
 * for the disk when too much is dirty, or for the journal. So each write is timed: after one that took long, writes go to threads for
 * a while, and for longer each time that it happens again.
 */

/** A write that took longer has waited for something. */
const STALL_MILLISECONDS = 10;
const PAUSE_MILLISECONDS_MIN = 100;
const PAUSE_MILLISECONDS_MAX = 10_000;
/** After so long without a stall the next one counts as the first. */
const CALM_MILLISECONDS = 10_000;

export class WritePace {
  readonly #now: () => number;
  #startedAt = 0;
  #pauseMilliseconds = PAUSE_MILLISECONDS_MIN;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  /** `now` gives milliseconds with a fraction. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** True: write now, and say so with `ended`. */
  begin(): boolean {
    this.#startedAt = this.#now();
    return this.#startedAt >= this.#pausedUntil;
  }

  ended(): void {
    const now = this.#now();
    if (now - this.#startedAt < STALL_MILLISECONDS) return;
    const calm = this.#startedAt - this.#pausedUntil > CALM_MILLISECONDS;
    this.#pauseMilliseconds = calm ? PAUSE_MILLISECONDS_MIN : Math.min(this.#pauseMilliseconds * 2, PAUSE_MILLISECONDS_MAX);
    this.#pausedUntil = now + this.#pauseMilliseconds;
  }
}
