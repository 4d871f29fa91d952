/** A backing store for tests: one array, everything observable, and completion at once or when the test says so. */
import type {
  AllocationDone,
  AllocationRun,
  BackingStore,
  ReadDone,
  StoreDone,
  StoreError,
  WriteOptions,
} from '../../block/backing-store.ts';

export interface ArrayStoreOptions {
  readonly thin?: boolean;
  readonly writeBack?: boolean;
  /** True: nothing completes before `completeNext` or `completeAll` is called. */
  readonly deferred?: boolean;
}

const THIN_UNIT_BYTES = 4096;

export class ArrayStore implements BackingStore {
  readonly kind = 'array';
  readonly sizeBytes: number;
  readonly writeBack: boolean;
  readonly completesAtOnce: boolean;
  readonly unmapGranularityBytes: number;
  readonly bytes: Uint8Array;
  /** Calls so far, for tests that ask whether something was flushed or forced. */
  readonly calls = { reads: 0, writes: 0, forcedWrites: 0, flushes: 0, unmaps: 0 };
  /** Set by a test: the next call fails with it. */
  failNext: StoreError | undefined = undefined;
  readonly #mapped: Uint8Array;
  readonly #pending: (() => void)[] = [];

  constructor(sizeBytes: number, options: ArrayStoreOptions = {}) {
    this.sizeBytes = sizeBytes;
    this.bytes = new Uint8Array(sizeBytes);
    this.writeBack = options.writeBack ?? false;
    this.completesAtOnce = !(options.deferred ?? false);
    this.unmapGranularityBytes = options.thin ? THIN_UNIT_BYTES : 0;
    this.#mapped = new Uint8Array(Math.ceil(sizeBytes / THIN_UNIT_BYTES)).fill(options.thin ? 0 : 1);
  }

  get pending(): number {
    return this.#pending.length;
  }

  /** Completes the oldest call of a deferred store. */
  completeNext(): void {
    this.#pending.shift()?.();
  }

  completeAll(): void {
    while (this.#pending.length !== 0) this.completeNext();
  }

  read(offsetBytes: number, lengthBytes: number, done: ReadDone): void {
    this.calls.reads += 1;
    this.#run((error) => {
      if (error !== undefined) return done(error, undefined);
      const view = this.bytes.subarray(offsetBytes, offsetBytes + lengthBytes);
      done(undefined, { views: [view], hold: () => () => {} });
    });
  }

  write(offsetBytes: number, data: readonly Uint8Array[], options: WriteOptions, done: StoreDone): void {
    this.calls.writes += 1;
    if (options.fua) this.calls.forcedWrites += 1;
    const kept = options.stable ? data : data.map((view) => view.slice());
    this.#run((error) => {
      if (error !== undefined) return done(error);
      let at = offsetBytes;
      for (const view of kept) {
        this.bytes.set(view, at);
        at += view.length;
      }
      if (at > offsetBytes) this.#mapped.fill(1, Math.floor(offsetBytes / THIN_UNIT_BYTES), Math.ceil(at / THIN_UNIT_BYTES));
      done(undefined);
    });
  }

  flush(done: StoreDone): void {
    this.calls.flushes += 1;
    this.#run(done);
  }

  unmap(offsetBytes: number, lengthBytes: number, done: StoreDone): void {
    this.calls.unmaps += 1;
    this.#run((error) => {
      if (error !== undefined) return done(error);
      const end = offsetBytes + lengthBytes;
      this.bytes.fill(0, offsetBytes, end);
      const first = Math.ceil(offsetBytes / THIN_UNIT_BYTES);
      const last = Math.floor(end / THIN_UNIT_BYTES);
      if (this.unmapGranularityBytes !== 0 && last > first) this.#mapped.fill(0, first, last);
      done(undefined);
    });
  }

  allocation(offsetBytes: number, lengthBytes: number, runsMax: number, done: AllocationDone): void {
    this.#run((error) => {
      if (error !== undefined) return done(error, undefined);
      const runs: AllocationRun[] = [];
      const end = offsetBytes + lengthBytes;
      for (let at = offsetBytes; at < end; ) {
        const mapped = this.#mapped[Math.floor(at / THIN_UNIT_BYTES)] === 1;
        const next = Math.min(end, (Math.floor(at / THIN_UNIT_BYTES) + 1) * THIN_UNIT_BYTES);
        const previous = runs.at(-1);
        if (previous?.mapped === mapped) runs[runs.length - 1] = { lengthBytes: previous.lengthBytes + next - at, mapped };
        else if (runs.length === runsMax) break;
        else runs.push({ lengthBytes: next - at, mapped });
        at = next;
      }
      done(undefined, runs);
    });
  }

  close(done: StoreDone): void {
    this.flush(done);
  }

  #run(action: (error: StoreError | undefined) => void): void {
    const error = this.failNext;
    this.failNext = undefined;
    if (this.completesAtOnce) action(error);
    else this.#pending.push(() => action(error));
  }
}
