/** Which numbers of a sequence are missing (RFC 7143 §4.2.2.2-4): what came before its turn, and the runs in between that a SNACK asks for. */
import { serialAdd, serialDistance, serialLess } from '../../../../base/serial.ts';

/** A run of missing numbers: BegRun and RunLength of a SNACK (RFC 7143 §11.16.5-6). */
export type Run = readonly [begin: number, length: number];

/** What came early, by number; everything from the number that is due to the last one known of is either here or missing. */
export class EarlyArrivals<Value> {
  readonly #early = new Map<number, Value>();
  /** One past the highest number that is known to exist. */
  #end: number;

  constructor(due: number) {
    this.#end = due;
  }

  get size(): number {
    return this.#early.size;
  }

  /** One past the highest number that is known to exist. */
  get end(): number {
    return this.#end;
  }

  has(number: number): boolean {
    return this.#early.has(number);
  }

  get(number: number): Value | undefined {
    return this.#early.get(number);
  }

  put(number: number, value: Value): void {
    this.#early.set(number, value);
  }

  take(number: number): Value | undefined {
    const value = this.#early.get(number);
    this.#early.delete(number);
    return value;
  }

  /** `number` has come, or is known to be lost: the run before it that was not known to be missing. */
  arrive(due: number, number: number): Run | undefined {
    const run = this.tell(due, number);
    this.tell(due, serialAdd(number, 1));
    return run;
  }

  /** Everything before `end` exists: the run of it that was not known of. */
  tell(due: number, end: number): Run | undefined {
    const begin = serialLess(this.#end, due) ? due : this.#end;
    if (!serialLess(begin, end)) return undefined;
    this.#end = end;
    return [begin, serialDistance(begin, end)];
  }

  /** All that is missing from `due` on, the first `most` runs of it. */
  missing(due: number, most: number): Run[] {
    const runs: Run[] = [];
    let length = 0;
    for (let number = due; runs.length < most; number = serialAdd(number, 1)) {
      const over = !serialLess(number, this.#end);
      if (!over && !this.#early.has(number)) {
        length += 1;
        continue;
      }
      if (length !== 0) runs.push([serialAdd(number, -length), length]);
      length = 0;
      if (over) break;
    }
    return runs;
  }

  isMissing(due: number, number: number): boolean {
    return !serialLess(number, due) && serialLess(number, this.#end) && !this.#early.has(number);
  }

  clear(due: number): void {
    this.#early.clear();
    this.#end = due;
  }
}
