/**
 * Data-in of a command that was sent and may be asked for again (RFC 7143 §11.16), and which of its bytes a DataSN stands for. Short data is
 * a copy; long data is the store's own, held still.
 */
import type { ReadData } from '../block/backing-store.ts';

/** Data below this is copied: to hold a few blocks of a store still would cost it a whole chunk at the next write to them. */
const COPY_BYTES_MAX = 12 * 1024;

/** One Data-In PDU of a transfer. */
export interface DataPiece {
  readonly offset: number;
  readonly bytes: number;
  /** It ends a sequence (RFC 7143 §11.7.1, the F bit). */
  readonly endsBurst: boolean;
}

export class KeptData {
  readonly lengthBytes: number;
  readonly lun: number;
  /** Names the data in a DataACK (RFC 7143 §11.7.4). */
  readonly acknowledgeTag: number;
  /** Data acknowledgement reference number: the first DataSN that is not acknowledged (RFC 7143 §11.5.7). */
  acknowledged = 0;
  /** How the data is cut from `#firstSequence` on. */
  #segmentBytes: number;
  #burstBytes: number;
  #firstSequence = 0;
  #firstOffset = 0;
  #views: readonly Uint8Array[];
  #release: (() => void) | undefined;
  #users = 1;

  constructor(
    views: readonly Uint8Array[],
    source: ReadData | undefined,
    lengthBytes: number,
    lun: number,
    acknowledgeTag: number,
    segmentBytes: number,
    burstBytes: number,
  ) {
    this.lengthBytes = lengthBytes;
    this.lun = lun;
    this.acknowledgeTag = acknowledgeTag;
    this.#segmentBytes = segmentBytes;
    this.#burstBytes = burstBytes;
    if (source === undefined || lengthBytes > COPY_BYTES_MAX) {
      this.#views = [...views];
      this.#release = source?.hold();
    } else {
      this.#views = [joined(views, lengthBytes)];
      this.#release = undefined;
    }
  }

  /** Data-In PDUs in all, those before the last change of the segmentation among them. */
  get sequences(): number {
    const left = this.lengthBytes - this.#firstOffset;
    const bursts = Math.floor(left / this.#burstBytes);
    return this.#firstSequence + bursts * this.#sequencesPerBurst + Math.ceil((left - bursts * this.#burstBytes) / this.#segmentBytes);
  }

  get #sequencesPerBurst(): number {
    return Math.ceil(this.#burstBytes / this.#segmentBytes);
  }

  /** What the Data-In with this DataSN carries. It is one of `sequences`, and none before the last change of the segmentation. */
  piece(sequence: number): DataPiece {
    const index = sequence - this.#firstSequence;
    const burst = Math.floor(index / this.#sequencesPerBurst);
    const inBurst = (index - burst * this.#sequencesPerBurst) * this.#segmentBytes;
    const offset = this.#firstOffset + burst * this.#burstBytes + inBurst;
    const bytes = Math.min(this.#segmentBytes, this.#burstBytes - inBurst, this.lengthBytes - offset);
    return { offset, bytes, endsBurst: inBurst + bytes === this.#burstBytes || offset + bytes === this.lengthBytes };
  }

  /** From the data acknowledgement reference number on the data is cut anew (RFC 7143 §11.16.3). */
  resegment(segmentBytes: number, burstBytes: number): void {
    const all = this.acknowledged === this.sequences;
    this.#firstOffset = all ? this.lengthBytes : this.piece(this.acknowledged).offset;
    this.#firstSequence = this.acknowledged;
    this.#segmentBytes = segmentBytes;
    this.#burstBytes = burstBytes;
  }

  /** The bytes of one Data-In. */
  slice({ offset, bytes }: DataPiece): Uint8Array[] {
    const out: Uint8Array[] = [];
    let start = 0;
    for (const view of this.#views) {
      const from = Math.max(offset - start, 0);
      const to = Math.min(offset + bytes - start, view.length);
      if (from < to) out.push(from === 0 && to === view.length ? view : view.subarray(from, to));
      start += view.length;
      if (start >= offset + bytes) break;
    }
    return out;
  }

  /** One more needs the bytes to stay as they are, until it calls what this gives back. */
  use(): () => void {
    this.#users += 1;
    return () => this.letGo();
  }

  letGo(): void {
    this.#users -= 1;
    if (this.#users !== 0) return;
    this.#views = [];
    this.#release?.();
    this.#release = undefined;
  }
}

function joined(views: readonly Uint8Array[], lengthBytes: number): Uint8Array {
  const out = new Uint8Array(lengthBytes);
  let at = 0;
  for (const view of views) {
    const part = view.subarray(0, lengthBytes - at);
    out.set(part, at);
    at += part.length;
  }
  return out;
}
