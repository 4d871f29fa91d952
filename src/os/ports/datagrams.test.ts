import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { address } from '../../wire/ip/address.ts';
import { attachmentCounters, type AttachmentCounters } from './attachment.ts';
import { type DatagramAddress, type DatagramEnd, openDatagrams } from './datagrams.ts';
import { loadNative } from './native.ts';
import { watchReadable } from './readable.ts';

const native = loadNative();
let folder: string;
let ends: DatagramEnd[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'samewire-datagrams-'));
  ends = [];
});

afterEach(() => {
  for (const end of ends) end.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Open {
  readonly end: DatagramEnd;
  readonly counters: AttachmentCounters;
  readonly received: Uint8Array[];
}

async function open(local: DatagramAddress, remote: DatagramAddress, plain: boolean): Promise<Open> {
  const counters = attachmentCounters();
  const received: Uint8Array[] = [];
  const end = await openDatagrams({
    local,
    remote,
    prefix: Uint8Array.of(1, 2, 3),
    whole: false,
    counters,
    plain,
    onDatagram: (bytes, start, stop) => received.push(bytes.slice(start, stop)),
    onTooLong: () => {},
  });
  ends.push(end);
  return { end, counters, received };
}

/** Ports that are likely free, and not the same for two processes that test at once. */
const port = 20_000 + (process.pid % 30_000);
const udp = (last: number): DatagramAddress => ({ address: address(`127.0.0.${last}`), port: port + last });

async function exchange(a: Open, b: Open): Promise<void> {
  const frames = Array.from({ length: 300 }, (_, index) => new Uint8Array(60 + 7 * index).fill(index));
  // In portions that fit what a socket may queue where we can't ask for more.
  for (let first = 0; first < frames.length; first += 20) {
    for (const frame of frames.slice(first, first + 20)) a.end.send(frame);
    await expect.poll(() => b.received.length).toBe(Math.min(first + 20, frames.length));
  }
  for (const [index, frame] of frames.entries()) {
    expect([...b.received[index]!.subarray(0, 3)]).toEqual([1, 2, 3]);
    expect(Buffer.compare(b.received[index]!.subarray(3), frame)).toBe(0);
  }
  expect(a.counters).toMatchObject({ framesOut: 300, dropsOut: 0 });
}

describe('frames as datagrams', () => {
  for (const plain of [false, true])
    it.skipIf(!plain && native === undefined)(`travel over UDP, ${plain ? 'by Node' : 'in batches'}`, async () => {
      const [a, b] = [await open(udp(1), udp(2), plain), await open(udp(2), udp(1), plain)];
      await exchange(a, b);
      await exchange(b, a);
      // From another address: not taken.
      const stranger = await open(udp(3), udp(2), plain);
      stranger.end.send(new Uint8Array(60));
      await expect.poll(() => b.counters.malformed).toBe(1);
      expect(b.received.length).toBe(300);
      // Longer than a datagram can be.
      a.end.send(new Uint8Array(65_530));
      await expect.poll(() => a.counters.tooLong).toBe(1);
    });

  it.skipIf(native === undefined)('travel between Unix sockets, and wait for a reader within bounds', async () => {
    const [pathA, pathB] = [{ path: join(folder, 'a') }, { path: join(folder, 'b') }];
    const [a, b] = [await open(pathA, pathB, false), await open(pathB, pathA, false)];
    await exchange(a, b);
    // The kernel takes some ten; the rest waits until the reader gets its turn, or is dropped and counted.
    for (let count = 0; count < 5000; count += 1) a.end.send(Uint8Array.of(count & 0xff, count >>> 8));
    await expect.poll(() => b.received.length + a.counters.dropsOut, { timeout: 20_000 }).toBe(5300);
    expect(a.counters.dropsOut).toBeGreaterThan(0);
    expect(b.received.length).toBeGreaterThan(4000);
  });

  it.skipIf(native === undefined)('take over a path that was left behind, and refuse one in use', async () => {
    const [pathA, pathB] = [{ path: join(folder, 'a') }, { path: join(folder, 'b') }];
    const fd = native!.socket(1, 2, 0);
    const name = new Uint8Array(3 + pathA.path.length);
    name[0] = 1;
    name.set(new TextEncoder().encode(pathA.path), 2);
    expect(native!.bind(fd, name)).toBe(0);
    await expect(open(pathA, pathB, false)).rejects.toThrow('EADDRINUSE');
    native!.close(fd);
    await open(pathA, pathB, false);
  });

  it.skipIf(native === undefined)('are heard of by a thread where Node has no handle for it', async () => {
    const local = udp(9);
    const fd = native!.socket(2, 2 | 0o4000, 0);
    const name = new Uint8Array(16);
    name.set([2, 0, ('port' in local ? local.port : 0) >>> 8, ('port' in local ? local.port : 0) & 0xff, 127, 0, 0, 9]);
    expect(native!.bind(fd, name)).toBe(0);
    const bytes = new Uint8Array(100);
    const lengths: number[] = [];
    const watch = watchReadable(
      native!,
      fd,
      () => {
        for (let length = native!.read(fd, bytes); length > 0; length = native!.read(fd, bytes)) lengths.push(length);
      },
      true,
    );
    const sender = await open(udp(8), local, true);
    for (const length of [10, 20, 30]) sender.end.send(new Uint8Array(length));
    await expect.poll(() => lengths).toEqual([13, 23, 33]);
    watch.close();
  });
});
