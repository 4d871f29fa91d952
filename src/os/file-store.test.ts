import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { below, type Rng, seededRng } from '../base/rng.ts';
import type { BackingStore } from '../storage/block/backing-store.ts';
import { type FileCalls, nodeFileCalls } from './file-calls.ts';
import type { FileStoreOptions } from './file-opening.ts';
import type { FileStorePlatform } from './file-store.ts';
import { loadPosix } from './posix.ts';
import {
  filled,
  image,
  KIB,
  openAt,
  platform,
  same,
  SIZE,
  spaceBytes,
  folder,
  useFolder,
  withoutWaits,
} from './testing/file-store-bench.ts';
import { allocationOf, closeStore, flushStore, readStore, unmapStore, writeStore } from './testing/store-promises.ts';

useFolder();

/** Calls of the platform that do less than asked for, or fail, as `rng` has it; and that come back late. */
function unkind(rng: Rng): FileCalls {
  const part = (views: readonly Uint8Array[]): Uint8Array[] => {
    const whole = views.reduce((sum, view) => sum + view.length, 0);
    let left = whole < 2 ? whole : 1 + below(rng, whole);
    return views.flatMap((view) => {
      const taken = view.subarray(0, left);
      left -= taken.length;
      return taken.length === 0 ? [] : [taken];
    });
  };
  return {
    ...nodeFileCalls,
    readvSync: (fd, views, position) => nodeFileCalls.readvSync(fd, part(views), position),
    writevSync: (fd, views, position) => nodeFileCalls.writevSync(fd, part(views), position),
    readv: (fd, views, position, done) => nodeFileCalls.readv(fd, part(views), position, done),
    writev: (fd, views, position, done) => nodeFileCalls.writev(fd, part(views), position, done),
  };
}

/** Random operations, some at a time on ranges that don't touch, against an array. */
async function againstModel(store: BackingStore, seed: number, operations: number): Promise<Uint8Array> {
  const rng = seededRng(seed);
  const model = new Uint8Array(store.sizeBytes);
  for (let count = 0; count < operations; count += 1) {
    const lanes = 4;
    const lane = store.sizeBytes / lanes;
    await Promise.all(
      Array.from({ length: lanes }, async (_, index) => {
        const longest = below(rng, 4) === 0 ? lane : 9 * KIB;
        const length = Math.min(512 * (1 + below(rng, Math.floor(longest / 512))), lane);
        const offset = index * lane + 512 * below(rng, (lane - length) / 512 + 1);
        const kind = below(rng, 8);
        if (kind < 3) {
          expect(same(await readStore(store, offset, length), model.subarray(offset, offset + length))).toBe(true);
        } else if (kind < 6) {
          const data = rng.fill(new Uint8Array(length));
          const cut = below(rng, length + 1);
          const stable = below(rng, 2) === 0;
          model.set(data, offset);
          const views = [data.subarray(0, cut), data.subarray(cut)];
          const written = writeStore(store, offset, views, { fua: below(rng, 4) === 0, stable });
          if (!stable) data.fill(0xee);
          expect(await written).toBeUndefined();
        } else if (kind === 6) {
          model.fill(0, offset, offset + length);
          expect(await unmapStore(store, offset, length)).toBeUndefined();
        } else expect(await flushStore(store)).toBeUndefined();
      }),
    );
  }
  return model;
}

describe('a file store does what an array does', () => {
  const ways: readonly (readonly [string, Partial<FileStoreOptions>, () => FileStorePlatform])[] = [
    ['thin', {}, () => platform()],
    ['thick', { thin: false }, () => platform()],
    ['in blocks of 4096', { blockBytes: 4096 }, () => platform()],
    ['without native calls', {}, () => platform({ posix: undefined })],
    ['thick without native calls', { thin: false }, () => platform({ posix: undefined })],
    ['with short transfers', {}, () => platform({ calls: unkind(seededRng(5)) })],
    ['with short transfers on threads', {}, () => platform({ posix: undefined, calls: unkind(seededRng(6)) })],
    ['while every write seems to stall', {}, () => platform({ posix: withoutWaits(), now: slow() })],
  ];
  it.each(ways)('%s', async (_, options, here) => {
    const path = join(folder(), 'disk.img');
    const store = await openAt(options, here());
    for (const seed of [1, 2]) {
      expect(await unmapStore(store, 0, SIZE)).toBeUndefined();
      const model = await againstModel(store, seed, 60);
      expect(await flushStore(store)).toBeUndefined();
      expect(Buffer.compare(readFileSync(path), model)).toBe(0);
    }
    expect([store.kind, store.sizeBytes, store.writeBack, store.completesAtOnce]).toEqual(['file', SIZE, true, false]);
  });

  it.skipIf(!existsSync('/dev/shm'))('in memory that looks like a disk', async () => {
    const shared = await mkdtemp('/dev/shm/samewire-file-');
    try {
      const store = await openAt({}, platform(), join(shared, 'disk.img'));
      await againstModel(store, 3, 60);
      await closeStore(store);
    } finally {
      await rm(shared, { recursive: true, force: true });
    }
  });
});

