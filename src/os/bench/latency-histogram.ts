/**
 * Counts latencies in buckets of equal relative width (as HdrHistogram does): a percentile is right to one part in 128, and recording allocates
 * nothing.
 */

/** Buckets for each doubling: 2^7. */
const STEPS_LOG2 = 7;
const STEPS = 1 << STEPS_LOG2;
/** The longest latency told apart from longer ones: 2^42 ns are 73 minutes. */
const DOUBLINGS = 42;
const BUCKETS = (DOUBLINGS - STEPS_LOG2 + 1) * STEPS;

export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** Of anything below a nanosecond nothing is kept. */
  record(nanos: number): void {
    const value = nanos > 0 ? Math.floor(nanos) : 0;
    this.#counts[bucketOf(value)]! += 1;
    this.#count += 1;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  get count(): number {
    return this.#count;
  }

  /** All four are 0 as long as nothing is recorded. */
  get min(): number {
    return this.#count === 0 ? 0 : this.#min;
  }

  get max(): number {
    return this.#max;
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Nanoseconds within which so many of a hundred were; never more than the longest. */
  percentile(percent: number): number {
    if (this.#count === 0) return 0;
    const rank = Math.max(1, Math.ceil((percent / 100) * this.#count));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
      seen += this.#counts[bucket]!;
      // What is longer than can be told apart is as long as the longest.
      if (seen >= rank && bucket === BUCKETS - 1) break;
      if (seen >= rank) return Math.max(this.#min, Math.min(this.#max, lastOf(bucket)));
    }
    return this.#max;
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
  }
}

/** Below 2^7 each value has a bucket; from there on each doubling has 2^7. */
function bucketOf(value: number): number {
  if (value < STEPS) return value;
  const doubling = Math.min(DOUBLINGS - 1, Math.floor(Math.log2(value)));
  const width = 2 ** (doubling - STEPS_LOG2);
  const step = Math.min(STEPS - 1, Math.floor(value / width) - STEPS);
  return (doubling - STEPS_LOG2 + 1) * STEPS + step;
}

/** The largest value of a bucket. */
function lastOf(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const doubling = Math.floor(bucket / STEPS) + STEPS_LOG2 - 1;
  const width = 2 ** (doubling - STEPS_LOG2);
  return (STEPS + (bucket % STEPS) + 1) * width - 1;
}
