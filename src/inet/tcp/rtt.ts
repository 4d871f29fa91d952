/** Round trip time and retransmission timeout (RFC 6298), and the shortest round trip of late (RFC 8985 §6.2). */
import { type Nanos, SECOND } from '../../base/clock.ts';

export interface RttSettings {
  /** RFC 6298 §2.4 says a second; Linux and what it talks to live with 200 ms. */
  readonly timeoutMinNanos: Nanos;
  /** RFC 6298 §2.5: a minute at least. */
  readonly timeoutMaxNanos: Nanos;
}

/** RFC 6298 §2.1. */
const TIMEOUT_INITIAL_NANOS = SECOND;
/** The shortest round trip is looked for anew so often: routes change. */
const SHORTEST_INTERVAL_NANOS = 30 * SECOND;

export class RoundTrip {
  /** 0: there was no sample yet. */
  smoothedNanos: Nanos = 0;
  variationNanos: Nanos = 0;
  latestNanos: Nanos = 0;
  backoff = 0;
  readonly #settings: RttSettings;
  #timeoutNanos: Nanos = TIMEOUT_INITIAL_NANOS;
  #shortest: Nanos = Number.POSITIVE_INFINITY;
  #shortestBefore: Nanos = Number.POSITIVE_INFINITY;
  #intervalEnd: Nanos = 0;

  constructor(settings: RttSettings) {
    this.#settings = settings;
  }

  handleSample(sampleNanos: Nanos, now: Nanos): void {
    const sample = Math.max(1, sampleNanos);
    this.latestNanos = sample;
    if (this.smoothedNanos === 0) {
      this.smoothedNanos = sample;
      this.variationNanos = sample / 2;
    } else {
      this.variationNanos += (Math.abs(this.smoothedNanos - sample) - this.variationNanos) / 4;
      this.smoothedNanos += (sample - this.smoothedNanos) / 8;
    }
    const { timeoutMinNanos, timeoutMaxNanos } = this.#settings;
    // As Linux does: it is the variation that has the minimum, so that a timeout always lies that far behind a round trip.
    const wanted = this.smoothedNanos + Math.max(timeoutMinNanos, 4 * this.variationNanos);
    this.#timeoutNanos = Math.min(timeoutMaxNanos, Math.ceil(wanted));
    this.backoff = 0;
    if (now >= this.#intervalEnd) {
      this.#shortestBefore = this.#shortest;
      this.#shortest = Number.POSITIVE_INFINITY;
      this.#intervalEnd = now + SHORTEST_INTERVAL_NANOS;
    }
    if (sample < this.#shortest) this.#shortest = sample;
  }

  /** With its backoff (RFC 6298 §5.5). */
  get timeoutNanos(): Nanos {
    return Math.min(this.#settings.timeoutMaxNanos, this.#timeoutNanos * 2 ** Math.min(this.backoff, 16));
  }

  get shortestNanos(): Nanos {
    const shortest = Math.min(this.#shortest, this.#shortestBefore);
    return shortest === Number.POSITIVE_INFINITY ? 0 : shortest;
  }

  /** RFC 6298 §5.7: the timer expired while a SYN waited for its answer. */
  handleSynTimeout(): void {
    this.#timeoutNanos = Math.max(this.#timeoutNanos, 3 * SECOND);
    this.backoff = 0;
  }
}
