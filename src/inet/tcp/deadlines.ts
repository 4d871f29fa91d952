/**
 * All the times a connection waits for, with one timer between them. A deadline that moves back, as most do with every segment, moves a number:
 * the timer that is set runs, finds nothing due, and is set again.
 */
import type { Clock, Nanos, Timer } from '../../base/clock.ts';

export const RETRANSMISSION = 0;
/** Tail loss probe (RFC 8985 §7). */
export const TAIL_PROBE = 1;
/** Segments that may be reordered count as lost (RFC 8985 §6.2). */
export const REORDERING = 2;
/** Zero-window probe. */
export const PERSIST = 3;
export const DELAYED_ACK = 4;
export const KEEP_ALIVE = 5;
/** A peer that does not end its half. */
export const LINGER = 6;
const KINDS = 7;

export type Deadline = 0 | 1 | 2 | 3 | 4 | 5 | 6;

const NEVER = Number.POSITIVE_INFINITY;

export class Deadlines {
  readonly #clock: Clock;
  readonly #handle: (kind: Deadline) => void;
  readonly #dues = new Float64Array(KINDS).fill(NEVER);
  readonly #run: () => void;
  #timer: Timer | undefined;
  #timerAt: Nanos = NEVER;

  constructor(clock: Clock, handle: (kind: Deadline) => void) {
    this.#clock = clock;
    this.#handle = handle;
    this.#run = () => this.#expire();
  }

  isSet(kind: Deadline): boolean {
    return this.#dues[kind] !== NEVER;
  }

  due(kind: Deadline): Nanos {
    return this.#dues[kind]!;
  }

  set(kind: Deadline, delayNanos: Nanos): void {
    const now = this.#clock.now();
    const due = Math.ceil(now + Math.max(0, delayNanos));
    this.#dues[kind] = due;
    if (due < this.#timerAt) this.#arm(due, now);
  }

  clear(kind: Deadline): void {
    this.#dues[kind] = NEVER;
  }

  clearAll(): void {
    this.#dues.fill(NEVER);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = NEVER;
  }

  #arm(due: Nanos, now: Nanos): void {
    this.#timer?.cancel();
    this.#timerAt = due;
    this.#timer = this.#clock.after(Math.max(0, due - now), this.#run);
  }

  #expire(): void {
    this.#timer = undefined;
    this.#timerAt = NEVER;
    const now = this.#clock.now();
    for (let kind = 0; kind < KINDS; kind += 1) {
      if (this.#dues[kind]! > now) continue;
      this.#dues[kind] = NEVER;
      this.#handle(kind as Deadline);
    }
    let next = NEVER;
    for (let kind = 0; kind < KINDS; kind += 1) next = Math.min(next, this.#dues[kind]!);
    if (next < this.#timerAt) this.#arm(next, now);
  }
}
