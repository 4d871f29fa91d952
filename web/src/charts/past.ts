/** The last ten minutes of some series, one place for each sample: where there was none, there is a gap. */

export const PAST_SAMPLES = 600;

export interface Answered {
  readonly series: string;
  /** Of the latest value. */
  readonly sequence: number;
  readonly values: readonly number[];
}

/** Ready to be drawn: times in seconds, and a column for each series. */
export interface Drawn {
  readonly times: readonly number[];
  readonly columns: readonly (readonly (number | null)[])[];
}

export class Past {
  readonly #series: readonly string[];
  readonly #rings: readonly Float64Array[];
  #last = 0;
  #milliseconds = 0;

  constructor(series: readonly string[]) {
    this.#series = series;
    this.#rings = series.map(() => new Float64Array(PAST_SAMPLES).fill(Number.NaN));
  }

  get last(): number {
    return this.#last;
  }

  /** Of all series at once. False: samples are missing before it. */
  append(sequence: number, milliseconds: number, values: readonly number[]): boolean {
    // Samples count from one again: it is another run.
    if (sequence < this.#last) this.#clear();
    const isFirst = this.#last === 0;
    const missing = Math.min(PAST_SAMPLES, sequence - this.#last - 1);
    for (let at = sequence - missing; at < sequence; at += 1) for (const ring of this.#rings) ring[at % PAST_SAMPLES] = Number.NaN;
    for (const [index, ring] of this.#rings.entries()) ring[sequence % PAST_SAMPLES] = values[index]!;
    this.#last = sequence;
    this.#milliseconds = milliseconds;
    return isFirst || missing === 0;
  }

  /** What the fabric has kept; what it has not stays as it is. */
  fill(answers: readonly Answered[], milliseconds: number): void {
    const latest = Math.max(0, ...answers.map(({ sequence }) => sequence));
    if (latest > this.#last) {
      this.append(
        latest,
        milliseconds,
        this.#rings.map(() => Number.NaN),
      );
    }
    for (const { series, sequence, values } of answers) {
      const ring = this.#rings[this.#series.indexOf(series)];
      if (ring === undefined) continue;
      for (let back = 0; back < values.length; back += 1) {
        const at = sequence - back;
        if (at > this.#last - PAST_SAMPLES && at > 0) ring[at % PAST_SAMPLES] = values[values.length - 1 - back]!;
      }
    }
  }

  drawn(): Drawn {
    const times = Array.from({ length: PAST_SAMPLES }, (_, index) => this.#milliseconds / 1000 - (PAST_SAMPLES - 1 - index));
    const columns = this.#rings.map((ring) =>
      times.map((_, index) => {
        const sequence = this.#last - (PAST_SAMPLES - 1 - index);
        const value = sequence <= 0 ? Number.NaN : ring[sequence % PAST_SAMPLES]!;
        return Number.isNaN(value) ? null : value;
      }),
    );
    return { times, columns };
  }

  #clear(): void {
    this.#last = 0;
    for (const ring of this.#rings) ring.fill(Number.NaN);
  }
}

export interface Summary {
  readonly latest: number | undefined;
  readonly least: number | undefined;
  readonly most: number | undefined;
}

export function summaryOf(column: readonly (number | null)[]): Summary {
  let [least, most] = [Infinity, -Infinity];
  for (const value of column) {
    if (value === null) continue;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const known = least !== Infinity;
  return { latest: column.at(-1) ?? undefined, least: known ? least : undefined, most: known ? most : undefined };
}
