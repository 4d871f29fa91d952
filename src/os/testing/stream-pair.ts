/** A byte stream over a real connection on loopback, a receiver that notes what it gets, and the other end of the connection. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import { listen } from '../listener.ts';
import { streamFromSocket } from '../socket-stream.ts';

/** Lends buffers of the lengths asked for, in turns; may change its mind about where the bytes belong after it lent one. */
export class NotingReceiver implements ByteStreamReceiver {
  readonly arrivals: number[] = [];
  readonly closes: (string | undefined)[] = [];
  /** Buffers asked for before anything had arrived. */
  lentAhead = 0;
  /** Arrivals in a buffer that was no longer where the bytes belonged. */
  stale = 0;
  onArrival: (() => void) | undefined = undefined;
  readonly #lengths: readonly number[];
  readonly #pieces: Uint8Array[] = [];
  #turn = 0;
  #lent: Uint8Array | undefined;
  #wanted: Uint8Array | undefined;
  #watchers: (() => void)[] = [];
  receivedBytes = 0;

  constructor(lengths: readonly number[] = [4096]) {
    this.#lengths = lengths;
  }

  nextBuffer(): Uint8Array {
    if (this.arrivals.length === 0) this.lentAhead += 1;
    this.#lent = new Uint8Array(this.#lengths[this.#turn % this.#lengths.length]!).fill(0xee);
    this.#turn += 1;
    this.#wanted = this.#lent;
    return this.#lent;
  }

  /** From now on the next bytes belong elsewhere: a stream that asked ahead doesn't know. */
  changeMind(): void {
    this.#wanted = new Uint8Array(this.#lent?.length ?? 1);
  }

  handleBytes(count: number): void {
    const lent = this.#lent;
    if (lent === undefined || count < 1 || count > lent.length) throw new Error(`${count} bytes arrived where none were asked for`);
    if (this.closes.length !== 0) throw new Error('bytes after the end');
    if (this.#wanted !== lent) {
      this.stale += 1;
      this.#wanted!.set(lent.subarray(0, count));
    }
    this.#pieces.push(this.#wanted!.slice(0, count));
    this.#lent = undefined;
    this.arrivals.push(count);
    this.receivedBytes += count;
    this.onArrival?.();
    this.#wake();
  }

  handleClose(reason: string | undefined): void {
    this.closes.push(reason);
    this.#wake();
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** Waits until the condition holds; looked at after each arrival and at the end. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.#watchers.push(resolve));
  }

  #wake(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}

export interface StreamPair {
  readonly stream: ByteStream;
  readonly receiver: NotingReceiver;
  readonly client: Socket;
  /** Ends what is still open. */
  close(): Promise<void>;
}

export async function streamPair(direct: boolean, receiver: NotingReceiver = new NotingReceiver()): Promise<StreamPair> {
  let attach: (stream: ByteStream) => void;
  const attached = new Promise<ByteStream>((resolve) => {
    attach = resolve;
  });
  const listener = await listen('127.0.0.1', 0, (socket) => attach(streamFromSocket(socket, receiver, { direct })));
  const client = connect(listener.port, '127.0.0.1');
  client.on('error', () => {});
  const connected = once(client, 'connect');
  const stream = await attached;
  await connected;
  return {
    stream,
    receiver,
    client,
    close: async () => {
      client.destroy();
      stream.destroy();
      await receiver.until(() => receiver.closes.length !== 0);
      await listener.close();
    },
  };
}
