/**
 * Counts latencies in buckets of equal relative width (as HdrHistogram does): a percentile is right to one part in so many as there are buckets to each
 * doubling, and recording allocates nothing.
 */

/** Buckets for each doubling, unless told: 2^7. */
const STEPS_LOG2 = 7;
/** The longest latency told apart from longer ones: 2^42 ns are 73 minutes. */
const DOUBLINGS = 42;
/** What 32 bits take with a sign. */
const HALF = 2 ** 31;

export class LatencyHistogram {
  readonly #stepsLog2: number;
  readonly #counts: Float64Array;
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = 0;

  /** With 2^7 buckets to each doubling it takes 37 kB, with 2^4 it takes 5 kB. */
  constructor(stepsLog2: number = STEPS_LOG2) {
    this.#stepsLog2 = stepsLog2;
    this.#counts = new Float64Array((DOUBLINGS - stepsLog2 + 1) << stepsLog2);
  }

  /** Of anything below a nanosecond nothing is kept. */
  record(nanos: number): void {
    const value = nanos > 0 ? Math.floor(nanos) : 0;
    this.#counts[bucketOf(value, this.#stepsLog2)]! += 1;
    this.#count += 1;
    this.#sum += value;
    if (value < this.#min) this.#min = value;
    if (value > this.#max) this.#max = value;
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
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
    const last = this.#counts.length - 1;
    let seen = 0;
    for (let bucket = 0; bucket <= last; bucket += 1) {
      seen += this.#counts[bucket]!;
      // What is longer than can be told apart is as long as the longest.
      if (seen >= rank && bucket === last) break;
      if (seen >= rank) return Math.max(this.#min, Math.min(this.#max, lastOf(bucket, this.#stepsLog2)));
    }
    return this.#max;
  }

  /** How many were shorter than each power of two from 2^`first` to 2^`last` nanoseconds. */
  belowPowers(first: number, last: number): number[] {
    const below: number[] = [];
    let seen = 0;
    let bucket = 0;
    for (let power = first; power <= last; power += 1) {
      const end = power <= this.#stepsLog2 ? 2 ** power : (power - this.#stepsLog2 + 1) << this.#stepsLog2;
      for (; bucket < end; bucket += 1) seen += this.#counts[bucket] ?? 0;
      below.push(seen);
    }
    return below;
  }

  /** Adds to `to` what was recorded here since `before`, which then is as far as this one. All three have equally many buckets. */
  addSince(before: LatencyHistogram, to: LatencyHistogram): void {
    if (this.#count === before.#count) return;
    for (let bucket = 0; bucket < this.#counts.length; bucket += 1) {
      const count = this.#counts[bucket]!;
      const more = count - before.#counts[bucket]!;
      if (more === 0) continue;
      before.#counts[bucket] = count;
      to.#counts[bucket]! += more;
      // The shortest and the longest of them are known to their buckets.
      to.#min = Math.min(to.#min, Math.max(this.#min, firstOf(bucket, this.#stepsLog2)));
      to.#max = Math.max(to.#max, Math.min(this.#max, lastOf(bucket, this.#stepsLog2)));
    }
    to.#count += this.#count - before.#count;
    to.#sum += this.#sum - before.#sum;
    before.#count = this.#count;
    before.#sum = this.#sum;
  }

  /** Adds what another with equally many buckets has. */
  add(other: LatencyHistogram): void {
    for (let bucket = 0; bucket < this.#counts.length; bucket += 1) this.#counts[bucket]! += other.#counts[bucket]!;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
  }

  clear(): void {
    this.#counts.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = 0;
  }
}

/** Below 2^`stepsLog2` each value has a bucket; from there on each doubling has as many. */
function bucketOf(value: number, stepsLog2: number): number {
  if (value < HALF) {
    if (value < 1 << stepsLog2) return value;
    const shift = 31 - Math.clz32(value) - stepsLog2;
    return (shift << stepsLog2) + (value >>> shift);
  }
  const doubling = Math.min(DOUBLINGS - 1, 62 - Math.clz32(Math.min(value / HALF, HALF)));
  const shift = doubling - stepsLog2;
  return (shift << stepsLog2) + Math.min((2 << stepsLog2) - 1, Math.floor(value / 2 ** shift));
}

/** The largest value of a bucket. */
const lastOf = (bucket: number, stepsLog2: number): number => firstOf(bucket + 1, stepsLog2) - 1;

function firstOf(bucket: number, stepsLog2: number): number {
  const steps = 1 << stepsLog2;
  if (bucket < steps) return bucket;
  const shift = (bucket >>> stepsLog2) - 1;
  return (steps + (bucket % steps)) * 2 ** shift;
}
