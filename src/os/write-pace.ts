/**
 * Decides whether a write goes to the page cache at once, in the event loop's own time (a third of the cost of a thread), or to a thread.
 *
 * The kernel can't be asked for a buffered write that doesn't wait (RWF_NOWAIT is not there for it on ext4). Usually it is a copy; but it waits
 * for the disk when too much is dirty, or for the journal. So each write is timed: after those that waited, writes go to threads for
 * a while, and for longer each time that it happens again.
 *
 * On a busy machine a write also takes long when another process has the processor. The kernel counts the two apart: a thread that waits
 * gives the processor away by itself. Asking for the count costs too much for every write; so the first long write brings
 * suspicion only, and while that lasts the count is compared.
 */

/** A write that took longer has waited for something. */
const LONG_MILLISECONDS = 10;
const SUSPICION_MILLISECONDS = 1000;
const PAUSE_MILLISECONDS_MIN = 100;
const PAUSE_MILLISECONDS_MAX = 10_000;
/** After so long without a stall the next one counts as the first. */
const CALM_MILLISECONDS = 10_000;

export class WritePace {
  readonly #now: () => number;
  readonly #waits: (() => number) | undefined;
  #startedAt = 0;
  /** The thread's waits when the write began; undefined: nobody asked. */
  #waitsBefore: number | undefined;
  #suspiciousUntil = Number.NEGATIVE_INFINITY;
  #pauseMilliseconds = PAUSE_MILLISECONDS_MIN;
  #pausedUntil = Number.NEGATIVE_INFINITY;

  /**
   * `now` gives milliseconds with a fraction; `waits` how often this thread has given the processor away by itself. Without it every long
   * write counts.
   */
  constructor(now: () => number, waits: (() => number) | undefined) {
    this.#now = now;
    this.#waits = waits;
  }

  /** True: write now, and say so with `ended`. */
  begin(): boolean {
    this.#startedAt = this.#now();
    if (this.#startedAt < this.#pausedUntil) return false;
    this.#waitsBefore = this.#startedAt < this.#suspiciousUntil ? this.#waits!() : undefined;
    return true;
  }

  ended(): void {
    const now = this.#now();
    if (now - this.#startedAt < LONG_MILLISECONDS) return;
    if (this.#waits !== undefined) {
      const waited = this.#waitsBefore !== undefined && this.#waits() !== this.#waitsBefore;
      this.#suspiciousUntil = now + SUSPICION_MILLISECONDS;
      if (!waited) return;
    }
    const calm = this.#startedAt - this.#pausedUntil > CALM_MILLISECONDS;
    this.#pauseMilliseconds = calm ? PAUSE_MILLISECONDS_MIN : Math.min(this.#pauseMilliseconds * 2, PAUSE_MILLISECONDS_MAX);
    this.#pausedUntil = now + this.#pauseMilliseconds;
    if (this.#waits !== undefined) this.#suspiciousUntil = this.#pausedUntil + CALM_MILLISECONDS;
  }
}
