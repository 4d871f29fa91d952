/** Memory for frames, cut from larger pieces: an allocation of its own costs a frame more than anything else that is done with it. */
const SLAB_BYTES = 128 * 1024;
/** Up to here the engine keeps the bytes in the array's own object, which costs no allocation outside its heap. */
const INLINE_BYTES = 64;

export class FrameSlab {
  #slab = new Uint8Array(0);
  #at = 0;

  /** Zeros, of which nobody else knows. The piece they are cut from stays as long as any of its frames. */
  take(bytes: number): Uint8Array {
    if (bytes <= INLINE_BYTES) return new Uint8Array(bytes);
    if (this.#at + bytes > this.#slab.length) {
      if (bytes > SLAB_BYTES / 4) return new Uint8Array(bytes);
      this.#slab = new Uint8Array(SLAB_BYTES);
      this.#at = 0;
    }
    const frame = this.#slab.subarray(this.#at, this.#at + bytes);
    this.#at += (bytes + 7) & ~7;
    return frame;
  }
}
