import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ByteStream, ByteStreamReceiver } from '../base/byte-stream.ts';
import { below, type Rng, seededRng } from '../base/rng.ts';
import { listen, type Listener } from './listener.ts';
import { streamFromSocket, type SocketStreamOptions } from './socket-stream.ts';

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

/** Takes what comes into buffers of the size it is asked for, and minds that the rules of the interface are kept. */
class Collector implements ByteStreamReceiver {
  readonly chunks: Uint8Array[] = [];
  received = 0;
  closes: (string | undefined)[] = [];
  asked = 0;
  broken: string | undefined;
  onBytes: (bytes: Uint8Array) => void = () => {};
  readonly #bufferBytes: () => number;
  #lent: Uint8Array | undefined;

  constructor(bufferBytes: () => number) {
    this.#bufferBytes = bufferBytes;
  }

  nextBuffer(): Uint8Array {
    if (this.#lent !== undefined) this.broken = 'asked twice for one arrival';
    if (this.closes.length !== 0) this.broken = 'asked after the end';
    this.asked += 1;
    // A view inside something larger, so that bytes beside it would be noticed.
    const around = new Uint8Array(this.#bufferBytes() + 16).fill(0xaa);
    this.#lent = around.subarray(8, around.length - 8);
    return this.#lent;
  }

  handleBytes(count: number): void {
    const lent = this.#lent;
    this.#lent = undefined;
    if (lent === undefined) this.broken = 'bytes for no buffer';
    else if (count < 1 || count > lent.length) this.broken = `${count} bytes in a buffer of ${lent.length}`;
    else {
      const around = new Uint8Array(lent.buffer);
      if (around[7] !== 0xaa || around[around.length - 8] !== 0xaa) this.broken = 'bytes beside the buffer';
      if (this.closes.length !== 0) this.broken = 'bytes after the end';
      this.chunks.push(lent.slice(0, count));
      this.received += count;
      this.onBytes(lent.subarray(0, count));
    }
  }

  handleClose(reason: string | undefined): void {
    this.closes.push(reason);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }
}

interface Pair {
  readonly stream: ByteStream;
  readonly receiver: Collector;
  readonly peer: Socket;
  readonly peerChunks: Buffer[];
}

let listeners: Listener[] = [];
let pairs: Pair[] = [];
afterEach(async () => {
  for (const { receiver } of pairs) expect(receiver.broken).toBeUndefined();
  for (const { stream, peer } of pairs.splice(0)) {
    stream.destroy();
    peer.destroy();
  }
  for (const listener of listeners.splice(0)) await listener.close();
});

async function makePair(options: SocketStreamOptions, bufferBytes: () => number = () => 65_536, allowHalfOpen = true): Promise<Pair> {
  const receiver = new Collector(bufferBytes);
  const peerChunks: Buffer[] = [];
  const pair = await new Promise<Pair>((resolve, reject) => {
    let peer: Socket | undefined;
    const accept = (socket: Socket): void => {
      const stream = streamFromSocket(socket, receiver, options);
      if (receiver.asked !== 0) reject(new Error('asked before the caller was ready'));
      else resolve({ stream, receiver, peer: peer!, peerChunks });
    };
    listen('127.0.0.1', 0, accept).then((listener) => {
      listeners.push(listener);
      peer = connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen, noDelay: true });
      peer.on('data', (bytes) => peerChunks.push(bytes));
      peer.on('error', () => {});
    }, reject);
  });
  pairs.push(pair);
  await until(() => !pair.peer.connecting);
  return pair;
}

const numbered = (length: number, seed = 1): Uint8Array => seededRng(seed).fill(new Uint8Array(length));

