import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BackingStore } from '../storage/block/backing-store.ts';
import { nodeFileCalls } from './file-calls.ts';
import type { FileStoreOptions } from './file-opening.ts';
import { openFileStore } from './file-store.ts';
import { loadPosix } from './posix.ts';
import { CHILD_BLOCK_BYTES, CHILD_BLOCKS, childBlock } from './testing/file-store-child.ts';
import { closeStore, readStore, writeStore } from './testing/store-promises.ts';

const MIB = 1024 * 1024;

let folder = '';
let open: BackingStore[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samewire-open-'));
});
afterEach(async () => {
  for (const store of open.splice(0)) await closeStore(store);
  await rm(folder, { recursive: true, force: true });
});

const plain: FileStoreOptions = { sizeBytes: undefined, create: false, thin: true, readOnly: false, blockBytes: 512 };
const bare = { posix: undefined, calls: nodeFileCalls, now: () => 0 };
const openAt = async (name: string, options: Partial<FileStoreOptions> = {}, platform = undefined as typeof bare | undefined) => {
  const store = await openFileStore(join(folder, name), { ...plain, ...options }, platform);
  open.push(store);
  return store;
};
const file = (name: string, bytes: number): string => {
  writeFileSync(join(folder, name), new Uint8Array(bytes));
  return join(folder, name);
};

