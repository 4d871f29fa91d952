/**
 * Cuts a byte stream into iSCSI PDUs (RFC 7143 §11.2), checking digests. PDUs are handed over in place, in the receive buffer; a long
 * data segment that is still on its way goes straight to the place its command keeps for it, past the receive buffer.
 */
import { crc32c } from '../../base/crc32c.ts';
import { additionalHeadersBytes, BASIC_HEADER_BYTES, DIGEST_BYTES, dataSegmentBytes, padded } from '../../wire/iscsi/basic-header.ts';

/** Where a data segment goes. */
export interface Placement {
  /** Room for the bytes from `offset` of the data segment on: at least one byte, at most `most`. */
  at(offset: number, most: number): Uint8Array;
}

/** What can end the framing of a stream. */
export type FormatError = 'segment-too-long' | 'header-digest';

export interface PduSink {
  /**
   * A PDU is whole: its header stands at `at` in `bytes`, its data segment at `dataAt`, or at the placement if one was given.
   * Nothing of `bytes` may be kept after this returns.
   */
  handlePdu(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void;
  /** The header of a PDU with a long data segment has come: where shall the data go? Undefined: into the receive buffer. */
  placeData(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined;
  /** The data segment of this PDU fails its digest. The PDU is skipped; framing is intact (RFC 7143 §7.8). */
  handleDataDigestError(bytes: Uint8Array, at: number): void;
  /** A PDU whose header fails its digest was skipped (`skipsDamaged`). */
  handleSkipped?(): void;
  /** The stream can't be understood any further. */
  handleFormatError(reason: string, kind: FormatError): void;
  /** All that came in one arrival has been handed over: the moment to send what it led to. */
  handleBatchEnd(): void;
}

/** Data segments shorter than this are waited for in the receive buffer: a copy costs less than an extra read. */
const PLACE_BYTES_MIN = 16 * 1024;
/** After long data, a peep is taken at the next header, so that what follows it is not copied either if it is long again. */
const PEEP_BYTES = 512;
const FIRST_BUFFER_BYTES = 16 * 1024;
const BUFFER_BYTES = 128 * 1024;

export class PduReader {
  /** Set when the login agreed on digests. */
  headerDigest = false;
  dataDigest = false;
  /**
   * Steps over a PDU whose header fails its digest, by the lengths it claims: RFC 7143 §7.8 has it discarded silently. They are bounded, and the
   * header that follows must prove them right by its own digest. For error recovery levels above 0.
   */
  skipsDamaged = false;
  /** Longest data segment we declared to take. */
  segmentBytesMax = 8192;

  readonly #sink: PduSink;
  #buffer = new Uint8Array(FIRST_BUFFER_BYTES);
  #start = 0;
  #end = 0;
  #paused = false;
  #dead = false;
  /** The PDU whose data segment goes to a placement: how much of it has come, and where its header (kept in the buffer) ends. */
  #placement: Placement | undefined;
  #placed = 0;
  #placing = 0;
  /** The buffer given out last. It may be given long before bytes come to stand in it, and the reader may have moved on by then. */
  #lent: Uint8Array | undefined;
  #headersEnd = 0;
  /** The last PDU was a long one. */
  #peeps = false;
  /** A PDU was stepped over, and nothing has shown yet that the next one begins here. */
  #unproven = false;
  #crc = 0;

  constructor(sink: PduSink) {
    this.#sink = sink;
  }

  /** While paused, PDUs stay in the buffer. The caller also stops the stream. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#run();
  }

  /** Forgets everything; what still arrives is dropped. */
  stop(): void {
    this.#dead = true;
    this.#placement = undefined;
  }

  nextBuffer(): Uint8Array {
    this.#lent = this.#wanted();
    return this.#lent;
  }

  /** Where bytes that come now should land. */
  #wanted(): Uint8Array {
    if (this.#dead) return this.#buffer;
    if (this.#placesData()) return this.#placement!.at(this.#placed, this.#placing - this.#placed);
    if (this.#end === this.#buffer.length) this.#makeRoom();
    if (this.#peeps && this.#end - this.#start < PEEP_BYTES) {
      return this.#buffer.subarray(this.#end, this.#end + PEEP_BYTES);
    }
    return this.#end === 0 ? this.#buffer : this.#buffer.subarray(this.#end);
  }

  #placesData(): boolean {
    return this.#placement !== undefined && this.#placed < this.#placing;
  }

  handleBytes(count: number): void {
    const lent = this.#lent!;
    this.#lent = undefined;
    if (this.#dead) return;
    const wanted = this.#wanted();
    if (lent.buffer === wanted.buffer && lent.byteOffset === wanted.byteOffset) return this.#advance(lent, count);
    // PDUs were handled (after a pause) or the command was aborted since the buffer was lent: what stands in it is moved to where it
    // belongs now.
    const bytes = lent.slice(0, count);
    for (let moved = 0; moved < count && !this.#dead; ) {
      const place = this.#wanted();
      const part = bytes.subarray(moved, moved + place.length);
      place.set(part);
      moved += part.length;
      this.#advance(place, part.length);
    }
  }

  /** `count` bytes stand at the start of `place`, which is where they belong. */
  #advance(place: Uint8Array, count: number): void {
    if (this.#placesData()) {
      if (this.dataDigest) this.#crc = crc32c(place, 0, count, this.#crc);
      this.#placed += count;
      if (this.#placed < this.#placing) return;
    } else this.#end += count;
    this.#run();
  }

  #run(): void {
    while (!this.#paused && !this.#dead && this.#next());
    if (this.#start === this.#end && this.#placement === undefined) {
      this.#start = 0;
      this.#end = 0;
    }
    this.#sink.handleBatchEnd();
  }

  /** Handles one PDU; false if it is not whole yet. */
  #next(): boolean {
    if (this.#placement !== undefined) return this.#finishPlaced(this.#placement);
    const available = this.#end - this.#start;
    if (available < BASIC_HEADER_BYTES) return false;
    const buffer = this.#buffer;
    const at = this.#start;
    const headers = BASIC_HEADER_BYTES + additionalHeadersBytes(buffer, at);
    const dataBytes = dataSegmentBytes(buffer, at);
    if (dataBytes > this.segmentBytesMax) {
      this.#fail(`a data segment of ${dataBytes} bytes, ${this.segmentBytesMax} were agreed`, 'segment-too-long');
      return false;
    }
    const dataAt = headers + (this.headerDigest ? DIGEST_BYTES : 0);
    if (available < dataAt) return this.#waitFor(dataAt);
    if (this.headerDigest && !this.#digestMatches(crc32c(buffer, at, at + headers), at + headers)) {
      if (this.skipsDamaged && !this.#unproven) return this.#skip(available, dataAt + this.#tailBytes(dataBytes, 0));
      // RFC 7143 §7.8: nothing in the header can be trusted, its lengths least of all; at recovery level 0 the connection ends.
      this.#fail('a header digest error', 'header-digest');
      return false;
    }
    this.#unproven = false;
    const total = dataAt + this.#tailBytes(dataBytes, 0);
    if (available < total) {
      if (dataBytes >= PLACE_BYTES_MIN && this.#startPlacing(at, dataAt, dataBytes)) return this.#placed === this.#placing;
      return this.#waitFor(total);
    }
    this.#start += total;
    if (this.dataDigest && dataBytes !== 0) {
      const end = at + dataAt + padded(dataBytes);
      if (!this.#digestMatches(crc32c(buffer, at + dataAt, end), end)) {
        this.#sink.handleDataDigestError(buffer, at);
        return true;
      }
    }
    this.#peeps = false;
    this.#sink.handlePdu(buffer, at, at + dataAt, dataBytes, undefined);
    return true;
  }

  #skip(available: number, total: number): boolean {
    if (available < total) return this.#waitFor(total);
    this.#start += total;
    this.#unproven = true;
    this.#sink.handleSkipped?.();
    return true;
  }

  /** Bytes from `placed` data bytes on to the end of the PDU: data, padding, digest. */
  #tailBytes(dataBytes: number, placed: number): number {
    return padded(dataBytes) - placed + (this.dataDigest && dataBytes !== 0 ? DIGEST_BYTES : 0);
  }

  #startPlacing(at: number, dataAt: number, dataBytes: number): boolean {
    const placement = this.#sink.placeData(this.#buffer, at, dataBytes);
    if (placement === undefined) return false;
    this.#placement = placement;
    this.#placing = dataBytes;
    this.#crc = 0;
    // What has come of the data already is copied; the rest arrives in its place.
    const here = Math.min(dataBytes, this.#end - at - dataAt);
    for (let done = 0; done < here; ) {
      const place = placement.at(done, here - done);
      place.set(this.#buffer.subarray(at + dataAt + done, at + dataAt + done + place.length));
      done += place.length;
    }
    if (this.dataDigest) this.#crc = crc32c(this.#buffer, at + dataAt, at + dataAt + here, 0);
    this.#placed = here;
    // The header stays where it is; behind it follows what comes after the data: padding, digest, the next PDU.
    const left = this.#end - (at + dataAt + here);
    this.#buffer.copyWithin(at + dataAt, at + dataAt + here, this.#end);
    this.#headersEnd = at + dataAt;
    this.#end = this.#headersEnd + left;
    return true;
  }

  #finishPlaced(placement: Placement): boolean {
    const tail = this.#tailBytes(this.#placing, this.#placing);
    if (this.#placed < this.#placing || this.#end - this.#headersEnd < tail) return false;
    const at = this.#start;
    const dataBytes = this.#placing;
    const tailAt = this.#headersEnd;
    this.#placement = undefined;
    this.#peeps = true;
    this.#start = tailAt + tail;
    if (this.dataDigest) {
      const pad = padded(dataBytes) - dataBytes;
      const crc = crc32c(this.#buffer, tailAt, tailAt + pad, this.#crc);
      if (!this.#digestMatches(crc, tailAt + pad)) {
        this.#sink.handleDataDigestError(this.#buffer, at);
        return true;
      }
    }
    this.#sink.handlePdu(this.#buffer, at, -1, dataBytes, placement);
    return true;
  }

  /** RFC 7143 §13.1: the digest stands least significant byte first. */
  #digestMatches(crc: number, at: number): boolean {
    const bytes = this.#buffer;
    return crc === (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
  }

  /** Makes the buffer large enough for a PDU of `total` bytes; its length was bounded before. */
  #waitFor(total: number): false {
    if (total > this.#buffer.length - this.#start) this.#makeRoom(total);
    return false;
  }

  #makeRoom(total = 0): void {
    const held = this.#end - this.#start;
    const enough = Math.max(total, held + 1);
    if (this.segmentBytesMax > 8192 && this.#buffer.length < BUFFER_BYTES) this.#replace(Math.max(BUFFER_BYTES, enough));
    else if (enough > this.#buffer.length) this.#replace(Math.max(enough, this.#buffer.length * 2));
    else {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#headersEnd -= this.#start;
      this.#end = held;
      this.#start = 0;
    }
  }

  #replace(bytes: number): void {
    const larger = new Uint8Array(bytes);
    larger.set(this.#buffer.subarray(this.#start, this.#end));
    this.#headersEnd -= this.#start;
    this.#end -= this.#start;
    this.#start = 0;
    this.#buffer = larger;
  }

  #fail(reason: string, kind: FormatError): void {
    this.#dead = true;
    this.#sink.handleFormatError(reason, kind);
  }
}
