import { existsSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { below, type Rng, seededRng } from '../base/rng.ts';
import type { BackingStore, StoreError } from '../storage/block/backing-store.ts';
import { type CallError, type FileCalls, nodeFileCalls } from './file-calls.ts';
import type { FileStoreOptions } from './file-opening.ts';
import { type FileStorePlatform, openFileStore } from './file-store.ts';
import { loadPosix, type Posix } from './posix.ts';
import { allocationOf, closeStore, flushStore, readStore, unmapStore, writeStore } from './testing/store-promises.ts';

const KIB = 1024;
const SIZE = 1024 * KIB;

const platform = (changes: Partial<FileStorePlatform> = {}): FileStorePlatform => ({
  posix: loadPosix(),
  calls: nodeFileCalls,
  now: () => 0,
  ...changes,
});

/** Goes by time alone. */
const withoutWaits = (): Posix | undefined => {
  const posix = loadPosix();
  return posix && { ...posix, waits: undefined };
};

let folder = '';
let open: BackingStore[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samewire-file-'));
});
afterEach(async () => {
  for (const store of open.splice(0)) await closeStore(store);
  await rm(folder, { recursive: true, force: true });
});

const image = (): string => join(folder, 'disk.img');
const spaceBytes = (): number => statSync(image()).blocks * 512;

const plain: FileStoreOptions = { sizeBytes: SIZE, create: true, thin: true, readOnly: false, blockBytes: 512 };
const openAt = async (
  options: Partial<FileStoreOptions> = {},
  here = platform(),
  path = join(folder, 'disk.img'),
): Promise<BackingStore> => {
  const store = await openFileStore(path, { ...plain, ...options }, here);
  open.push(store);
  return store;
};
/** toEqual takes seconds for what a disk holds. */
const same = (a: Uint8Array | StoreError, b: Uint8Array): boolean => a instanceof Uint8Array && Buffer.compare(a, b) === 0;
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

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
    const path = join(folder, 'disk.img');
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
    const path = join(folder, 'disk.img');
    const store = await openAt();
    truncateSync(path, 6 * KIB);
    expect(await readStore(store, 4 * KIB, 4 * KIB)).toMatchObject({ fault: 'read', offsetBytes: 6 * KIB, message: /shorter/ });
  });
});

/** Calls that fail when told to. */
function failing(): { readonly calls: FileCalls; fails: Partial<Record<keyof FileCalls, string>>; readonly seen: string[] } {
  const fails: Partial<Record<keyof FileCalls, string>> = {};
  const seen: string[] = [];
  const error = (call: keyof FileCalls): NodeJS.ErrnoException | undefined =>
    fails[call] === undefined ? undefined : Object.assign(new Error('injected'), { code: fails[call] });
  const calls: FileCalls = {
    ...nodeFileCalls,
    writevSync(fd, views, position) {
      const bad = error('writevSync');
      if (bad !== undefined) throw bad;
      return nodeFileCalls.writevSync(fd, views, position);
    },
    readv: (fd, views, position, done) => {
      const bad = error('readv');
      if (bad !== undefined) queueMicrotask(() => done(bad, 0));
      else nodeFileCalls.readv(fd, views, position, done);
    },
    writev: (fd, views, position, done) => {
      const bad = error('writev');
      if (bad !== undefined) queueMicrotask(() => done(bad, 0));
      else nodeFileCalls.writev(fd, views, position, done);
    },
    fdatasync: (fd, done: (error: CallError) => void) => {
      seen.push('fdatasync');
      const bad = error('fdatasync');
      if (bad !== undefined) queueMicrotask(() => done(bad));
      else nodeFileCalls.fdatasync(fd, done);
    },
  };
  return { calls, fails, seen };
}

