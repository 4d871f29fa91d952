/**
 * Memory for frames that come from the world. A frame never changes once it came, so each gets bytes of its own; they are cut from
 * pieces that many share, because an allocation a frame would cost more than its copy.
 */
const PIECE_BYTES = 128 * 1024;

/** Memory that is filled before anybody looks at it: clearing it first would cost as much as filling it. */
export const unclearedBytes = (bytes: number): Uint8Array => new Uint8Array(Buffer.allocUnsafeSlow(bytes).buffer);

export class ArrivalSlab {
  #piece = unclearedBytes(PIECE_BYTES);
  #used = 0;

  /** A frame of so many bytes, still to be filled. */
  take(bytes: number): Uint8Array {
    if (this.#used + bytes > this.#piece.length) {
      this.#piece = unclearedBytes(Math.max(PIECE_BYTES, bytes));
      this.#used = 0;
    }
    const frame = this.#piece.subarray(this.#used, this.#used + bytes);
    this.#used += bytes;
    return frame;
  }

  copy(source: Uint8Array, start: number, end: number): Uint8Array {
    const frame = this.take(end - start);
    frame.set(source.subarray(start, end));
    return frame;
  }
}
