/** Memory for data-out on its way in: whole chunks of one size from a bounded pool, so that no peer makes us allocate without limit. */
import { assert } from '../../base/assert.ts';
import type { DataOut } from '../scsi/command.ts';

/** The unit in which data-out is gathered; a memory store of the same chunk size adopts these buffers instead of copying them. */
export const STAGING_CHUNK_BYTES = 64 * 1024;

const SPARE_CHUNKS_MAX = 512;

interface Waiter {
  readonly chunks: number;
  readonly granted: () => void;
}

export class StagingPool {
  readonly limitChunks: number;
  readonly #spare: Uint8Array[] = [];
  #waiting: Waiter[] = [];
  #reserved = 0;
  /** What of it was granted by `reserve`. */
  #granted = 0;

  constructor(limitBytes: number) {
    this.limitChunks = Math.floor(limitBytes / STAGING_CHUNK_BYTES);
  }

  get reservedBytes(): number {
    return this.#reserved * STAGING_CHUNK_BYTES;
  }

  /**
   * Sets chunks aside, at once or when others have been given back, first come, first served; then runs `granted`. The function
   * returned calls off a reservation that still waits.
   */
  reserve(chunks: number, granted: () => void): (() => void) | undefined {
    assert(chunks <= this.limitChunks, 'a transfer fits the staging pool');
    if (this.#waiting.length === 0 && this.#hasRoomFor(chunks)) {
      this.#grant(chunks);
      granted();
      return undefined;
    }
    const waiter = { chunks, granted };
    this.#waiting.push(waiter);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
    };
  }

  /** For data that comes unasked and is bounded by the command window and FirstBurstLength: counts beyond the limit if it must. */
  reserveUnasked(chunks: number): void {
    this.#reserved += chunks;
  }

  /** Gives chunks back; `grantedChunks` of them came by `reserve`, the others unasked. */
  release(chunks: number, grantedChunks: number): void {
    this.#reserved -= chunks;
    this.#granted -= grantedChunks;
    while (this.#waiting.length !== 0 && this.#hasRoomFor(this.#waiting[0]!.chunks)) {
      const next = this.#waiting.shift()!;
      this.#grant(next.chunks);
      next.granted();
    }
  }

  /** What came unasked may fill the pool by itself, and is given back only when its commands get the rest: one of them always does. */
  #hasRoomFor(chunks: number): boolean {
    return this.#reserved + chunks <= this.limitChunks || this.#granted === 0;
  }

  #grant(chunks: number): void {
    this.#reserved += chunks;
    this.#granted += chunks;
  }

  take(): Uint8Array {
    return this.#spare.pop() ?? new Uint8Array(STAGING_CHUNK_BYTES);
  }

  recycle(chunk: Uint8Array): void {
    if (chunk.length === STAGING_CHUNK_BYTES && this.#spare.length < SPARE_CHUNKS_MAX) this.#spare.push(chunk);
  }
}

/** The data-out of one command, gathered by buffer offset. */
export class Staging {
  readonly #pool: StagingPool;
  readonly #chunks: (Uint8Array | undefined)[] = [];
  #reservedChunks: number;
  #grantedChunks = 0;
  #data: DataOut | undefined;

  /** `unaskedChunks` have been set aside for it already. */
  constructor(pool: StagingPool, unaskedChunks: number) {
    this.#pool = pool;
    this.#reservedChunks = unaskedChunks;
  }

  static chunksFor(bytes: number): number {
    return Math.ceil(bytes / STAGING_CHUNK_BYTES);
  }

  get reservedChunks(): number {
    return this.#reservedChunks;
  }

  /** Chunks set aside for this command after it was made: granted by the pool, or unasked. */
  grow(chunks: number, granted: boolean): void {
    this.#reservedChunks += chunks;
    if (granted) this.#grantedChunks += chunks;
  }

  /** The place for the bytes from `offset` on, up to `most` of them; shorter where a chunk ends. */
  at(offset: number, most: number): Uint8Array {
    const index = Math.floor(offset / STAGING_CHUNK_BYTES);
    const chunk = (this.#chunks[index] ??= this.#pool.take());
    const start = offset % STAGING_CHUNK_BYTES;
    return chunk.subarray(start, Math.min(start + most, STAGING_CHUNK_BYTES));
  }

  put(offset: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const place = this.at(offset + done, bytes.length - done);
      place.set(bytes.subarray(done, done + place.length));
      done += place.length;
    }
  }

  /** The first `lengthBytes` as data-out. The views of whole chunks may be swapped by who takes them. */
  dataOut(lengthBytes: number): DataOut {
    const views: Uint8Array[] = [];
    for (let offset = 0; offset < lengthBytes; offset += STAGING_CHUNK_BYTES) {
      const chunk = (this.#chunks[offset / STAGING_CHUNK_BYTES] ??= this.#pool.take());
      views.push(lengthBytes - offset >= STAGING_CHUNK_BYTES ? chunk : chunk.subarray(0, lengthBytes - offset));
    }
    this.#data = { views, lengthBytes, owned: true };
    return this.#data;
  }

  /** The same data in other buffers, with all that was set aside; these buffers are left to the garbage collector. */
  moved(lengthBytes: number): Staging {
    const other = new Staging(this.#pool, this.#reservedChunks);
    other.#grantedChunks = this.#grantedChunks;
    for (let offset = 0; offset < lengthBytes; offset += STAGING_CHUNK_BYTES) {
      const chunk = this.#chunks[offset / STAGING_CHUNK_BYTES];
      if (chunk !== undefined) other.put(offset, chunk);
    }
    this.#reservedChunks = 0;
    this.#grantedChunks = 0;
    this.release(false);
    return other;
  }

  /** Gives everything back, the buffers that were swapped in as well; not `reusable`: the buffers are left to the garbage collector. */
  release(reusable = true): void {
    const views = this.#data?.views ?? [];
    for (let index = 0; index < this.#chunks.length; index += 1) {
      const view = views[index];
      const chunk = view !== undefined && view.length === STAGING_CHUNK_BYTES ? view : this.#chunks[index];
      if (reusable && chunk !== undefined) this.#pool.recycle(chunk);
    }
    this.#chunks.length = 0;
    this.#data = undefined;
    const reserved = this.#reservedChunks;
    const granted = this.#grantedChunks;
    this.#reservedChunks = 0;
    this.#grantedChunks = 0;
    if (reserved !== 0) this.#pool.release(reserved, granted);
  }
}
