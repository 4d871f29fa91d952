import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDirectly } from './direct-read.ts';
import { listen } from './listener.ts';
import { NotingReceiver, streamPair } from './testing/stream-pair.ts';

/** Bytes that tell their place, with a period that no buffer length shares. */
const patterned = (length: number): Buffer => Buffer.from(Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 8)) & 0xff));
const breath = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
/** Longer than what the kernel and both ends together keep for later. */
const MORE_THAN_FITS = 48 * 1024 * 1024;

async function accepted<Result>(use: (socket: Socket) => Result): Promise<Result> {
  const socket = new Promise<Socket>((resolve) => {
    void listen('127.0.0.1', 0, resolve).then(async (listener) => {
      connect(listener.port, '127.0.0.1').on('error', () => {});
      await socket;
      await listener.close();
    });
  });
  return use(await socket);
}

describe('direct reading', () => {
  it('is taken on this Node: the kernel has a buffer of the receiver before anything arrives', async () => {
    const pair = await streamPair(true);
    expect(pair.receiver.lentAhead).toBe(1);
    pair.client.write('x');
    await pair.receiver.until(() => pair.receiver.receivedBytes === 1);
    expect(pair.receiver.arrivals).toEqual([1]);
    await pair.close();
  });

  it('is not taken when it is not wanted: buffers are asked for when there are bytes', async () => {
    const pair = await streamPair(false);
    await breath();
    expect(pair.receiver.lentAhead).toBe(0);
    await pair.close();
  });

  it.each<[string, (socket: { _handle: Record<string, unknown> | null }) => void]>([
    ['without a handle', (socket) => void (socket._handle = null)],
    ['with a handle that takes no buffer', (socket) => void (socket._handle!['useUserBuffer'] = undefined)],
    ['with a handle that can not be started', (socket) => void (socket._handle!['readStart'] = undefined)],
    ['that is being read', (socket) => void (socket._handle!['reading'] = true)],
  ])('leaves a socket alone %s', async (_, change) => {
    await accepted((socket) => {
      const inside = socket as unknown as { _handle: Record<string, unknown> | null };
      const original = inside._handle!;
      change(inside);
      const left = inside._handle;
      expect(readDirectly(socket, new NotingReceiver())).toBeUndefined();
      expect(inside._handle).toBe(left);
      inside._handle = original;
      delete original['useUserBuffer'];
      delete original['readStart'];
      original['reading'] = false;
      socket.destroy();
    });
  });
});