/** A clock on which everything takes 20 milliseconds. */
function slow(): () => number {
  let time = 0;
  return () => (time += 20);
}

describe('what was read', () => {
  it('stays as it was as long as it is held', async () => {
    const store = await openAt();
    await writeStore(store, 0, [filled(200 * KIB, 7)]);
    const held: { readonly views: readonly Uint8Array[]; readonly release: () => void }[] = [];
    for (const length of [512, 4096, 200 * KIB]) {
      await new Promise<void>((resolve) =>
        store.read(0, length, (_, data) => {
          held.push({ views: data!.views, release: data!.hold() });
          resolve();
        }),
      );
    }
    await writeStore(store, 0, [filled(200 * KIB, 8)]);
    for (let count = 0; count < 10; count += 1) expect(same(await readStore(store, 0, 200 * KIB), filled(200 * KIB, 8))).toBe(true);
    for (const { views, release } of held) {
      for (const view of views) expect(view.every((byte) => byte === 7)).toBe(true);
      release();
      release();
    }
    // Two readers that hold at the same time never share a buffer, though one was let go of twice.
    const seen = new Set<ArrayBufferLike>();
    const releases: (() => void)[] = [];
    for (let count = 0; count < 8; count += 1) {
      store.read(0, 512, (_, data) => {
        seen.add(data!.views[0]!.buffer);
        releases.push(data!.hold());
      });
      await flushStore(store);
    }
    expect(seen.size).toBe(8);
    for (const release of releases) release();
  });

  it('stays for one who holds it, though another lets go twice', async () => {
    const store = await openAt();
    const releases: (() => void)[] = [];
    let kept: Uint8Array | undefined;
    await new Promise<void>((resolve) =>
      store.read(0, 512, (_, data) => {
        releases.push(data!.hold(), data!.hold());
        kept = data!.views[0];
        resolve();
      }),
    );
    releases[0]!();
    releases[0]!();
    await writeStore(store, 4096, [filled(4096, 9)]);
    for (let count = 0; count < 3; count += 1) await readStore(store, 4096, 4096);
    expect(kept!.every((byte) => byte === 0)).toBe(true);
    releases[1]!();
  });

  it('is an error where the file has become shorter', async () => {
    const path = join(folder(), 'disk.img');
    const store = await openAt();
    truncateSync(path, 6 * KIB);
    expect(await readStore(store, 4 * KIB, 4 * KIB)).toMatchObject({ fault: 'read', offsetBytes: 6 * KIB, message: /shorter/ });
  });
});

/** A store that counts its writes on threads. */
const paced = async (now: () => number): Promise<{ readonly store: BackingStore; readonly threads: () => number }> => {
  let threads = 0;
  const calls: FileCalls = {
    ...nodeFileCalls,
    writev(fd, views, position, done) {
      threads += 1;
      nodeFileCalls.writev(fd, views, position, done);
    },
  };
  return { store: await openAt({}, platform({ posix: withoutWaits(), calls, now })), threads: () => threads };
};

describe('writes take a thread', () => {
  it('for a while after one has stalled', async () => {
    let time = 0;
    let took = 0;
    let calls = 0;
    const { store, threads } = await paced(() => {
      // The second reading of a pair ends a write.
      calls += 1;
      return calls % 2 === 0 ? (time += took) : time;
    });
    const write = (): Promise<unknown> => writeStore(store, 0, [filled(4096, 1)]);
    await write();
    expect(threads()).toBe(0);
    took = 50;
    await write();
    expect(threads()).toBe(0);
    calls = 0;
    await write();
    expect(threads()).toBe(1);
    time += 10_000;
    calls = 0;
    took = 0;
    await write();
    expect(threads()).toBe(1);
  });

  it('when they are long, forced, or beside a flush', async () => {
    const { store, threads } = await paced(() => 0);
    await writeStore(store, 0, [filled(256 * KIB, 1)]);
    expect(threads()).toBe(0);
    await writeStore(store, 0, [filled(512 * KIB, 1)]);
    expect(threads()).toBe(1);
    await writeStore(store, 0, [filled(512, 1)], { fua: true, stable: true });
    expect(threads()).toBe(2);
    const flushed = flushStore(store);
    await writeStore(store, 0, [filled(4096, 1)]);
    expect(threads()).toBe(3);
    await flushed;
  });
});

