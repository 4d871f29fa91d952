/**
 * A socket of datagrams that are frames, read and written in batches. Frames to send gather while something is being handled, and leave at its
 * end; what the kernel has no room for waits in a bounded queue.
 */
import type { AttachmentCounters } from './attachment.ts';
import { BATCH_MESSAGES, type OutgoingMessages, outgoingMessages, type ReceivedMessages, receivedMessages } from './messages.ts';
import { EAGAIN, EMSGSIZE, type Native } from './native.ts';
import { type ReadableWatch, watchReadable } from './readable.ts';

export interface MessageSocketSettings {
  /** Open, not blocking; the socket's from now on. */
  readonly fd: number;
  /** In front of every frame. */
  readonly prefix: Uint8Array;
  /** Where they go; empty: the socket knows. */
  readonly to: Uint8Array;
  readonly counters: AttachmentCounters;
  /** One that came. It must be copied before this returns. */
  onMessage(received: ReceivedMessages, index: number): void;
  /** The negative error number of a read. */
  onError(result: number): void;
  onTooLong(frameBytes: number): void;
}

/** Batches read before others get their turn. */
const BATCHES_A_TURN = 4;
/** Frames that may wait. */
const QUEUE_FRAMES = 4096;
/** There is no telling when a socket can be written again; this is soon enough for queues of this length. */
const RETRY_MILLISECONDS = 1;

export class MessageSocket {
  readonly #settings: MessageSocketSettings;
  readonly #received: ReceivedMessages;
  readonly #outgoing: OutgoingMessages;
  readonly #watch: ReadableWatch;
  #queue: Uint8Array[] = [];
  #scheduled = false;
  #retry: NodeJS.Timeout | undefined;
  #open = true;

  constructor(native: Native, settings: MessageSocketSettings) {
    this.#settings = settings;
    this.#received = receivedMessages(native);
    this.#outgoing = outgoingMessages(native);
    this.#watch = watchReadable(native, settings.fd, () => this.#read());
  }

  send(frame: Uint8Array): void {
    if (!this.#open || this.#queue.length >= QUEUE_FRAMES) {
      this.#settings.counters.dropsOut += 1;
      return;
    }
    this.#queue.push(frame);
    if (this.#scheduled || this.#retry !== undefined) return;
    this.#scheduled = true;
    process.nextTick(() => {
      this.#scheduled = false;
      this.#flush();
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    clearTimeout(this.#retry);
    this.#queue = [];
    this.#watch.close();
  }

  #read(): void {
    for (let batch = 0; batch < BATCHES_A_TURN && this.#open; batch += 1) {
      const count = this.#received.receive(this.#settings.fd);
      if (count < 0 && count !== -EAGAIN) return this.#settings.onError(count);
      for (let index = 0; index < count; index += 1) this.#settings.onMessage(this.#received, index);
      if (count < BATCH_MESSAGES) return;
    }
  }

  #flush(): void {
    const { fd, prefix, to, counters } = this.#settings;
    const queue = this.#queue;
    let first = 0;
    while (this.#open && first < queue.length) {
      this.#outgoing.begin(to);
      let last = first;
      while (last < queue.length && this.#outgoing.add(prefix, queue[last]!)) last += 1;
      const sent = this.#outgoing.send(fd);
      for (let index = first; index < first + sent; index += 1) {
        counters.framesOut += 1;
        counters.bytesOut += queue[index]!.length;
      }
      if (sent > 0) first += sent;
      else if (sent === -EAGAIN) {
        this.#retry = setTimeout(() => {
          this.#retry = undefined;
          this.#flush();
        }, RETRY_MILLISECONDS);
        break;
      } else {
        // Of this one frame; those behind it may fare better.
        if (sent === -EMSGSIZE) {
          counters.tooLong += 1;
          this.#settings.onTooLong(queue[first]!.length);
        } else counters.dropsOut += 1;
        first += 1;
      }
    }
    this.#queue = first === queue.length ? [] : queue.slice(first);
  }
}
