/**
 * A store in memory: chunks of 64 KiB, each a buffer of its own. Reads show the chunks themselves; who needs them longer than the
 * callback holds them, and a write to a held chunk then goes to a copy that takes its place. A whole chunk changes owners
 * instead of being copied (`adopt`). Thin stores take a chunk when it is first written, and give it back when all of it is unmapped.
 */
import type {
  AllocationDone,
  AllocationRun,
  BackingStore,
  ReadData,
  ReadDone,
  StoreDone,
  StoreError,
  WriteOptions,
} from './backing-store.ts';
import { ChunkTable, MEMORY_CHUNK_BYTES } from './chunk-table.ts';

export { MEMORY_CHUNK_BYTES };

/** Buffers kept for the next chunk that is needed: 4 MiB. */
const SPARE_CHUNKS_MAX = 64;

/** What an absent chunk reads as; nobody writes to it. */
const zeros = new Uint8Array(MEMORY_CHUNK_BYTES);

export interface MemoryOptions {
  readonly sizeBytes: number;
  /** Thin: memory is taken when it is written to. Thick: all of it at once. */
  readonly thin: boolean;
  /** Thin: memory there is for chunks; a write that needs more fails with `no-space`. Default: no limit but the machine's. */
  readonly spaceBytes?: number;
}

/** A chunk that somebody looks at. */
interface Pin {
  count: number;
  /** No longer in the table: whoever lets go of it last gives the buffer back. */
  detached: boolean;
}

/** What `read` gives out. One is reused for all reads but those started within the callback of another. */
class Shown implements ReadData {
  views: readonly Uint8Array[] = [];
  busy = false;
  readonly #pin: (views: readonly Uint8Array[]) => () => void;

  constructor(pin: (views: readonly Uint8Array[]) => () => void) {
    this.#pin = pin;
  }

  hold(): () => void {
    return this.#pin(this.views);
  }
}

export class MemoryStore implements BackingStore {
  readonly kind = 'memory';
  readonly sizeBytes: number;
  readonly writeBack = false;
  readonly completesAtOnce = true;
  readonly unmapGranularityBytes: number;
  readonly #thin: boolean;
  readonly #table: ChunkTable;
  readonly #chunksMax: number;
  readonly #pins = new Map<ArrayBufferLike, Pin>();
  readonly #spare: Uint8Array[] = [];
  readonly #shown: Shown;

  constructor(options: MemoryOptions) {
    this.sizeBytes = options.sizeBytes;
    this.#thin = options.thin;
    this.unmapGranularityBytes = options.thin ? MEMORY_CHUNK_BYTES : 0;
    const chunks = Math.ceil(options.sizeBytes / MEMORY_CHUNK_BYTES);
    this.#table = new ChunkTable(chunks);
    this.#chunksMax = options.thin ? Math.floor((options.spaceBytes ?? Number.MAX_SAFE_INTEGER) / MEMORY_CHUNK_BYTES) : chunks;
    this.#shown = new Shown(this.#pin);
    if (!options.thin) for (let index = 0; index < chunks; index += 1) this.#table.set(index, new Uint8Array(MEMORY_CHUNK_BYTES));
  }

  /** Memory behind the store now, held copies and spare buffers not counted. */
  get allocatedBytes(): number {
    return this.#table.present * MEMORY_CHUNK_BYTES;
  }