describe('provisioning', () => {
  const native = loadPosix()?.allocate !== undefined;

  it.skipIf(!native)('gives back space on a thin disk, and tells what is mapped', async () => {
    const store = await openAt();
    const unit = store.unmapGranularityBytes;
    expect(unit).toBeGreaterThanOrEqual(512);
    expect(spaceBytes()).toBeLessThan(SIZE / 2);
    expect(await allocationOf(store, 0, SIZE)).toEqual([{ lengthBytes: SIZE, mapped: false }]);
    await writeStore(store, 0, [filled(SIZE, 1)]);
    await flushStore(store);
    expect(spaceBytes()).toBeGreaterThanOrEqual(SIZE);
    await unmapStore(store, 64 * KIB, 128 * KIB);
    await unmapStore(store, 512 * KIB, 512 * KIB);
    expect(spaceBytes()).toBeLessThanOrEqual(SIZE - 640 * KIB + 64 * KIB);
    const runs = [
      { lengthBytes: 64 * KIB, mapped: true },
      { lengthBytes: 128 * KIB, mapped: false },
      { lengthBytes: 320 * KIB, mapped: true },
      { lengthBytes: 512 * KIB, mapped: false },
    ];
    expect(await allocationOf(store, 0, SIZE)).toEqual(runs);
    expect(await allocationOf(store, 0, SIZE, 2)).toEqual(runs.slice(0, 2));
    expect(await allocationOf(store, 100 * KIB, 512)).toEqual([{ lengthBytes: 512, mapped: false }]);
    expect(statSync(image()).size).toBe(SIZE);
  });

  it.skipIf(!native)('keeps space on a thick disk, where all is mapped', async () => {
    const store = await openAt({ thin: false });
    expect(spaceBytes()).toBeGreaterThanOrEqual(SIZE);
    expect(store.unmapGranularityBytes).toBe(0);
    await writeStore(store, 0, [filled(SIZE, 1)]);
    await unmapStore(store, 0, SIZE);
    expect(spaceBytes()).toBeGreaterThanOrEqual(SIZE);
    expect(same(await readStore(store, 0, SIZE), filled(SIZE, 0))).toBe(true);
    expect(await allocationOf(store, 0, SIZE)).toEqual([{ lengthBytes: SIZE, mapped: true }]);
  });

  it('promises nothing where the platform has nothing to offer', async () => {
    const store = await openAt({}, platform({ posix: undefined }));
    expect(store.unmapGranularityBytes).toBe(0);
    expect(await allocationOf(store, 0, SIZE)).toEqual([{ lengthBytes: SIZE, mapped: true }]);
    const thick = await openAt({ thin: false }, platform({ posix: undefined }), join(folder(), 'thick.img'));
    expect(statSync(join(folder(), 'thick.img')).blocks * 512).toBeGreaterThanOrEqual(SIZE);
    expect(same(await readStore(thick, 0, 4096), filled(4096, 0))).toBe(true);
  });

  it.skipIf(!native)('makes zeros by hand where the file system can not', async () => {
    const posix = loadPosix()!;
    const refusing = { ...posix, allocate: (...args: Parameters<NonNullable<typeof posix.allocate>>) => args[4](-95) };
    const store = await openAt({}, platform({ posix: refusing }));
    expect(store.unmapGranularityBytes).toBe(0);
    await writeStore(store, 0, [filled(64 * KIB, 1)]);
    expect(await unmapStore(store, 512, 8 * KIB)).toBeUndefined();
    const read = (await readStore(store, 0, 16 * KIB)) as Uint8Array;
    expect([...read].findIndex((byte) => byte === 0)).toBe(512);
    expect([...read].filter((byte) => byte === 0).length).toBe(8 * KIB);
  });
});
