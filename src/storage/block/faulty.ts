/**
 * A store that misbehaves: fails reads, writes and flushes, runs out of space, takes its time, and completes in another order than
 * it was asked in. What it does comes from a seed or a script, and its time from a clock, so that a run can be replayed.
 */
import type { Clock, Nanos } from '../../base/clock.ts';
import { below, chance, type Rng } from '../../base/rng.ts';
import type { AllocationDone, BackingStore, ReadDone, StoreDone, StoreError, StoreFault, WriteOptions } from './backing-store.ts';

/** A call to the store, for a script to judge. */
export interface StoreCall {
  readonly operation: 'read' | 'write' | 'flush' | 'unmap' | 'allocation';
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  /** How many calls came before it. */
  readonly index: number;
}

export interface FaultyOptions {
  /** Makes calls complete later, and out of order. */
  readonly clock: Clock;
  readonly rng: Rng;
  /** How long a call takes: anything from the first to the second, evenly. Default: no time, but still not at once. */
  readonly delayNanos?: readonly [Nanos, Nanos];
  /** How many of the calls fail, from 0 to 1, by what fails. `no-space` is for writes. */
  readonly rates?: Partial<Readonly<Record<StoreFault, number>>>;
  /** A script: what this call fails with, or undefined. Asked before the rates are. */
  readonly script?: (call: StoreCall) => StoreFault | undefined;
}

/** What can be wrong with each operation. */
const FAULTS = {
  read: ['read'],
  write: ['no-space', 'write'],
  flush: ['flush'],
  unmap: ['write'],
  allocation: ['read'],
} as const satisfies Record<StoreCall['operation'], readonly StoreFault[]>;

export class FaultyStore implements BackingStore {
  readonly kind = 'faulty';
  readonly sizeBytes: number;
  readonly writeBack: boolean;
  readonly completesAtOnce = false;
  readonly unmapGranularityBytes: number;
  readonly #inner: BackingStore;
  readonly #options: FaultyOptions;
  #calls = 0;
  #pending = 0;

  constructor(inner: BackingStore, options: FaultyOptions) {
    this.sizeBytes = inner.sizeBytes;
    this.writeBack = inner.writeBack;
    this.unmapGranularityBytes = inner.unmapGranularityBytes;
    this.#inner = inner;
    this.#options = options;
  }

  /** Calls that did not complete yet. */
  get pending(): number {
    return this.#pending;
  }

  read(offsetBytes: number, lengthBytes: number, done: ReadDone): void {
    this.#later('read', offsetBytes, lengthBytes, (error) => {
      if (error === undefined) this.#inner.read(offsetBytes, lengthBytes, done);
      else done(error, undefined);
    });
  }

  write(offsetBytes: number, data: readonly Uint8Array[], options: WriteOptions, done: StoreDone): void {
    const kept = options.stable ? data : data.map((view) => view.slice());
    const length = kept.reduce((sum, view) => sum + view.length, 0);
    this.#later('write', offsetBytes, length, (error) => {
      if (error === undefined) this.#inner.write(offsetBytes, kept, { ...options, stable: true }, done);
      else done(error);
    });
  }

  flush(done: StoreDone): void {
    this.#later('flush', 0, 0, (error) => {
      if (error === undefined) this.#inner.flush(done);
      else done(error);
    });
  }

  unmap(offsetBytes: number, lengthBytes: number, done: StoreDone): void {
    this.#later('unmap', offsetBytes, lengthBytes, (error) => {
      if (error === undefined) this.#inner.unmap(offsetBytes, lengthBytes, done);
      else done(error);
    });
  }

  allocation(offsetBytes: number, lengthBytes: number, runsMax: number, done: AllocationDone): void {
    this.#later('allocation', offsetBytes, lengthBytes, (error) => {
      if (error === undefined) this.#inner.allocation(offsetBytes, lengthBytes, runsMax, done);
      else done(error, undefined);
    });
  }

  close(done: StoreDone): void {
    this.#inner.close(done);
  }

  /** What happens to a call is decided when it is made; it touches the store below only when its time has come. */
  #later(operation: StoreCall['operation'], offsetBytes: number, lengthBytes: number, run: (error: StoreError | undefined) => void): void {
    const { clock, rng, delayNanos } = this.#options;
    const fault = this.#fault({ operation, offsetBytes, lengthBytes, index: this.#calls });
    this.#calls += 1;
    this.#pending += 1;
    const [least, most] = delayNanos ?? [0, 0];
    const error = fault === undefined ? undefined : { fault, message: `injected: ${operation} fails (${fault})`, offsetBytes };
    clock.after(least + below(rng, most - least + 1), () => {
      this.#pending -= 1;
      run(error);
    });
  }

  #fault(call: StoreCall): StoreFault | undefined {
    const scripted = this.#options.script?.(call);
    if (scripted !== undefined) return scripted;
    const { rates, rng } = this.#options;
    return rates === undefined ? undefined : FAULTS[call.operation].find((fault) => chance(rng, rates[fault] ?? 0));
  }
}