describe('what the disk can not do', () => {
  it('is told with its place and its kind', async () => {
    const { calls, fails } = failing();
    const store = await openAt({}, platform({ posix: undefined, calls }));
    fails.readv = 'EIO';
    expect(await readStore(store, 512, 512)).toMatchObject({
      fault: 'read',
      offsetBytes: 512,
      message: /disk\.img at byte 512 failed: EIO/,
    });
    fails.writevSync = 'EIO';
    expect(await writeStore(store, 4096, [filled(4096, 1)])).toMatchObject({ fault: 'write', offsetBytes: 4096 });
    fails.writevSync = 'ENOSPC';
    expect(await writeStore(store, 4096, [filled(4096, 1)])).toMatchObject({ fault: 'no-space', offsetBytes: 4096 });
    fails.writev = 'EDQUOT';
    expect(await writeStore(store, 512, [filled(512, 1)], { fua: true, stable: false })).toMatchObject({ fault: 'no-space' });
    fails.writev = 'EIO';
    expect(await unmapStore(store, 0, 4096)).toMatchObject({ fault: 'write', offsetBytes: 0 });
  });

  it('is never forgotten where it was a flush', async () => {
    const { calls, fails } = failing();
    const store = await openAt({}, platform({ calls }));
    await writeStore(store, 0, [filled(4096, 1)]);
    fails.fdatasync = 'EIO';
    const first = await flushStore(store);
    expect(first).toMatchObject({ fault: 'flush', message: /EIO; what was written since the last flush may be lost/ });
    // The next fdatasync would succeed, having forgotten what it dropped.
    delete fails.fdatasync;
    expect(await flushStore(store)).toEqual(first);
    await writeStore(store, 0, [filled(4096, 2)]);
    expect(await flushStore(store)).toEqual(first);
    expect(await closeStore(store)).toEqual(first);
  });

  it('ends forced writes too, while others go on', async () => {
    const { calls, fails } = failing();
    const store = await openAt({}, platform({ calls }));
    fails.fdatasync = 'EIO';
    const first = await flushStore(store);
    delete fails.fdatasync;
    expect(await writeStore(store, 0, [filled(4096, 1)], { fua: true, stable: true })).toEqual(first);
    expect(await writeStore(store, 0, [filled(4096, 2)])).toBeUndefined();
  });

  it('is never forgotten where it was a forced write', async () => {
    const { calls, fails } = failing();
    const store = await openAt({}, platform({ calls }));
    fails.writev = 'EIO';
    const first = await writeStore(store, 0, [filled(4096, 1)], { fua: true, stable: true });
    expect(first).toMatchObject({ fault: 'write' });
    delete fails.writev;
    expect(await writeStore(store, 0, [filled(4096, 1)], { fua: true, stable: true })).toEqual(first);
    expect(await flushStore(store)).toEqual(first);
  });

  it('of a forced write without space is forgotten only if a flush finds nothing lost', async () => {
    const { calls, fails } = failing();
    const store = await openAt({}, platform({ calls }));
    const forced = { fua: true, stable: true };
    fails.writev = 'ENOSPC';
    expect(await writeStore(store, 0, [filled(4096, 1)], forced)).toMatchObject({ fault: 'no-space' });
    delete fails.writev;
    expect(await writeStore(store, 0, [filled(4096, 1)], forced)).toBeUndefined();
    fails.writev = 'ENOSPC';
    fails.fdatasync = 'EIO';
    expect(await writeStore(store, 0, [filled(4096, 1)], forced)).toMatchObject({ fault: 'flush' });
    delete fails.writev;
    expect(await writeStore(store, 0, [filled(4096, 1)], forced)).toMatchObject({ fault: 'flush' });
  });

  it('fails every flush that waits, also those begun in an answer', async () => {
    const { calls, fails } = failing();
    const store = await openAt({}, platform({ calls }));
    await writeStore(store, 0, [filled(4096, 1)]);
    fails.fdatasync = 'EIO';
    const results: (StoreError | undefined)[] = [];
    await new Promise<void>((resolve) => {
      const told = (error: StoreError | undefined): void => {
        results.push(error);
        if (results.length === 3) resolve();
      };
      store.flush((error) => {
        told(error);
        store.flush(told);
      });
      store.flush(told);
    });
    expect(results.map((error) => error?.fault)).toEqual(['flush', 'flush', 'flush']);
  });
});