describe.each([
  ['direct', true],
  ['ordinary', false],
])('a %s socket stream', (_, direct) => {
  it('knows both ends', async () => {
    const pair = await streamPair(direct);
    expect(pair.stream.remote).toBe(`127.0.0.1:${pair.client.localPort}`);
    expect(pair.stream.local).toBe(`127.0.0.1:${pair.client.remotePort}`);
    await pair.close();
  });

  it('brings every byte once and in order, however they are cut and wherever they may land', async () => {
    const length = fc.oneof(fc.integer({ min: 1, max: 64 }), fc.integer({ min: 1, max: 70_000 }));
    const shapes = fc.record({
      segments: fc.array(fc.record({ length, waits: fc.boolean() }), { minLength: 1, maxLength: 12 }),
      buffers: fc.array(length, { minLength: 1, maxLength: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(shapes, async ({ segments, buffers }) => {
        const pair = await streamPair(direct, new NotingReceiver(buffers));
        const sent = patterned(segments.reduce((sum, segment) => sum + segment.length, 0));
        let at = 0;
        for (const segment of segments) {
          pair.client.write(sent.subarray(at, at + segment.length));
          at += segment.length;
          if (segment.waits) await breath();
        }
        await pair.receiver.until(() => pair.receiver.receivedBytes >= sent.length);
        expect(pair.receiver.bytes.equals(sent)).toBe(true);
        await pair.close();
      }),
      { numRuns: 25 },
    );
  }, 60_000);

  it('brings bytes one at a time', async () => {
    const pair = await streamPair(direct, new NotingReceiver([1]));
    const sent = patterned(3000);
    pair.client.write(sent);
    await pair.receiver.until(() => pair.receiver.receivedBytes === sent.length);
    expect(pair.receiver.arrivals.every((count) => count === 1)).toBe(true);
    expect(pair.receiver.bytes.equals(sent)).toBe(true);
    await pair.close();
  });

  it('brings the bytes to a receiver that changed its mind after it lent a buffer', async () => {
    const pair = await streamPair(direct, new NotingReceiver([700, 48, 5000]));
    const sent = patterned(60_000);
    for (let at = 0; at < sent.length; at += 1500) {
      pair.receiver.changeMind();
      pair.client.write(sent.subarray(at, at + 1500));
      await pair.receiver.until(() => pair.receiver.receivedBytes >= at + 1);
    }
    await pair.receiver.until(() => pair.receiver.receivedBytes === sent.length);
    expect(pair.receiver.bytes.equals(sent)).toBe(true);
    // Only a stream that asks ahead can be surprised; that it was shows that the test did what it says.
    if (direct) expect(pair.receiver.stale).toBeGreaterThan(10);
    else expect(pair.receiver.stale).toBe(0);
    await pair.close();
  });

  it('stops and resumes arrivals', async () => {
    const pair = await streamPair(direct, new NotingReceiver([65_536]));
    const sent = patterned(4 * 1024 * 1024);
    let paused = false;
    let whilePaused = 0;
    let mostWhilePaused = 0;
    let pauses = 0;
    pair.receiver.onArrival = () => {
      if (paused) whilePaused += 1;
      if (pauses === 5 || paused) return;
      pauses += 1;
      paused = true;
      whilePaused = 0;
      pair.stream.pause();
      setTimeout(() => {
        mostWhilePaused = Math.max(mostWhilePaused, whilePaused);
        paused = false;
        pair.stream.resume();
      }, 20);
    };
    pair.client.write(sent);
    await pair.receiver.until(() => pair.receiver.receivedBytes === sent.length);
    expect(pauses).toBe(5);
    // What was under way may still come, once.
    expect(mostWhilePaused).toBeLessThanOrEqual(1);
    expect(pair.receiver.bytes.equals(sent)).toBe(true);
    await pair.close();
  });

  it('sends batches in order, tells each once that it left, and counts what has not', async () => {
    const pair = await streamPair(direct);
    const chunks: Buffer[] = [];
    pair.client.on('data', (bytes: Buffer) => chunks.push(bytes));
    const sent = patterned(600_000);
    const told: number[] = [];
    let at = 0;
    for (let batch = 0; batch < 30; batch += 1) {
      const views = [1, 48, 4096 + batch, 15_000].map((length) => sent.subarray(at, (at += length)));
      const before = pair.stream.queuedBytes;
      pair.stream.write(views, () => told.push(batch));
      expect(pair.stream.queuedBytes).toBe(before + 19_145 + batch);
    }
    pair.stream.end();
    await once(pair.client, 'end');
    expect(Buffer.concat(chunks).equals(sent.subarray(0, at))).toBe(true);
    expect(told).toEqual(Array.from({ length: 30 }, (__, batch) => batch));
    expect(pair.stream.queuedBytes).toBe(0);
    await pair.close();
  });

  it('brings everything before the end of the other side, and says so once', async () => {
    const pair = await streamPair(direct, new NotingReceiver([1000]));
    const sent = patterned(12_345);
    pair.client.end(sent);
    await pair.receiver.until(() => pair.receiver.closes.length !== 0);
    expect(pair.receiver.bytes.equals(sent)).toBe(true);
    await breath();
    expect(pair.receiver.closes).toEqual([undefined]);
    await pair.close();
  });

  it('tells why a connection was reset, and that what was queued is done with, once', async () => {
    const pair = await streamPair(direct);
    let told = 0;
    pair.client.pause();
    for (let batch = 0; batch < 3; batch += 1) pair.stream.write([new Uint8Array(MORE_THAN_FITS / 3)], () => (told += 1));
    expect(pair.stream.queuedBytes).toBe(MORE_THAN_FITS);
    await breath();
    pair.client.resetAndDestroy();
    await pair.receiver.until(() => pair.receiver.closes.length !== 0);
    await breath();
    expect(pair.receiver.closes).toHaveLength(1);
    expect(pair.receiver.closes[0]).toMatch(/ECONNRESET|EPIPE/);
    expect(told).toBe(3);
    expect(pair.stream.queuedBytes).toBe(0);
    await pair.close();
  });

  it('is destroyed in the middle of what it sends, and of what it receives', async () => {
    const pair = await streamPair(direct, new NotingReceiver([512]));
    let told = 0;
    pair.client.pause();
    pair.client.write(new Uint8Array(1_000_000));
    await pair.receiver.until(() => pair.receiver.receivedBytes !== 0);
    pair.stream.write([new Uint8Array(MORE_THAN_FITS)], () => (told += 1));
    pair.stream.destroy();
    await pair.receiver.until(() => pair.receiver.closes.length !== 0);
    const { receivedBytes } = pair.receiver;
    await breath();
    expect(pair.receiver.closes).toEqual([undefined]);
    expect(pair.receiver.receivedBytes).toBe(receivedBytes);
    expect(told).toBe(1);
    expect(pair.stream.queuedBytes).toBe(0);
    await pair.close();
  });

  it('may be destroyed from within an arrival', async () => {
    const pair = await streamPair(direct, new NotingReceiver([100_000]));
    pair.receiver.onArrival = () => pair.stream.destroy();
    pair.client.write(new Uint8Array(10));
    await pair.receiver.until(() => pair.receiver.closes.length !== 0);
    await breath();
    expect(pair.receiver.closes).toEqual([undefined]);
    await pair.close();
  });

  it('is done with what is written when it is gone already', async () => {
    const pair = await streamPair(direct);
    pair.stream.destroy();
    await pair.receiver.until(() => pair.receiver.closes.length !== 0);
    let told = 0;
    await new Promise<void>((resolve) =>
      pair.stream.write([new Uint8Array(10), new Uint8Array(20)], () => {
        told += 1;
        resolve();
      }),
    );
    await breath();
    expect(told).toBe(1);
    expect(pair.stream.queuedBytes).toBe(0);
    await pair.close();
  });
});
