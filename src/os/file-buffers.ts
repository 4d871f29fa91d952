/**
 * Buffers that a file store reads into, used again and again: allocating one costs more than reading 4096 bytes into it. A buffer comes back
 * when nobody holds what was read into it any more.
 */
import type { ReadData } from '../storage/block/backing-store.ts';

export const BUFFER_BYTES = 64 * 1024;
/** Kept for the next reads; what is beyond goes to the garbage collector. */
const SPARE_MAX = 64;

interface PooledBuffer {
  readonly bytes: Uint8Array;
  /** Its address as two halves, for the kernel; zero where nobody asks for it. */
  readonly addressLow: number;
  readonly addressHigh: number;
}

export class FileBuffers {
  /** Address and length of the buffers of the lease described last, 64 bits each. */
  readonly vector = new Uint32Array(4 * 16);
  readonly #spare: PooledBuffer[] = [];
  readonly #addressOf: ((bytes: Uint8Array) => bigint) | undefined;

  constructor(addressOf: ((bytes: Uint8Array) => bigint) | undefined) {
    this.#addressOf = addressOf;
  }

  /** Room for `lengthBytes`, held once. */
  take(lengthBytes: number): BufferLease {
    const count = Math.ceil(lengthBytes / BUFFER_BYTES);
    const buffers: PooledBuffer[] = [];
    const views: Uint8Array[] = [];
    for (let index = 0; index < count; index += 1) {
      const buffer = this.#spare.pop() ?? this.#make();
      const length = Math.min(BUFFER_BYTES, lengthBytes - index * BUFFER_BYTES);
      buffers.push(buffer);
      views.push(length === BUFFER_BYTES ? buffer.bytes : buffer.bytes.subarray(0, length));
    }
    return new BufferLease(this, buffers, views);
  }

  giveBack(buffers: readonly PooledBuffer[]): void {
    for (const buffer of buffers) if (this.#spare.length < SPARE_MAX) this.#spare.push(buffer);
  }

  #make(): PooledBuffer {
    const bytes = new Uint8Array(BUFFER_BYTES);
    const address = this.#addressOf?.(bytes) ?? 0n;
    return { bytes, addressLow: Number(address & 0xffff_ffffn), addressHigh: Number(address >> 32n) };
  }
}

export class BufferLease implements ReadData {
  readonly views: readonly Uint8Array[];
  readonly #owner: FileBuffers;
  readonly #buffers: readonly PooledBuffer[];
  #holders = 1;

  constructor(owner: FileBuffers, buffers: readonly PooledBuffer[], views: readonly Uint8Array[]) {
    this.#owner = owner;
    this.#buffers = buffers;
    this.views = views;
  }

  hold(): () => void {
    this.#holders += 1;
    let held = true;
    return () => {
      if (held) this.release();
      held = false;
    };
  }

  /** Ends the hold that `take` gave. */
  release(): void {
    this.#holders -= 1;
    if (this.#holders === 0) this.#owner.giveBack(this.#buffers);
  }

  /** Writes the addresses and lengths into the owner's vector; how many there are. */
  describe(): number {
    const { vector } = this.#owner;
    for (let index = 0; index < this.#buffers.length; index += 1) {
      const buffer = this.#buffers[index]!;
      vector[4 * index] = buffer.addressLow;
      vector[4 * index + 1] = buffer.addressHigh;
      vector[4 * index + 2] = this.views[index]!.length;
      vector[4 * index + 3] = 0;
    }
    return this.#buffers.length;
  }

  /** Copies what stands in `data`, which is as long as this. */
  fill(data: readonly Uint8Array[]): void {
    let place = 0;
    let at = 0;
    for (const view of data) {
      for (let from = 0; from < view.length; ) {
        const target = this.views[place]!;
        const part = view.subarray(from, from + target.length - at);
        target.set(part, at);
        from += part.length;
        at += part.length;
        if (at === target.length) {
          place += 1;
          at = 0;
        }
      }
    }
  }
}