describe('a file that is made', () => {
  it('has its declared size, is its owner’s alone, and survives being opened again without it', async () => {
    const store = await openAt('new.img', { create: true, sizeBytes: MIB });
    expect(statSync(join(folder, 'new.img')).size).toBe(MIB);
    if (process.platform !== 'win32') expect(statSync(join(folder, 'new.img')).mode & 0o777).toBe(0o600);
    await writeStore(store, 512, [new Uint8Array(512).fill(5)]);
    await closeStore(store);
    const again = await openAt('new.img', { create: true, sizeBytes: MIB });
    expect(((await readStore(again, 512, 512)) as Uint8Array)[100]).toBe(5);
    await closeStore(again);
    expect((await openAt('new.img')).sizeBytes).toBe(MIB);
  });

  it('is filled where an empty one is there', async () => {
    file('empty.img', 0);
    expect((await openAt('empty.img', { create: true, sizeBytes: MIB })).sizeBytes).toBe(MIB);
    expect(statSync(join(folder, 'empty.img')).size).toBe(MIB);
  });

  it('leaves nothing behind when it does not fit', async () => {
    const posix = loadPosix();
    if (posix?.allocate === undefined) return;
    const full = { ...bare, posix: { ...posix, allocate: (...args: Parameters<NonNullable<typeof posix.allocate>>) => args[4](-28) } };
    const tooLarge = openFileStore(join(folder, 'new.img'), { ...plain, create: true, thin: false, sizeBytes: MIB }, full);
    await expect(tooLarge).rejects.toThrow(/new\.img can't be given 1MiB: its file system is full\.$/);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('what is wrong is one sentence', () => {
  it('where the file is missing', async () => {
    await expect(openAt('none.img')).rejects.toThrow(/none\.img does not exist: correct its name, or declare a size/);
    await expect(openAt('none.img', { create: true, sizeBytes: MIB, readOnly: true })).rejects.toThrow(
      /does not exist: correct its name\.$/,
    );
    await expect(openAt('no/where.img', { create: true, sizeBytes: MIB })).rejects.toThrow(/can't be made: its folder does not exist/);
    expect(await readdir(folder)).toEqual([]);
  });

  it('where it is too small', async () => {
    const path = file('small.img', 10 * MIB);
    await expect(openAt('small.img', { create: true, sizeBytes: 64 * MIB })).rejects.toThrow(
      `The file ${path} holds 10MiB, the declaration says 64MiB: declare what it holds, or make it larger with: truncate -s 67108864 ${path}`,
    );
    expect(statSync(path).size).toBe(10 * MIB);
    file('tiny.img', 511);
    await expect(openAt('tiny.img')).rejects.toThrow(/tiny\.img holds 511B, less than one block of 512 bytes/);
    file('empty.img', 0);
    await expect(openAt('empty.img', { readOnly: true })).rejects.toThrow(/less than one block/);
  });

  it('where it is no disk', async () => {
    mkdirSync(join(folder, 'folder.img'));
    await expect(openAt('folder.img')).rejects.toThrow(/folder\.img is a directory; a disk needs a regular file or a block device/);
    await expect(openFileStore('/dev/null', plain)).rejects.toThrow(/no regular file/);
    file('plain.img', MIB);
    await expect(openAt('plain.img/below')).rejects.toThrow(/can't be opened: its folder is not a folder/);
  });

  it('and none where it holds more than declared, or part of a block more', async () => {
    file('large.img', MIB + 700);
    expect((await openAt('large.img', { sizeBytes: MIB / 2 })).sizeBytes).toBe(MIB / 2);
    await closeStore(open.pop()!);
    expect((await openAt('large.img')).sizeBytes).toBe(MIB + 512);
  });
});

describe('a read-only store', () => {
  it('reads, refuses the rest, and has nothing to flush', async () => {
    const path = file('disk.img', MIB);
    const store = await openAt('disk.img', { readOnly: true });
    expect([store.writeBack, store.unmapGranularityBytes]).toEqual([false, 0]);
    expect(await readStore(store, 0, 512)).toEqual(new Uint8Array(512));
    expect(await writeStore(store, 0, [new Uint8Array(512).fill(1)])).toMatchObject({ fault: 'write', message: /reading only/ });
    expect(await closeStore(store)).toBeUndefined();
    expect(readFileSync(path).every((byte) => byte === 0)).toBe(true);
  });
});

describe.each([
  ['by the kernel', undefined],
  ['by a file beside it', bare],
] as const)('a disk is kept to one user %s', (_, platform) => {
  const locks = platform !== undefined || loadPosix()?.lock !== undefined;

  it.skipIf(!locks)('until he lets go', async () => {
    file('disk.img', MIB);
    const first = await openAt('disk.img', {}, platform);
    await expect(openAt('disk.img', {}, platform)).rejects.toThrow(/disk\.img is in use by another program or another LUN/);
    await closeStore(first);
    await openAt('disk.img', {}, platform);
    await closeStore(open.pop()!);
    expect(await readdir(folder)).toEqual(['disk.img']);
  });

  it.skipIf(!locks)('but readers share it', async () => {
    file('disk.img', MIB);
    await openAt('disk.img', { readOnly: true }, platform);
    await openAt('disk.img', { readOnly: true }, platform);
    if (platform === undefined) await expect(openAt('disk.img')).rejects.toThrow(/in use/);
  });

  it('and nothing is made or cut in the hands of another', async () => {
    const first = await openAt('disk.img', { create: true, sizeBytes: MIB }, platform);
    await writeStore(first, 0, [new Uint8Array(512).fill(3)]);
    if (locks) await expect(openAt('disk.img', { create: true, sizeBytes: MIB }, platform)).rejects.toThrow(/in use/);
    expect(((await readStore(first, 0, 512)) as Uint8Array)[0]).toBe(3);
  });
});

it('a lock file that a dead process left is no lock', async () => {
  file('disk.img', MIB);
  writeFileSync(join(folder, 'disk.img.lock'), '4194304999\n');
  await openAt('disk.img', {}, bare);
  expect(existsSync(join(folder, 'disk.img.lock'))).toBe(true);
  expect(readFileSync(join(folder, 'disk.img.lock'), 'utf8')).toBe(`${process.pid}\n`);
});

const startChild = (path: string, way: string): ChildProcess =>
  spawn(process.execPath, ['scripts/run-typescript.mjs', 'src/os/testing/file-store-child.ts', path, way], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });

describe('a process killed while it writes', () => {
  it.each(['fua', 'flush'])('has on the disk what was durable by %s', async (way) => {
    const path = join(folder, 'disk.img');
    const child = startChild(path, way);
    let last = 0;
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line.startsWith('DURABLE ')) last = Number(line.slice(8));
      if (last >= 150) child.kill('SIGKILL');
    }
    expect(last).toBeGreaterThanOrEqual(150);
    const image = readFileSync(path);
    expect(image.length).toBe(CHILD_BLOCKS * CHILD_BLOCK_BYTES);
    for (let round = last - CHILD_BLOCKS + 2; round <= last; round += 1) {
      const at = (round % CHILD_BLOCKS) * CHILD_BLOCK_BYTES;
      expect(image.subarray(at, at + CHILD_BLOCK_BYTES).equals(childBlock(round))).toBe(true);
    }
    // Nor does it keep the disk from the next one.
    await openAt('disk.img');
  });

  it.skipIf(loadPosix()?.lock === undefined)('let go of the disk that it held', async () => {
    const child = startChild(join(folder, 'disk.img'), 'hold');
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line !== 'HELD') continue;
      await expect(openAt('disk.img')).rejects.toThrow(/in use/);
      child.kill('SIGKILL');
    }
    await openAt('disk.img');
  });
});