describe('a flush', () => {
  it('asks the disk only when there is something to flush', async () => {
    const { calls, seen } = failing();
    const store = await openAt({}, platform({ calls }));
    // What an earlier process wrote may not be on the disk yet.
    await flushStore(store);
    expect(seen.length).toBe(1);
    await flushStore(store);
    expect(seen.length).toBe(1);
    await writeStore(store, 0, [filled(512, 1)]);
    await flushStore(store);
    expect(seen.length).toBe(2);
    await unmapStore(store, 0, 4096);
    await Promise.all([flushStore(store), flushStore(store)]);
    expect(seen.length).toBeGreaterThan(2);
  });

  it('covers a write that completed while an earlier flush was under way', async () => {
    const log: string[] = [];
    let finish: (() => void) | undefined;
    const calls: FileCalls = {
      ...nodeFileCalls,
      fdatasync(_, done) {
        log.push('begun');
        finish = () => done(null);
      },
    };
    const store = await openAt({}, platform({ calls }));
    store.flush(() => log.push('first'));
    await writeStore(store, 0, [filled(512, 1)]);
    store.flush(() => log.push('second'));
    finish!();
    expect(log).toEqual(['begun', 'first', 'begun']);
    finish!();
    expect(log).toEqual(['begun', 'first', 'begun', 'second']);
    const closed = closeStore(store);
    if (log.length > 4) finish!();
    await closed;
  });

  it('does not count what was written behind its back as flushed', async () => {
    let finish: (() => void) | undefined;
    let flushes = 0;
    const calls: FileCalls = {
      ...nodeFileCalls,
      fdatasync(_, done) {
        flushes += 1;
        finish = () => done(null);
      },
    };
    const store = await openAt({}, platform({ calls }));
    const first = flushStore(store);
    await writeStore(store, 0, [filled(512, 1)]);
    finish!();
    await first;
    const second = flushStore(store);
    expect(flushes).toBe(2);
    finish!();
    await second;
    // Nothing has changed: closing needs no third one.
    expect(await closeStore(store)).toBeUndefined();
    expect(flushes).toBe(2);
  });

  it('is part of closing', async () => {
    const { calls, seen } = failing();
    const store = await openAt({}, platform({ calls }));
    await writeStore(store, 0, [filled(512, 1)]);
    expect(await closeStore(store)).toBeUndefined();
    expect(seen).toEqual(['fdatasync']);
    expect(await closeStore(store)).toBeUndefined();
  });
});

describe('a closed store', () => {
  it('does nothing more, and says so', async () => {
    const store = await openAt();
    await closeStore(store);
    expect(await readStore(store, 0, 512)).toMatchObject({ fault: 'read', message: /closed/ });
    expect(await writeStore(store, 0, [filled(512, 1)])).toMatchObject({ fault: 'write' });
    expect(await unmapStore(store, 0, 512)).toMatchObject({ fault: 'write' });
    expect(await flushStore(store)).toMatchObject({ fault: 'flush' });
    expect(await allocationOf(store, 0, 512)).toMatchObject({ fault: 'read' });
  });

  it('finishes and flushes what was under way first', async () => {
    const log: string[] = [];
    let go: (() => void) | undefined;
    const calls: FileCalls = {
      ...nodeFileCalls,
      writev(fd, views, position, done) {
        go = () => nodeFileCalls.writev(fd, views, position, done);
      },
      fdatasync(fd, done) {
        log.push('flush');
        nodeFileCalls.fdatasync(fd, done);
      },
      close(fd, done) {
        log.push('close');
        nodeFileCalls.close(fd, done);
      },
    };
    const store = await openAt({}, platform({ posix: undefined, calls }));
    const data = filled(700 * KIB, 9);
    const written = writeStore(store, 0, [data]).then((error) => log.push(error?.message ?? 'written'));
    const closed = closeStore(store);
    await new Promise((resolve) => setImmediate(resolve));
    expect(log).toEqual([]);
    go!();
    await written;
    expect(await closed).toBeUndefined();
    expect(log.filter((line) => line !== 'close').sort()).toEqual(['flush', 'written']);
    expect(log.indexOf('close')).toBeGreaterThan(log.indexOf('flush'));
    expect(readFileSync(image()).subarray(0, data.length).equals(data)).toBe(true);
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
    const thick = await openAt({ thin: false }, platform({ posix: undefined }), join(folder, 'thick.img'));
    expect(statSync(join(folder, 'thick.img')).blocks * 512).toBeGreaterThanOrEqual(SIZE);
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