async function sendInPieces(peer: Socket, bytes: Uint8Array, rng: Rng): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const length = [1, 1 + below(rng, 60), 1 + below(rng, 5000), 100_000][below(rng, 4)]!;
    peer.write(bytes.subarray(at, at + length));
    at += length;
    if (below(rng, 3) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

describe.each([true, false])('a stream over a socket (direct: %s)', (direct) => {
  it('says who talks to whom', async () => {
    const { stream, peer } = await makePair({ direct });
    expect(stream.local).toBe(`127.0.0.1:${peer.remotePort}`);
    expect(stream.remote).toBe(`127.0.0.1:${peer.localPort}`);
  });

  it.each([1, 2, 3, 4])('gives every byte once and in order, in buffers of any size (seed %i)', async (seed) => {
    const rng = seededRng(seed);
    const { receiver, peer } = await makePair({ direct }, () => [1, 1 + below(rng, 48), 1 + below(rng, 9000), 300_000][below(rng, 4)]!);
    const bytes = numbered(400_000, seed);
    await sendInPieces(peer, bytes, rng);
    await until(() => receiver.received === bytes.length);
    expect(same(receiver.bytes, bytes)).toBe(true);
  });

  it('takes one byte at a time', async () => {
    const { receiver, peer } = await makePair({ direct }, () => 1);
    const bytes = numbered(3000);
    peer.write(bytes);
    await until(() => receiver.received === bytes.length);
    expect(same(receiver.bytes, bytes)).toBe(true);
  });

  it('pauses and resumes, from within an arrival and from without, and loses nothing', async () => {
    const rng = seededRng(9);
    const { stream, receiver, peer } = await makePair({ direct }, () => 1 + below(rng, 4000));
    const bytes = numbered(500_000);
    let paused = false;
    receiver.onBytes = () => {
      if (below(rng, 5) !== 0) return;
      stream.pause();
      paused = true;
      const resume = (): void => {
        paused = false;
        stream.resume();
      };
      if (below(rng, 4) === 0) resume();
      else if (below(rng, 2) === 0) setImmediate(resume);
      else setTimeout(resume, 1);
    };
    void sendInPieces(peer, bytes, rng);
    while (receiver.received < bytes.length) {
      await new Promise((resolve) => setImmediate(resolve));
      if (!paused && below(rng, 10) === 0) {
        stream.pause();
        stream.resume();
      }
    }
    expect(same(receiver.bytes, bytes)).toBe(true);
  });

  it('stops arrivals while paused: what is in the air arrives once, no more', async () => {
    const { stream, receiver, peer } = await makePair({ direct }, () => 4096);
    peer.write(new Uint8Array(100));
    await until(() => receiver.received === 100);
    stream.pause();
    const bytes = numbered(300_000);
    let flushed = 0;
    for (let at = 0; at < bytes.length; at += 1000) peer.write(bytes.subarray(at, at + 1000), () => (flushed += 1));
    await until(() => flushed > 20);
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(receiver.received).toBeLessThanOrEqual(100 + 64 * 1024);
    stream.resume();
    await until(() => receiver.received === 100 + bytes.length);
    expect(same(receiver.bytes.subarray(100), bytes)).toBe(true);
  });

  it('asks nobody for a buffer while paused: what holds then may not hold when bytes come', async () => {
    const { stream, receiver, peer } = await makePair({ direct }, () => 4096);
    receiver.onBytes = () => stream.pause();
    peer.write(new Uint8Array(100));
    await until(() => receiver.received === 100);
    await new Promise((resolve) => setImmediate(resolve));
    expect(receiver.asked).toBe(1);
    receiver.onBytes = () => {};
    stream.resume();
    peer.write(new Uint8Array(100));
    await until(() => receiver.received === 200);
  });

  it('sends batches in order, tells each once, and counts what is left', async () => {
    const { stream, peer, peerChunks } = await makePair({ direct });
    const rng = seededRng(3);
    const bytes = numbered(16_000_000);
    const told: number[] = [];
    let batches = 0;
    let taken = 0;
    let left = 0;
    peer.pause();
    for (let at = 0; at < bytes.length; ) {
      const views: Uint8Array[] = [];
      let length = 0;
      for (let count = 1 + below(rng, 6); count > 0; count -= 1) {
        const view = bytes.subarray(at, at + [0, 1, 48, 4096, 400_000][below(rng, 5)]!);
        views.push(view);
        at += view.length;
        length += view.length;
      }
      // With nothing to send there is nothing to wait for.
      if (length === 0) continue;
      const number = batches;
      batches += 1;
      taken += length;
      stream.write(views, () => {
        told.push(number);
        left += length;
        expect(stream.queuedBytes).toBe(taken - left);
      });
      expect(stream.queuedBytes).toBe(taken - left);
    }
    expect(stream.queuedBytes).toBeGreaterThan(0);
    peer.resume();
    await until(() => told.length === batches);
    expect(told).toEqual(told.map((_, index) => index));
    expect(stream.queuedBytes).toBe(0);
    await until(() => peerChunks.reduce((sum, chunk) => sum + chunk.length, 0) === bytes.length);
    expect(same(Buffer.concat(peerChunks), bytes)).toBe(true);
  });

  it('takes more views in a batch than the kernel takes at a time', async () => {
    const { stream, peerChunks } = await makePair({ direct });
    const bytes = numbered(5000);
    let sent = 0;
    stream.write(
      Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)),
      () => (sent += 1),
    );
    await until(() => peerChunks.reduce((sum, chunk) => sum + chunk.length, 0) === bytes.length);
    expect(same(Buffer.concat(peerChunks), bytes)).toBe(true);
    await until(() => sent === 1);
  });

  it('lets one that is told write again, a hundred thousand times', async () => {
    const { stream } = await makePair({ direct });
    let writes = 0;
    const again = (): void => {
      writes += 1;
      if (writes < 100_000) stream.write([], again);
    };
    stream.write([], again);
    expect(writes).toBe(100_000);
    let echoes = 0;
    const more = (): void => {
      echoes += 1;
      if (echoes < 5000) stream.write([new Uint8Array(10)], more);
    };
    stream.write([new Uint8Array(10)], more);
    await until(() => echoes === 5000);
  });

  it('ends in order: everything written arrives, then the end, and it is said once without a reason', async () => {
    const { stream, receiver, peer, peerChunks } = await makePair({ direct }, () => 65_536, false);
    const bytes = numbered(2_000_000);
    let sent = 0;
    stream.write([bytes], () => (sent += 1));
    stream.end();
    stream.write([new Uint8Array(1)], () => (sent += 1));
    await until(() => receiver.closes.length === 1);
    expect(same(Buffer.concat(peerChunks), bytes)).toBe(true);
    expect([receiver.closes, sent, stream.queuedBytes, peer.readableEnded]).toEqual([[undefined], 2, 0, true]);
  });

  it('hears nothing more after its own end', async () => {
    const { stream, receiver, peer } = await makePair({ direct });
    stream.end();
    peer.write(numbered(100_000));
    peer.end();
    await until(() => receiver.closes.length === 1);
    expect(receiver.received).toBe(0);
  });

  it('does not wait for ever for a peer that does not end', async () => {
    const { stream, receiver, peer } = await makePair({ direct, lingerMilliseconds: 5 });
    stream.end();
    await until(() => receiver.closes.length === 1);
    expect(receiver.closes).toEqual([undefined]);
    await until(() => peer.readableEnded || peer.destroyed);
  });

  it('takes the peer’s end for the end of both, once what is queued has left', async () => {
    const { stream, receiver, peer, peerChunks } = await makePair({ direct });
    const bytes = numbered(2_000_000);
    let sent = 0;
    peer.pause();
    stream.write([bytes], () => (sent += 1));
    peer.end(new Uint8Array(10));
    await until(() => receiver.received === 10);
    peer.resume();
    await until(() => receiver.closes.length === 1);
    expect([receiver.closes, sent]).toEqual([[undefined], 1]);
    await until(() => peerChunks.reduce((sum, chunk) => sum + chunk.length, 0) === bytes.length);
    expect(same(Buffer.concat(peerChunks), bytes)).toBe(true);
  });

  it('says when the peer reset it, and lets go of what was queued', async () => {
    const { stream, receiver, peer } = await makePair({ direct });
    let sent = 0;
    peer.pause();
    for (let count = 0; count < 10; count += 1) stream.write([new Uint8Array(1_000_000)], () => (sent += 1));
    const queued = stream.queuedBytes;
    peer.resetAndDestroy();
    await until(() => receiver.closes.length === 1);
    expect(queued).toBeGreaterThan(0);
    expect(receiver.closes).toEqual([expect.stringMatching(/^the peer (reset|closed) the connection/)]);
    expect([sent, stream.queuedBytes]).toEqual([10, 0]);
    stream.write([new Uint8Array(10)], () => (sent += 1));
    stream.pause();
    stream.resume();
    stream.end();
    stream.destroy();
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect([sent, receiver.closes.length]).toEqual([11, 1]);
  });

  it('is destroyed from within an arrival, and hears nothing more', async () => {
    const { stream, receiver, peer } = await makePair({ direct }, () => 10);
    let sent = 0;
    receiver.onBytes = () => {
      stream.write([new Uint8Array(5_000_000)], () => (sent += 1));
      stream.destroy();
    };
    peer.write(numbered(100_000));
    await until(() => receiver.closes.length === 1);
    expect([receiver.received, receiver.closes, sent, receiver.asked]).toEqual([10, [undefined], 1, 1]);
  });

  it('ends from within an arrival', async () => {
    const { stream, receiver, peer, peerChunks } = await makePair({ direct }, () => 10, false);
    receiver.onBytes = () => {
      stream.write([new Uint8Array(20)], undefined);
      stream.end();
    };
    peer.write(numbered(100_000));
    await until(() => receiver.closes.length === 1);
    expect(receiver.received).toBe(10);
    await until(() => peerChunks.length !== 0);
    expect(Buffer.concat(peerChunks).length).toBe(20);
  });

  it('keeps many at a time apart, while some of them are paused', async () => {
    const rng = seededRng(11);
    const many = await Promise.all(Array.from({ length: 12 }, () => makePair({ direct }, () => 1 + below(rng, 3000))));
    const expected = many.map((_, index) => numbered(60_000, index));
    for (const { stream, receiver } of many) {
      receiver.onBytes = () => {
        if (below(rng, 3) !== 0) return;
        stream.pause();
        setImmediate(() => stream.resume());
      };
    }
    await Promise.all(many.map(({ peer }, index) => sendInPieces(peer, expected[index]!, seededRng(index))));
    await until(() => many.every(({ receiver }) => receiver.received === 60_000));
    for (const [index, { receiver }] of many.entries()) expect(same(receiver.bytes, expected[index]!)).toBe(true);
  });
});

describe('the direct way', () => {
  it('is really taken: the kernel writes into the receiver’s buffer', async () => {
    // Node hands over at most 64 KiB at a time by itself.
    const { receiver, peer } = await makePair({ direct: true }, () => 1_000_000);
    const lengths: number[] = [];
    receiver.onBytes = (bytes) => lengths.push(bytes.length);
    const largest = (): number => Math.max(0, ...lengths);
    for (let count = 0; count < 200 && largest() <= 65_536; count += 1) {
      const before = receiver.received;
      peer.write(new Uint8Array(2_000_000));
      await until(() => receiver.received === before + 2_000_000);
    }
    expect(largest()).toBeGreaterThan(65_536);
  });
});
