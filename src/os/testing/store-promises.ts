/** A backing store with promises, for tests above the event loop. */
import { concat } from '../../base/bytes.ts';
import type { AllocationRun, BackingStore, StoreError } from '../../storage/block/backing-store.ts';

const settled = (start: (done: (error: StoreError | undefined) => void) => void): Promise<StoreError | undefined> => new Promise(start);

/** Each gives the error, if there was one. */
export const writeStore = (
  store: BackingStore,
  offset: number,
  data: readonly Uint8Array[],
  options = { fua: false, stable: true },
): Promise<StoreError | undefined> => settled((done) => store.write(offset, data, options, done));

export const flushStore = (store: BackingStore): Promise<StoreError | undefined> => settled((done) => store.flush(done));
export const closeStore = (store: BackingStore): Promise<StoreError | undefined> => settled((done) => store.close(done));
export const unmapStore = (store: BackingStore, offset: number, length: number): Promise<StoreError | undefined> =>
  settled((done) => store.unmap(offset, length, done));

/** A copy of what was read. */
export const readStore = (store: BackingStore, offset: number, length: number): Promise<Uint8Array | StoreError> =>
  new Promise((resolve) => store.read(offset, length, (error, data) => resolve(error ?? concat(data!.views).slice())));

export const allocationOf = (
  store: BackingStore,
  offset: number,
  length: number,
  runsMax = 100,
): Promise<readonly AllocationRun[] | StoreError> =>
  new Promise((resolve) => store.allocation(offset, length, runsMax, (error, runs) => resolve(error ?? runs!)));
