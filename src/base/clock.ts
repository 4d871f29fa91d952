/** Time, handed in. Nothing below the operating system's floor reads a clock or starts a timer by itself. */

/** Nanoseconds since an origin the clock chooses; a whole number, exact for 104 days. */
export type Nanos = number;

export const MICROSECOND: Nanos = 1_000;
export const MILLISECOND: Nanos = 1_000_000;
export const SECOND: Nanos = 1_000_000_000;

/** A one-shot timer that can be called off; calling it off twice, or after it ran, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  now(): Nanos;
  /** Runs `action` once, `delayNanos` from now. Equal times run in the order they were asked for. */
  after(delayNanos: Nanos, action: () => void): Timer;
}
