import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EINVAL, EOPNOTSUPP, ENXIO, errorName, EWOULDBLOCK, loadPosix, PUNCH_HOLE, SEEK_DATA, SEEK_HOLE } from './posix.ts';

const posix = loadPosix();
let folder = '';
let fd = -1;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samewire-posix-'));
  fd = openSync(join(folder, 'file'), 'w+');
});
afterEach(async () => {
  closeSync(fd);
  await rm(folder, { recursive: true, force: true });
});

it('names error numbers', () => {
  expect([errorName(EINVAL), errorName(0x7777)]).toEqual(['EINVAL', 'error 30583']);
});

describe.skipIf(posix === undefined)('calls of the C library', () => {
  it.skipIf(posix?.readNow === undefined)('read into several buffers what is in memory', () => {
    const bytes = Uint8Array.from({ length: 3000 }, (_, index) => index & 0xff);
    writeSync(fd, bytes);
    const one = new Uint8Array(1000);
    const two = new Uint8Array(1500);
    const vector = new Uint32Array(8);
    for (const [index, buffer] of [one, two].entries()) {
      const address = posix!.addressOf(buffer);
      vector[4 * index] = Number(address & 0xffff_ffffn);
      vector[4 * index + 1] = Number(address >> 32n);
      vector[4 * index + 2] = buffer.length;
    }
    const count = posix!.readNow!(fd, vector, 2, 1000);
    // Some file systems don't know reads that never wait.
    if (count === -EOPNOTSUPP) return;
    expect(count).toBe(2000);
    expect(Buffer.compare(Buffer.concat([one, two.subarray(0, 1000)]), bytes.subarray(1000))).toBe(0);
    expect(posix!.readNow!(-1, vector, 1, 0)).toBe(-9);
  });

  it.skipIf(posix?.seek === undefined)('tell data from holes, and errors apart while many are under way', async () => {
    ftruncateSync(fd, 1 << 20);
    writeSync(fd, new Uint8Array(65_536).fill(1), 0, 65_536, 512 * 1024);
    const seek = (position: number, whence: number): Promise<number> =>
      new Promise((resolve) => posix!.seek!(fd, position, whence, resolve));
    const results = await Promise.all(
      Array.from(
        { length: 400 },
        (_, index) => [seek(0, SEEK_DATA), seek(512 * 1024, SEEK_HOLE), seek(2 << 20, SEEK_DATA), seek(0, 77)][index % 4]!,
      ),
    );
    for (const [index, result] of results.entries()) expect(result).toBe([512 * 1024, 576 * 1024, -ENXIO, -EINVAL][index % 4]);
  });

  it.skipIf(posix?.allocate === undefined)('punch holes', async () => {
    writeSync(fd, new Uint8Array(1 << 20).fill(1));
    const result = await new Promise<number>((resolve) => posix!.allocate!(fd, PUNCH_HOLE, 0, 512 * 1024, resolve));
    if (result === -EOPNOTSUPP) return;
    expect(result).toBe(0);
    expect(fstatSync(fd).size).toBe(1 << 20);
    expect(fstatSync(fd).blocks * 512).toBeLessThan(1 << 20);
  });

  it.skipIf(posix?.lock === undefined)('lock files', () => {
    const other = openSync(join(folder, 'file'), 'r+');
    expect(posix!.lock!(fd, false)).toBe(0);
    expect(posix!.lock!(other, false)).toBe(-EWOULDBLOCK);
    expect(posix!.lock!(other, true)).toBe(-EWOULDBLOCK);
    expect(posix!.lock!(fd, true)).toBe(0);
    expect(posix!.lock!(other, true)).toBe(0);
    closeSync(other);
  });

  it.skipIf(posix?.waits === undefined)('count how often this thread has waited', () => {
    const before = posix!.waits!();
    const cell = new Int32Array(new SharedArrayBuffer(4));
    for (let count = 0; count < 5; count += 1) Atomics.wait(cell, 0, 0, 2);
    expect(posix!.waits!() - before).toBeGreaterThanOrEqual(5);
  });
});
