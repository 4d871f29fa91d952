/**
 * A byte stream between a target and a test, in memory. It is as unkind as a socket may be: arrivals come in pieces of any size, the
 * buffer for the next arrival may be asked for long before it comes, what is written is read late, and the end comes later than asked.
 */
import type { ByteStream, ByteStreamReceiver } from '../../src/base/byte-stream.ts';
import { concat } from '../../src/base/bytes.ts';
import { below, type Rng } from '../../src/base/rng.ts';

export interface WireOptions {
  /** Cuts arrivals into pieces; undefined: everything that waits comes at once. */
  readonly pieces?: Rng;
  /** The next buffer is asked for right after an arrival, as Node's `onread` does, not when the next one comes. */
  readonly asksAhead?: boolean;
}

interface Batch {
  readonly views: readonly Uint8Array[];
  readonly bytes: number;
  readonly sent: (() => void) | undefined;
}

export class MemoryWire implements ByteStream {
  readonly remote: string;
  readonly local = '192.0.2.1:3260';
  queuedBytes = 0;
  /** Most bytes that ever waited for the test to read them. */
  queuedBytesMax = 0;
  /** False: the test reads nothing, and what the target writes stays in its queue. */
  reads = true;
  /** The target was told of the end. */
  closed = false;
  /** Bytes from the target. */
  onBytes: (bytes: Uint8Array) => void = () => {};
  readonly #options: WireOptions;
  #receiver!: ByteStreamReceiver;
  #inbox: Uint8Array[] = [];
  #inboxAt = 0;
  #outbox: Batch[] = [];
  #buffer: Uint8Array | undefined;
  #paused = false;
  #ending = false;
  #finished = false;
  #over = false;
  #reason: string | undefined;

  constructor(remote: string, options: WireOptions = {}) {
    this.remote = remote;
    this.#options = options;
  }

  connect(receiver: ByteStreamReceiver): void {
    this.#receiver = receiver;
  }

  // ---- the target's end ----

  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    const bytes = views.reduce((sum, view) => sum + view.length, 0);
    this.#outbox.push({ views, bytes, sent });
    this.queuedBytes += bytes;
    this.queuedBytesMax = Math.max(this.queuedBytesMax, this.queuedBytes);
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
  }

  end(): void {
    this.#ending = true;
  }

  destroy(): void {
    this.#over = true;
  }

  // ---- the test's end ----

  send(bytes: Uint8Array): void {
    if (!this.#over && !this.#finished && bytes.length !== 0) this.#inbox.push(bytes);
  }

  /** Ends once everything sent has arrived: in order, or with a reason. */
  finish(reason?: string): void {
    this.#finished = true;
    this.#reason = reason;
  }

  /** Breaks: what has not arrived never will. */
  cut(reason = 'the connection was reset'): void {
    if (this.#over) return;
    this.#over = true;
    this.#reason = reason;
  }

  /** Moves what there is to move, one arrival at most; false if there was nothing. */
  pump(): boolean {
    if (this.closed) return this.#drain();
    let moved = this.#drain();
    if (this.#ending && this.#outbox.length === 0) this.#over = true;
    if (this.#over) {
      this.closed = true;
      this.#inbox = [];
      this.#receiver.handleClose(this.#reason);
      return true;
    }
    if (!this.#paused && this.#inbox.length !== 0) {
      this.#arrive();
      moved = true;
    } else if (!this.#paused && this.#finished) this.#over = moved = true;
    return moved;
  }

  /** The kernel reads what was written as late as it can: whoever changed the views before `sent` is found out. */
  #drain(): boolean {
    if (this.#outbox.length === 0 || !(this.reads || this.#over)) return false;
    const batches = this.#outbox;
    this.#outbox = [];
    for (const { views, bytes, sent } of batches) {
      if (!this.#over) this.onBytes(concat(views).slice());
      this.queuedBytes -= bytes;
      sent?.();
    }
    return true;
  }

  #arrive(): void {
    const { pieces, asksAhead } = this.#options;
    let left = pieces === undefined ? Number.MAX_SAFE_INTEGER : pieceBytes(pieces);
    const target = this.#buffer ?? this.#receiver.nextBuffer();
    if (target.length === 0) throw new Error('nextBuffer gave an empty buffer');
    let count = 0;
    while (this.#inbox.length !== 0 && count < target.length && left > 0) {
      const first = this.#inbox[0]!;
      const length = Math.min(first.length - this.#inboxAt, target.length - count, left);
      target.set(first.subarray(this.#inboxAt, this.#inboxAt + length), count);
      count += length;
      left -= length;
      this.#inboxAt += length;
      if (this.#inboxAt === first.length) {
        this.#inbox.shift();
        this.#inboxAt = 0;
      }
    }
    this.#buffer = undefined;
    this.#receiver.handleBytes(count);
    if (asksAhead === true && !this.#over) this.#buffer = this.#receiver.nextBuffer();
  }
}

/** Often a few bytes, often a header or so, often all there is. */
function pieceBytes(rng: Rng): number {
  const kind = below(rng, 4);
  if (kind === 0) return 1 + below(rng, 8);
  if (kind === 1) return 1 + below(rng, 100);
  return kind === 2 ? 1 + below(rng, 20_000) : Number.MAX_SAFE_INTEGER;
}
