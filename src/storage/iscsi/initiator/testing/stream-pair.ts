/**
 * Two byte streams that are each other's ends, in memory. What is written is read from its views only when it moves, buffers are asked for
 * ahead as a kernel would have it, arrivals may be cut into pieces, and either direction can be held or broken.
 */
import type { ByteStream, ByteStreamReceiver } from '../../../../base/byte-stream.ts';
import { concat, EMPTY_BYTES } from '../../../../base/bytes.ts';

interface Batch {
  readonly views: readonly Uint8Array[];
  readonly sent: (() => void) | undefined;
}

class End implements ByteStream {
  readonly remote: string;
  readonly local: string;
  peer!: End;
  receiver!: ByteStreamReceiver;
  /** Longest piece in which bytes arrive here. */
  pieceBytes = Number.MAX_SAFE_INTEGER;
  /** What arrives here, on its way: bytes may be changed. */
  onArrival: ((bytes: Uint8Array) => Uint8Array) | undefined = undefined;
  /** Nothing arrives here while set. */
  held = false;
  paused = false;
  closed = false;
  #lent: Uint8Array | undefined;
  #outgoing: Batch[] = [];
  #incoming: Uint8Array = EMPTY_BYTES;
  #ending = false;
  #peerEnded = false;
  #closing: { readonly reason: string | undefined } | undefined;

  constructor(local: string, remote: string) {
    this.local = local;
    this.remote = remote;
  }

  get queuedBytes(): number {
    return this.#outgoing.reduce((sum, { views }) => sum + concat([...views, EMPTY_BYTES]).length, 0);
  }

  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    this.#outgoing.push({ views, sent });
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    this.#ending = true;
  }

  destroy(): void {
    this.break(undefined);
    this.peer.break('the other side reset the connection');
  }

  break(reason: string | undefined): void {
    this.#closing ??= { reason };
  }

  move(): boolean {
    if (this.closed) return false;
    let moved = false;
    for (const { views, sent } of this.#outgoing.splice(0)) {
      if (this.#closing === undefined) this.peer.#receive(concat([...views, EMPTY_BYTES]).slice());
      sent?.();
      moved = true;
    }
    while (this.#incoming.length !== 0 && !this.paused && !this.held && this.#closing === undefined) {
      this.#arrive();
      moved = true;
    }
    if (this.#ending && this.#outgoing.length === 0) {
      this.peer.#peerEnded = true;
      this.#closing ??= { reason: undefined };
    }
    if (this.#peerEnded && this.#incoming.length === 0) this.#closing ??= { reason: undefined };
    if (this.#closing === undefined) return moved;
    this.closed = true;
    for (const { sent } of this.#outgoing.splice(0)) sent?.();
    this.receiver.handleClose(this.#closing.reason);
    return true;
  }

  #receive(bytes: Uint8Array): void {
    this.#incoming = concat([this.#incoming, this.onArrival?.(bytes) ?? bytes]);
  }

  #arrive(): void {
    const place = this.#lent ?? this.receiver.nextBuffer();
    if (place.length === 0) throw new Error('nextBuffer gave an empty buffer');
    const count = Math.min(place.length, this.#incoming.length, this.pieceBytes);
    place.set(this.#incoming.subarray(0, count));
    this.#incoming = this.#incoming.slice(count);
    this.receiver.handleBytes(count);
    this.#lent = this.#closing === undefined ? this.receiver.nextBuffer() : undefined;
  }
}

export class StreamPair {
  readonly initiator: End;
  readonly target: End;

  constructor(initiator: string, target: string) {
    this.initiator = new End(initiator, target);
    this.target = new End(target, initiator);
    this.initiator.peer = this.target;
    this.target.peer = this.initiator;
  }

  /** Breaks both ends. */
  cut(reason = 'the cable was cut'): void {
    this.initiator.break(reason);
    this.target.break(reason);
  }

  move(): boolean {
    const moved = this.initiator.move();
    return this.target.move() || moved;
  }
}
