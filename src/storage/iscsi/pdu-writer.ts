/**
 * Builds outgoing iSCSI PDUs into batches: headers and short data are copied into one buffer, long data is sent from where it lies.
 * `flush` hands the batch to the byte stream as one write.
 */
import type { ByteStream } from '../../base/byte-stream.ts';
import { crc32c } from '../../base/crc32c.ts';
import { BASIC_HEADER_BYTES, DIGEST_BYTES, padded } from '../../wire/iscsi/basic-header.ts';

const BATCH_BYTES = 64 * 1024;
const SPARE_BATCHES_MAX = 4;
/** Data from here on is not copied into the batch. */
export const LINK_BYTES_MIN = 12 * 1024;

const ZEROS = new Uint8Array(4);

export class PduWriter {
  headerDigest = false;
  dataDigest = false;
  /** Bytes handed to the stream or waiting for `flush`. */
  pendingBytes = 0;
  /** Runs whenever a batch has left. */
  onSent: (() => void) | undefined = undefined;

  readonly #stream: ByteStream;
  readonly #spare: Uint8Array[] = [];
  #batch: Uint8Array;
  #from = 0;
  #fill = 0;
  #views: Uint8Array[] = [];
  #used: Uint8Array[] = [];
  #releases: (() => void)[] = [];

  constructor(stream: ByteStream) {
    this.#stream = stream;
    this.#batch = new Uint8Array(4096);
  }

  /** The buffer a header is written in, at the offset `begin` gave. */
  get buffer(): Uint8Array {
    return this.#batch;
  }

  /** Room for one PDU whose data is copied (`dataBytes`, or 0 if it is linked or absent); the offset of its header. */
  begin(dataBytes: number): number {
    const most = BASIC_HEADER_BYTES + padded(dataBytes) + 2 * DIGEST_BYTES + 4;
    if (this.#fill + most > this.#batch.length) this.#newBatch(most);
    const at = this.#fill;
    this.#fill += BASIC_HEADER_BYTES;
    return at;
  }

  /** The header at `at` is complete: adds its digest. */
  sealHeader(at: number): void {
    if (!this.headerDigest) return;
    this.#digest(crc32c(this.#batch, at, at + BASIC_HEADER_BYTES));
  }

  /** Copies the data segment behind the header; `begin` was told its length. */
  copyData(views: readonly Uint8Array[], lengthBytes: number): void {
    const start = this.#fill;
    if (views.length === 1) {
      this.#batch.set(views[0]!.length === lengthBytes ? views[0]! : views[0]!.subarray(0, lengthBytes), start);
    } else {
      let at = start;
      let left = lengthBytes;
      for (const view of views) {
        if (left === 0) break;
        const part = view.length <= left ? view : view.subarray(0, left);
        this.#batch.set(part, at);
        at += part.length;
        left -= part.length;
      }
    }
    this.#fill += lengthBytes;
    const pad = padded(lengthBytes) - lengthBytes;
    if (pad !== 0) this.#pad(pad);
    if (this.dataDigest && lengthBytes !== 0) this.#digest(crc32c(this.#batch, start, this.#fill));
  }

  /** Sends the data segment from where it lies; it must not change until the batch has left (see `whenSent`). */
  linkData(views: readonly Uint8Array[], lengthBytes: number): void {
    this.#closeRun();
    let crc = 0;
    for (const view of views) {
      this.#views.push(view);
      if (this.dataDigest) crc = crc32c(view, 0, view.length, crc);
    }
    this.pendingBytes += lengthBytes;
    const pad = padded(lengthBytes) - lengthBytes;
    if (pad !== 0) this.#pad(pad);
    if (this.dataDigest) this.#digest(pad === 0 ? crc : crc32c(ZEROS, 0, pad, crc));
  }

  /** Runs `action` when everything written so far has left. */
  whenSent(action: () => void): void {
    this.#releases.push(action);
  }

  /** The stream is over: what was not handed to it never leaves. */
  abandon(): void {
    this.#views = [];
    this.#from = this.#fill;
    for (const release of this.#releases.splice(0)) release();
  }

  flush(): void {
    this.#closeRun();
    if (this.#views.length === 0) return;
    const views = this.#views;
    const used = this.#used;
    const releases = this.#releases;
    const bytes = this.pendingBytes - this.#inFlight;
    this.#views = [];
    this.#used = [];
    this.#releases = [];
    this.#inFlight += bytes;
    // The rest of a long batch buffer is still good for small PDUs; a nearly full one goes with this write.
    if (this.#batch.length - this.#fill < 2048) {
      used.push(this.#batch);
      this.#batch = this.#spare.pop() ?? new Uint8Array(BATCH_BYTES);
      this.#from = 0;
      this.#fill = 0;
    }
    this.#stream.write(views, () => {
      this.#inFlight -= bytes;
      this.pendingBytes -= bytes;
      for (const batch of used) this.#recycle(batch);
      for (const release of releases) release();
      if (this.#inFlight === 0 && this.#views.length === 0 && this.#from === this.#fill) {
        this.#from = 0;
        this.#fill = 0;
      }
      this.onSent?.();
    });
  }

  #inFlight = 0;

  #recycle(batch: Uint8Array): void {
    if (batch.length === BATCH_BYTES && this.#spare.length < SPARE_BATCHES_MAX) this.#spare.push(batch);
  }

  #newBatch(most: number): void {
    this.#closeRun();
    this.#used.push(this.#batch);
    this.#batch = most <= BATCH_BYTES ? (this.#spare.pop() ?? new Uint8Array(BATCH_BYTES)) : new Uint8Array(most);
    this.#from = 0;
    this.#fill = 0;
  }

  #closeRun(): void {
    if (this.#fill === this.#from) return;
    this.#views.push(this.#batch.subarray(this.#from, this.#fill));
    this.pendingBytes += this.#fill - this.#from;
    this.#from = this.#fill;
  }

  #pad(bytes: number): void {
    this.#batch.fill(0, this.#fill, this.#fill + bytes);
    this.#fill += bytes;
  }

  #digest(crc: number): void {
    const out = this.#batch;
    const at = this.#fill;
    out[at] = crc;
    out[at + 1] = crc >>> 8;
    out[at + 2] = crc >>> 16;
    out[at + 3] = crc >>> 24;
    this.#fill += DIGEST_BYTES;
  }
}
