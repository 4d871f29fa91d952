/** Counts the frames of a capture while it comes in, in whatever pieces (pcapng, draft-ietf-opsawg-pcapng §3.1, §4.3). */

const ENHANCED_PACKET_BLOCK = 6;
const HEADER_BYTES = 8;

export class PcapngCount {
  frames = 0;
  /** Of blocks that are here as a whole: whoever stops in the middle of one saves as much. */
  wholeBytes = 0;
  #bytes = 0;
  /** Until the next block begins. */
  #skip = 0;
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;

  push(piece: Uint8Array): void {
    let at = 0;
    while (at < piece.length) {
      if (this.#skip > 0) {
        const step = Math.min(this.#skip, piece.length - at);
        this.#skip -= step;
        this.#bytes += step;
        at += step;
        if (this.#skip === 0) this.wholeBytes = this.#bytes;
        continue;
      }
      this.#header[this.#headerBytes] = piece[at]!;
      this.#headerBytes += 1;
      this.#bytes += 1;
      at += 1;
      if (this.#headerBytes < HEADER_BYTES) continue;
      this.#headerBytes = 0;
      const view = new DataView(this.#header.buffer);
      // Ours are always written with the least byte first.
      if (view.getUint32(0, true) === ENHANCED_PACKET_BLOCK) this.frames += 1;
      this.#skip = Math.max(0, view.getUint32(4, true) - HEADER_BYTES);
    }
  }
}
