/**
 * Keeps a disk image to one user at a time. With flock(2), which the kernel lets go of when a process dies, however it dies. Without it, with
 * a file beside the image that names its process, and that counts only as long as this process lives.
 */
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { EWOULDBLOCK, type Posix } from './posix.ts';

export interface FileLock {
  /** Before the file's descriptor is closed. */
  release(): void;
}

const NO_LOCK: FileLock = { release: () => {} };

/** Undefined: somebody else has it. Shared locks get along with each other. */
export function lockFile(posix: Posix | undefined, fd: number, path: string, shared: boolean): FileLock | undefined {
  if (posix?.lock !== undefined) {
    // Closing the descriptor lets go. A file system that knows no locks is no reason to do without the file.
    return posix.lock(fd, shared) === -EWOULDBLOCK ? undefined : NO_LOCK;
  }
  // Readers don't write beside the image: they may not be allowed to.
  return shared ? NO_LOCK : lockBeside(`${path}.lock`);
}

function lockBeside(path: string): FileLock | undefined {
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      writeFileSync(path, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return { release: () => unlinkQuietly(path) };
    } catch (error) {
      // Where nothing can be written beside it, there is no lock to be had.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return NO_LOCK;
    }
    if (lives(holderOf(path))) return undefined;
    unlinkQuietly(path);
  }
  return undefined;
}

function holderOf(path: string): number {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return Number.NaN;
  }
}

function lives(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // gone already
  }
}