  read(offsetBytes: number, lengthBytes: number, done: ReadDone): void {
    const shown = this.#shown.busy ? new Shown(this.#pin) : this.#shown;
    let index = Math.floor(offsetBytes / MEMORY_CHUNK_BYTES);
    let start = offsetBytes - index * MEMORY_CHUNK_BYTES;
    const end = start + lengthBytes;
    if (end <= MEMORY_CHUNK_BYTES) {
      shown.views = [(this.#table.get(index) ?? zeros).subarray(start, end)];
    } else {
      const views: Uint8Array[] = [];
      for (let left = lengthBytes; left > 0; index += 1) {
        const chunk = this.#table.get(index) ?? zeros;
        const length = Math.min(left, MEMORY_CHUNK_BYTES - start);
        views.push(length === MEMORY_CHUNK_BYTES ? chunk : chunk.subarray(start, start + length));
        left -= length;
        start = 0;
      }
      shown.views = views;
    }
    shown.busy = true;
    done(undefined, shown);
    shown.busy = false;
  }

  write(offsetBytes: number, data: readonly Uint8Array[], _options: WriteOptions, done: StoreDone): void {
    let at = offsetBytes;
    for (let part = 0; part < data.length; part += 1) {
      const view = data[part]!;
      for (let taken = 0; taken < view.length; ) {
        const index = Math.floor(at / MEMORY_CHUNK_BYTES);
        const start = at - index * MEMORY_CHUNK_BYTES;
        const length = Math.min(MEMORY_CHUNK_BYTES - start, view.length - taken);
        const chunk = this.#writable(index, length === MEMORY_CHUNK_BYTES);
        if (chunk === undefined) return done(this.#noSpace(at));
        chunk.set(length === view.length ? view : view.subarray(taken, taken + length), start);
        taken += length;
        at += length;
      }
    }
    done(undefined);
  }

  flush(done: StoreDone): void {
    done(undefined);
  }

  unmap(offsetBytes: number, lengthBytes: number, done: StoreDone): void {
    const end = offsetBytes + lengthBytes;
    const endIndex = Math.ceil(end / MEMORY_CHUNK_BYTES);
    for (let at = offsetBytes; at < end; ) {
      const index = Math.floor(at / MEMORY_CHUNK_BYTES);
      const present = this.#table.skipEmpty(index, endIndex);
      if (present !== index) {
        at = present * MEMORY_CHUNK_BYTES;
        continue;
      }
      const first = index * MEMORY_CHUNK_BYTES;
      const next = Math.min(first + MEMORY_CHUNK_BYTES, end);
      // The last chunk may be cut by the end of the store: what there is of it is the whole of it.
      const whole = at === first && (next - first === MEMORY_CHUNK_BYTES || next === this.sizeBytes);
      if (whole && this.#thin) this.#free(index);
      else if (this.#table.get(index) !== undefined) this.#writable(index, whole)!.fill(0, at - first, next - first);
      at = next;
    }
    done(undefined);
  }

  allocation(offsetBytes: number, lengthBytes: number, runsMax: number, done: AllocationDone): void {
    const runs: AllocationRun[] = [];
    const end = offsetBytes + lengthBytes;
    const endIndex = Math.ceil(end / MEMORY_CHUNK_BYTES);
    for (let at = offsetBytes; at < end && runs.length < runsMax; ) {
      const index = Math.floor(at / MEMORY_CHUNK_BYTES);
      const next = Math.min(end, this.#table.runEnd(index, endIndex) * MEMORY_CHUNK_BYTES);
      runs.push({ lengthBytes: next - at, mapped: this.#table.get(index) !== undefined });
      at = next;
    }
    done(undefined, runs);
  }

  adopt(offsetBytes: number, bytes: Uint8Array): Uint8Array | undefined {
    if (bytes.length !== MEMORY_CHUNK_BYTES || bytes.buffer.byteLength !== MEMORY_CHUNK_BYTES) return undefined;
    if (offsetBytes % MEMORY_CHUNK_BYTES !== 0 || offsetBytes + MEMORY_CHUNK_BYTES > this.sizeBytes) return undefined;
    // What a read showed belongs to the table already: the same memory must not stand at two places.
    if (this.#pins.size !== 0 && this.#pins.has(bytes.buffer)) return undefined;
    const index = offsetBytes / MEMORY_CHUNK_BYTES;
    const old = this.#table.get(index);
    if (old === undefined && this.#table.present >= this.#chunksMax) return undefined;
    // A subclass (a Node buffer) in the table would slow every access down: what counts is the memory behind it.
    this.#table.set(index, bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer));
    if (old === undefined || this.#detach(old)) return this.#spare.pop() ?? new Uint8Array(MEMORY_CHUNK_BYTES);
    return old;
  }

  close(done: StoreDone): void {
    this.#table.clear();
    this.#spare.length = 0;
    done(undefined);
  }

  /** The chunk to write into: a new one where there was none, a copy where somebody looks at it. Undefined: no memory left. */
  #writable(index: number, whole: boolean): Uint8Array | undefined {
    const chunk = this.#table.get(index);
    if (chunk === undefined) {
      if (this.#table.present >= this.#chunksMax) return undefined;
      const spare = this.#spare.pop();
      const fresh = spare ?? new Uint8Array(MEMORY_CHUNK_BYTES);
      if (spare !== undefined && !whole) spare.fill(0);
      this.#table.set(index, fresh);
      return fresh;
    }
    if (this.#pins.size === 0 || !this.#detach(chunk)) return chunk;
    const copy = this.#spare.pop() ?? new Uint8Array(MEMORY_CHUNK_BYTES);
    if (!whole) copy.set(chunk);
    this.#table.set(index, copy);
    return copy;
  }

  #free(index: number): void {
    const chunk = this.#table.remove(index);
    if (chunk !== undefined && !this.#detach(chunk)) this.#keepSpare(chunk);
  }

  /** True if somebody looks at the chunk, which leaves the table now: the buffer is theirs until they let go. */
  #detach(chunk: Uint8Array): boolean {
    if (this.#pins.size === 0) return false;
    const pin = this.#pins.get(chunk.buffer);
    if (pin !== undefined) pin.detached = true;
    return pin !== undefined;
  }

  #keepSpare(chunk: Uint8Array): void {
    if (this.#spare.length < SPARE_CHUNKS_MAX) this.#spare.push(chunk);
  }

  readonly #pin = (views: readonly Uint8Array[]): (() => void) => {
    for (const view of views) {
      if (view.buffer === zeros.buffer) continue;
      const pin = this.#pins.get(view.buffer);
      if (pin === undefined) this.#pins.set(view.buffer, { count: 1, detached: false });
      else pin.count += 1;
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      for (const view of views) this.#unpin(view.buffer);
    };
  };

  #unpin(buffer: ArrayBufferLike): void {
    const pin = this.#pins.get(buffer);
    if (pin === undefined) return;
    pin.count -= 1;
    if (pin.count !== 0) return;
    this.#pins.delete(buffer);
    if (pin.detached) this.#keepSpare(new Uint8Array(buffer));
  }

  #noSpace(offsetBytes: number): StoreError {
    return { fault: 'no-space', message: `all ${this.#chunksMax * MEMORY_CHUNK_BYTES} bytes behind the thin store are used`, offsetBytes };
  }
}
