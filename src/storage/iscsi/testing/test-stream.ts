/**
 * Both ends of a byte stream without a socket. The target's end asks for its next buffer right after an arrival, as a kernel would have
 * it; what the target writes is read from its views only when the test lets it leave, so that whoever changes them too early is found out.
 */
import type { ByteStream, ByteStreamReceiver } from '../../../base/byte-stream.ts';
import { concat, EMPTY_BYTES } from '../../../base/bytes.ts';

interface Batch {
  readonly views: readonly Uint8Array[];
  readonly sent: (() => void) | undefined;
}

export class TestStream implements ByteStream {
  readonly remote: string;
  readonly local = '192.0.2.1:3260';
  /** False: the test reads nothing, and what the target writes waits. */
  reads = true;
  /** Longest piece in which bytes arrive. */
  pieceBytes = Number.MAX_SAFE_INTEGER;
  /** The target was told that the stream is over. */
  closed = false;
  /** The target ended it in order, or destroyed it. */
  ending = false;
  destroyed = false;
  paused = false;
  /** Bytes the target wrote after it had ended the stream: there must be none. */
  writtenAfterEnd = 0;
  #receiver!: ByteStreamReceiver;
  #lent: Uint8Array | undefined;
  #toTarget: Uint8Array = EMPTY_BYTES;
  #toTest: Uint8Array[] = [];
  #outgoing: Batch[] = [];
  #closing: { readonly reason: string | undefined } | undefined;

  constructor(remote: string) {
    this.remote = remote;
  }

  /** What the target made to receive with. */
  connect(receiver: ByteStreamReceiver): void {
    this.#receiver = receiver;
    this.#lent = receiver.nextBuffer();
  }

  // ---- the target's end ----

  get queuedBytes(): number {
    return this.#outgoing.reduce((sum, { views }) => sum + bytesOf(views), 0);
  }

  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    if (this.ending) this.writtenAfterEnd += bytesOf(views);
    this.#outgoing.push({ views, sent });
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.ending = true;
  }

  destroy(): void {
    this.destroyed = true;
    this.#closing ??= { reason: undefined };
  }

  // ---- the test's end ----

  send(bytes: Uint8Array): void {
    this.#toTarget = concat([this.#toTarget, bytes]);
  }

  /** The peer goes away: in order (no reason), or not. */
  close(reason?: string): void {
    this.#closing ??= { reason };
  }

  /** What has come since it was last asked for. */
  take(): Uint8Array {
    const bytes = concat([...this.#toTest, EMPTY_BYTES]);
    this.#toTest = [];
    return bytes;
  }

  /** Moves what there is to move; false if there was nothing. */
  move(): boolean {
    if (this.closed) return false;
    let moved = false;
    while (this.#toTarget.length !== 0 && !this.paused && this.#closing === undefined) {
      this.#arrive();
      moved = true;
    }
    if (this.reads || this.#closing !== undefined) {
      for (const { views, sent } of this.#outgoing.splice(0)) {
        if (!this.destroyed) this.#toTest.push(concat([...views, EMPTY_BYTES]).slice());
        sent?.();
        moved = true;
      }
    }
    if (this.ending && this.#outgoing.length === 0) this.#closing ??= { reason: undefined };
    if (this.#closing === undefined) return moved;
    this.closed = true;
    this.#receiver.handleClose(this.#closing.reason);
    for (const { sent } of this.#outgoing.splice(0)) sent?.();
    return true;
  }

  #arrive(): void {
    const place = this.#lent ?? this.#receiver.nextBuffer();
    const count = Math.min(place.length, this.#toTarget.length, this.pieceBytes);
    place.set(this.#toTarget.subarray(0, count));
    this.#toTarget = this.#toTarget.slice(count);
    this.#receiver.handleBytes(count);
    this.#lent = this.#receiver.nextBuffer();
  }
}

const bytesOf = (views: readonly Uint8Array[]): number => views.reduce((sum, view) => sum + view.length, 0);
