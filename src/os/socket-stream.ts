/** A byte stream over a Node socket. */
import type { Socket } from 'node:net';
import type { ByteStream, ByteStreamReceiver } from '../base/byte-stream.ts';
import { readDirectly } from './direct-read.ts';
import { batchWriter, type BatchWriter } from './direct-write.ts';
import { offerIsal } from './isal.ts';

export interface SocketStreamOptions {
  /** False: Node's ordinary ways of reading and writing, which work everywhere. */
  readonly direct?: boolean;
  /** How long an end may take: for what is queued to leave, and for the peer to end too. */
  readonly lingerMilliseconds?: number;
}

const LINGER_MILLISECONDS = 10_000;

/** Where bytes land that nobody has given a place to yet. They leave it before anything else can arrive, so that all sockets share it. */
const scratch = new Uint8Array(64 * 1024);

/**
 * The socket is connected, and an accepted one comes paused (`pauseOnConnect`). The receiver is not asked for anything before the caller has
 * returned to the event loop.
 */
export function streamFromSocket(accepted: Socket, receiver: ByteStreamReceiver, options: SocketStreamOptions = {}): ByteStream {
  offerIsal(); // What goes over sockets may carry digests.
  return new SocketStream(accepted, receiver, options);
}

interface Batch {
  readonly bytes: number;
  readonly sent: (() => void) | undefined;
  left: boolean;
}

class SocketStream implements ByteStream {
  readonly remote: string;
  readonly local: string;
  /** A batch counts until all of it has left. */
  queuedBytes = 0;
  readonly #receiver: ByteStreamReceiver;
  readonly #socket: Socket;
  readonly #write: BatchWriter;
  readonly #lingerMilliseconds: number;
  /** The receiver's buffer that the kernel has; undefined: it has the scratch buffer. */
  #lent: Uint8Array | undefined;
  #paused = true;
  /** False: either side has ended. Nothing more is taken, and nothing more arrives. */
  #open = true;
  #closed = false;
  readonly #underway = new Set<Batch>();
  /** Batches that have left, and whose senders are still to be told. */
  readonly #left: Batch[] = [];
  #telling = false;
  #timer: NodeJS.Timeout | undefined;
  #reason: string | undefined;

  constructor(accepted: Socket, receiver: ByteStreamReceiver, options: SocketStreamOptions) {
    const direct = options.direct !== false;
    this.#receiver = receiver;
    this.#lingerMilliseconds = options.lingerMilliseconds ?? LINGER_MILLISECONDS;
    this.remote = hostPort(accepted.remoteAddress, accepted.remotePort);
    this.local = hostPort(accepted.localAddress, accepted.localPort);
    accepted.setNoDelay(true);
    const moved = direct
      ? readDirectly(accepted, { lend: () => this.#lend(), handleArrival: (count) => this.#handleArrival(count) })
      : undefined;
    this.#socket = moved ?? accepted;
    this.#write = batchWriter(this.#socket, direct);
    if (moved === undefined) this.#socket.on('data', (bytes: Uint8Array) => this.#copyIn(bytes));
    this.#socket.on('error', (error) => {
      this.#reason ??= describe(error);
    });
    this.#socket.on('end', () => this.#wind());
    this.#socket.on('close', () => this.#handleClose());
    this.#paused = false;
    this.#socket.resume();
    // Reset between its acceptance and now: it will say nothing more.
    if (accepted.destroyed) setImmediate(() => this.#handleClose());
  }

  // ---- arrivals ----

  #lend(): Uint8Array {
    // While paused there is no telling when the next bytes come: what the receiver would say now may be wrong by then.
    this.#lent = this.#open && !this.#paused ? this.#receiver.nextBuffer() : undefined;
    return this.#lent ?? scratch;
  }

  #handleArrival(count: number): void {
    if (!this.#open) return;
    if (this.#lent === undefined) this.#copyIn(scratch.subarray(0, count));
    else this.#receiver.handleBytes(count);
  }

  #copyIn(bytes: Uint8Array): void {
    for (let taken = 0; taken < bytes.length && this.#open; ) {
      const place = this.#receiver.nextBuffer();
      const part = bytes.subarray(taken, taken + place.length);
      place.set(part);
      taken += part.length;
      this.#receiver.handleBytes(part.length);
    }
  }

  pause(): void {
    if (!this.#open) return;
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#open) return;
    this.#paused = false;
    this.#socket.resume();
  }

  // ---- departures ----

  write(views: readonly Uint8Array[], sent: (() => void) | undefined): void {
    let bytes = 0;
    for (const view of views) bytes += view.length;
    const batch: Batch = { bytes, sent, left: false };
    this.queuedBytes += bytes;
    if (!this.#open || bytes === 0) return this.#handleLeft(batch);
    this.#write(views, (error) => {
      this.#handleLeft(batch);
      if (error !== null && error !== undefined) this.#socket.destroy(error);
    });
    if (!batch.left) this.#underway.add(batch);
  }

  #handleLeft(batch: Batch): void {
    if (batch.left) return;
    batch.left = true;
    this.queuedBytes -= batch.bytes;
    this.#underway.delete(batch);
    this.#left.push(batch);
    if (this.#telling) return;
    // One that is told may write again, and that may leave at once: no recursion, however long it goes on.
    this.#telling = true;
    for (let next = this.#left.shift(); next !== undefined; next = this.#left.shift()) next.sent?.();
    this.#telling = false;
  }

  // ---- the end ----

  end(): void {
    if (this.#open) this.#wind();
  }

  destroy(): void {
    this.#open = false;
    this.#socket.destroy();
  }

  /** Lets out what is queued, and waits for the peer's end: closing before would reset the connection, and lose what is on its way. */
  #wind(): void {
    this.#open = false;
    this.#timer ??= setTimeout(() => this.#socket.destroy(), this.#lingerMilliseconds).unref();
    this.#socket.end();
    this.#socket.resume();
  }

  #handleClose(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#open = false;
    clearTimeout(this.#timer);
    for (const batch of this.#underway) this.#handleLeft(batch);
    this.#receiver.handleClose(this.#reason);
  }
}

const hostPort = (host: string | undefined, port: number | undefined): string =>
  `${host?.includes(':') ? `[${host}]` : (host ?? '?')}:${port ?? '?'}`;

const reasons: Readonly<Record<string, string>> = {
  ECONNRESET: 'the peer reset the connection',
  EPIPE: 'the peer closed the connection',
  ETIMEDOUT: 'the peer does not answer any more',
  EHOSTUNREACH: 'the peer is out of reach',
  ENETUNREACH: 'the peer is out of reach',
};

/** In words, with the operating system's name for it: what it was about to do makes a difference to who has to be told. */
function describe(error: NodeJS.ErrnoException): string {
  const words = reasons[error.code ?? ''];
  if (words === undefined) return error.message;
  const isWriting = error.code === 'EPIPE' || error.syscall === 'write' || error.syscall === 'writev';
  return `${words}${isWriting ? ' while data was on its way to it' : ''} (${error.code})`;
}
