/**
 * What keeps the bytes of a logical unit. Offsets and lengths are bytes; the caller has checked that they lie inside
 * `sizeBytes`. Everything completes by callback, at once or later, exactly once: promises would escape virtual time.
 */

export type StoreFault = 'read' | 'write' | 'flush' | 'no-space';

/** What a store could not do. `message` is for people; `fault` decides the sense data. */
export interface StoreError {
  readonly fault: StoreFault;
  readonly message: string;
  /** Byte offset of the first byte that failed, where known. */
  readonly offsetBytes?: number;
}

export type StoreDone = (error: StoreError | undefined) => void;

/**
 * Bytes read. `views` may show the store's own memory: they are good until the callback returns, or, after `hold()`,
 * unchanged until the function it gives back is called. The lengths of the views add up to the length asked for.
 */
export interface ReadData {
  readonly views: readonly Uint8Array[];
  hold(): () => void;
}

export type ReadDone = (error: StoreError | undefined, data: ReadData | undefined) => void;

export interface WriteOptions {
  /** Force unit access: the bytes are durable before `done` runs. */
  readonly fua: boolean;
  /** True: `data` stays unchanged until `done`. False: the store takes what it needs before `write` returns. */
  readonly stable: boolean;
}

/** A run of bytes with one provisioning state (SBC-4 §4.7). */
export interface AllocationRun {
  readonly lengthBytes: number;
  readonly mapped: boolean;
}

export type AllocationDone = (error: StoreError | undefined, runs: readonly AllocationRun[] | undefined) => void;

export interface BackingStore {
  readonly kind: string;
  readonly sizeBytes: number;
  /** True: a write may be acknowledged before it is durable, and `flush` makes it so. False: there is nothing to flush. */
  readonly writeBack: boolean;
  /** True: every call completes before it returns, so that accesses can't interleave. */
  readonly completesAtOnce: boolean;
  /** Thin: the bytes that `unmap` gives back in whole units of this size, read as zeros. 0: the store is thick. */
  readonly unmapGranularityBytes: number;
  read(offsetBytes: number, lengthBytes: number, done: ReadDone): void;
  write(offsetBytes: number, data: readonly Uint8Array[], options: WriteOptions, done: StoreDone): void;
  /** Everything written and completed before this call is durable when `done` runs without an error. */
  flush(done: StoreDone): void;
  /** Deallocates. Afterwards the range reads as zeros, also where a store could not give the space back. */
  unmap(offsetBytes: number, lengthBytes: number, done: StoreDone): void;
  /** Provisioning of the range from `offsetBytes`, adjacent runs different; at most `runsMax` of them. */
  allocation(offsetBytes: number, lengthBytes: number, runsMax: number, done: AllocationDone): void;
  /**
   * Optional fast path: takes `bytes` itself as the content at `offsetBytes` and gives back a buffer of the same length that
   * the caller now owns. Undefined: it can't here (alignment, length); write it instead. Only stores that complete at once and have
   * nothing to flush offer it.
   */
  adopt?(offsetBytes: number, bytes: Uint8Array): Uint8Array | undefined;
  /** Flushes and lets go of what it holds. */
  close(done: StoreDone): void;
}
