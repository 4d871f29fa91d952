/**
 * Frames on a byte stream as QEMU's `-netdev stream` and `-netdev socket` put them: each behind its length in 4 bytes, most significant
 * first. Arrivals are read into large pieces of memory and frames are views of these; departures are gathered and leave as one write.
 */
import { be32, putBe32 } from '../../base/bytes.ts';
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import { FRAME_BYTES_MAX } from './attachment.ts';
import { unclearedBytes } from './arrival-slab.ts';

const LENGTH_BYTES = 4;
const PIECE_BYTES = 256 * 1024;
/** Below this there would be more reads than need be. */
const ROOM_BYTES_MIN = 64 * 1024;

export interface FrameReceiver {
  handleFrame(frame: Uint8Array): void;
  /** No frame is so long: the stream is not what it should be. Nothing more is said. */
  handleBadLength(lengthBytes: number): void;
  handleClose(reason: string | undefined): void;
}

/** Cuts a stream into frames. */
export function frameReader(receiver: FrameReceiver): ByteStreamReceiver {
  let piece = unclearedBytes(PIECE_BYTES);
  let start = 0;
  let end = 0;
  let broken = false;
  return {
    nextBuffer() {
      if (piece.length - end < ROOM_BYTES_MIN) {
        // What was read before belongs to the frames now; the begun one moves.
        const next = unclearedBytes(PIECE_BYTES);
        next.set(piece.subarray(start, end));
        end -= start;
        start = 0;
        piece = next;
      }
      return piece.subarray(end);
    },
    handleBytes(count) {
      end += count;
      while (!broken && end - start >= LENGTH_BYTES) {
        const length = be32(piece, start);
        if (length > FRAME_BYTES_MAX) {
          broken = true;
          return receiver.handleBadLength(length);
        }
        const frameEnd = start + LENGTH_BYTES + length;
        if (frameEnd > end) return;
        const frame = piece.subarray(start + LENGTH_BYTES, frameEnd);
        start = frameEnd;
        receiver.handleFrame(frame);
      }
    },
    handleClose: (reason) => receiver.handleClose(reason),
  };
}

/** Bytes that leave as one write. */
const BATCH_BYTES = 128 * 1024;
/** Batches kept for the next time. */
const SPARE_MAX = 4;

/** Gathers frames; they leave when whatever is being handled now is done, or before if there are many. */
export class FrameWriter {
  readonly #stream: ByteStream;
  readonly #limitBytes: number;
  readonly #spare: Uint8Array[] = [];
  #batch: Uint8Array = new Uint8Array(BATCH_BYTES);
  #used = 0;
  #scheduled = false;

  constructor(stream: ByteStream, limitBytes: number) {
    this.#stream = stream;
    this.#limitBytes = limitBytes;
  }

  get queuedBytes(): number {
    return this.#stream.queuedBytes + this.#used;
  }

  /** False: too much waits already, and the frame is dropped. */
  add(frame: Uint8Array): boolean {
    const bytes = LENGTH_BYTES + frame.length;
    if (this.#stream.queuedBytes + this.#used + bytes > this.#limitBytes) return false;
    if (this.#used + bytes > BATCH_BYTES) this.#flush();
    putBe32(this.#batch, this.#used, frame.length);
    this.#batch.set(frame, this.#used + LENGTH_BYTES);
    this.#used += bytes;
    if (!this.#scheduled) {
      this.#scheduled = true;
      process.nextTick(() => {
        this.#scheduled = false;
        this.#flush();
      });
    }
    return true;
  }

  #flush(): void {
    if (this.#used === 0) return;
    const batch = this.#batch;
    const view = batch.subarray(0, this.#used);
    this.#batch = this.#spare.pop() ?? new Uint8Array(BATCH_BYTES);
    this.#used = 0;
    this.#stream.write([view], () => {
      if (this.#spare.length < SPARE_MAX) this.#spare.push(batch);
    });
  }
}
