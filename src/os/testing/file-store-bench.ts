/** Disks in files for tests: each test in a folder of its own, over calls that can be made to fail. */
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { BackingStore, StoreError } from '../../storage/block/backing-store.ts';
import { type CallError, type FileCalls, nodeFileCalls } from '../file-calls.ts';
import type { FileStoreOptions } from '../file-opening.ts';
import { type FileStorePlatform, openFileStore } from '../file-store.ts';
import { loadPosix, type Posix } from '../posix.ts';
import { closeStore } from './store-promises.ts';

export const KIB = 1024;
export const SIZE = 1024 * KIB;

export const platform = (changes: Partial<FileStorePlatform> = {}): FileStorePlatform => ({
  posix: loadPosix(),
  calls: nodeFileCalls,
  now: () => 0,
  ...changes,
});

/** Goes by time alone. */
export const withoutWaits = (): Posix | undefined => {
  const posix = loadPosix();
  return posix && { ...posix, waits: undefined };
};

let current = '';
let open: BackingStore[] = [];
/** To be called once in a test file: every test gets a folder of its own, and what it opened is closed. */
export function useFolder(): void {
  beforeEach(async () => {
    current = await mkdtemp(join(tmpdir(), 'samewire-file-'));
  });
  afterEach(async () => {
    for (const store of open.splice(0)) await closeStore(store);
    await rm(current, { recursive: true, force: true });
  });
}

/** The folder of the test that runs. */
export const folder = (): string => current;
export const image = (): string => join(current, 'disk.img');
export const spaceBytes = (): number => statSync(image()).blocks * 512;

export const plain: FileStoreOptions = { sizeBytes: SIZE, create: true, thin: true, readOnly: false, blockBytes: 512 };
export const openAt = async (
  options: Partial<FileStoreOptions> = {},
  here = platform(),
  path = join(current, 'disk.img'),
): Promise<BackingStore> => {
  const store = await openFileStore(path, { ...plain, ...options }, here);
  open.push(store);
  return store;
};
/** toEqual takes seconds for what a disk holds. */
export const same = (a: Uint8Array | StoreError, b: Uint8Array): boolean => a instanceof Uint8Array && Buffer.compare(a, b) === 0;
export const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

/** Calls that fail when told to. */
export function failing(): { readonly calls: FileCalls; fails: Partial<Record<keyof FileCalls, string>>; readonly seen: string[] } {
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
