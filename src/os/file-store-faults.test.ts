import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StoreError } from '../storage/block/backing-store.ts';
import { type FileCalls, nodeFileCalls } from './file-calls.ts';
import { failing, filled, image, KIB, openAt, platform, useFolder } from './testing/file-store-bench.ts';
import { allocationOf, closeStore, flushStore, readStore, unmapStore, writeStore } from './testing/store-promises.ts';

useFolder();

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
