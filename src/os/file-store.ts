/**
 * A disk in a regular file or a block device.
 *
 * What the page cache holds is read and written in the event loop's own time, which costs a fifth of a trip to a thread: reads ask the kernel for
 * what needs no waiting (RWF_NOWAIT), writes are timed (`write-pace.ts`). Everything else, and everything that must reach the disk,
 * goes to threads.
 *
 * Durability is told truthfully. A flush is fdatasync(2), and once one failed all later ones fail: the kernel may have dropped what it could
 * not write, so that a later success would promise too much. Forced writes (FUA) go through a second descriptor with O_DSYNC.
 */
import type {
  AllocationDone,
  AllocationRun,
  BackingStore,
  ReadDone,
  StoreDone,
  StoreError,
  WriteOptions,
} from '../storage/block/backing-store.ts';
import { BUFFER_BYTES, type BufferLease, FileBuffers } from './file-buffers.ts';
import { type CallError, type FileCalls, nodeFileCalls, readAll, withoutFirst, writeAll, writeAllSync } from './file-calls.ts';
import { type FileStoreOptions, type OpenedFile, openImage } from './file-opening.ts';
import { fillWithZeros } from './file-zeros.ts';
import {
  EDQUOT,
  EINVAL,
  ENOSPC,
  ENOSYS,
  ENXIO,
  EOPNOTSUPP,
  errorName,
  loadPosix,
  type Posix,
  PUNCH_HOLE,
  SEEK_DATA,
  SEEK_HOLE,
  ZERO_RANGE,
} from './posix.ts';
import { WritePace } from './write-pace.ts';

/** Longer transfers would keep other work waiting; and a thread costs little beside them. */
const AT_ONCE_BYTES_MAX = 4 * BUFFER_BYTES;
const PAGE_BYTES = 4096;

/** What the store stands on; a test brings its own. */
export interface FileStorePlatform {
  /** Undefined: without native calls. */
  readonly posix: Posix | undefined;
  readonly calls: FileCalls;
  /** Milliseconds, with a fraction. */
  now(): number;
}

const platformHere = (): FileStorePlatform => ({ posix: loadPosix(), calls: nodeFileCalls, now: () => performance.now() });

/** Rejects with an Error of one clear sentence. */
export async function openFileStore(
  path: string,
  options: FileStoreOptions,
  platform: FileStorePlatform = platformHere(),
): Promise<BackingStore> {
  const opened = await openImage(path, options, platform.posix);
  const unit = options.thin && !options.readOnly ? await unmapUnitBytes(opened, options.blockBytes, platform.posix) : 0;
  return new FileStore(path, opened, options, platform, unit);
}

/** Whether holes can be punched is found out beyond the end of the file, where there is nothing to lose. 0: they can't. */
async function unmapUnitBytes({ fd, statistics, sizeBytes }: OpenedFile, blockBytes: number, posix: Posix | undefined): Promise<number> {
  if (posix?.allocate === undefined || !statistics.isFile()) return 0;
  const { blksize, size } = statistics;
  const unit = Math.max(Number.isInteger(Math.log2(blksize)) && blksize <= 1024 * 1024 ? blksize : PAGE_BYTES, blockBytes);
  const beyond = Math.ceil(Math.max(size, sizeBytes) / unit) * unit;
  const result = await new Promise<number>((resolve) => posix.allocate!(fd, PUNCH_HOLE, beyond, unit, resolve));
  return result >= 0 ? unit : 0;
}

class FileStore implements BackingStore {
  readonly kind = 'file';
  readonly sizeBytes: number;
  readonly writeBack: boolean;
  readonly completesAtOnce = false;
  readonly unmapGranularityBytes: number;
  readonly #path: string;
  readonly #file: OpenedFile;
  readonly #readOnly: boolean;
  readonly #thin: boolean;
  readonly #posix: Posix | undefined;
  readonly #calls: FileCalls;
  readonly #buffers: FileBuffers;
  readonly #pace: WritePace;
  /** How reads are tried before a thread is asked. */
  #readsNow: 'nowait' | 'memory' | 'never';
  /** The kernel can't deallocate here, nor make zeros. */
  #zerosByHand: boolean;
  /** Counts what was begun or ended that a flush could miss; `#flushed` is how far the last good flush saw. */
  #changes = 1;
  #flushed = 0;
  #flushing = false;
  #flushWaiters: StoreDone[] = [];
  /** The first flush that failed: none can succeed after it. */
  #lost: StoreError | undefined;
  /** Operations on threads. */
  #under = 0;
  #closing: (() => void) | undefined;
  #closed = false;

  constructor(path: string, file: OpenedFile, options: FileStoreOptions, platform: FileStorePlatform, unitBytes: number) {
    this.#path = path;
    this.#file = file;
    this.#readOnly = options.readOnly;
    this.#thin = options.thin;
    this.#posix = platform.posix;
    this.#calls = platform.calls;
    this.#buffers = new FileBuffers(platform.posix?.addressOf);
    this.#pace = new WritePace(platform.now, platform.posix?.waits);
    this.#readsNow = file.inMemory ? 'memory' : platform.posix?.readNow === undefined ? 'never' : 'nowait';
    this.#zerosByHand = platform.posix?.allocate === undefined;
    this.sizeBytes = file.sizeBytes;
    this.writeBack = !options.readOnly;
    this.unmapGranularityBytes = unitBytes;
  }

  // ---- reading ----

  read(offsetBytes: number, lengthBytes: number, done: ReadDone): void {
    if (this.#closed) return done(this.#gone('read', offsetBytes), undefined);
    const lease = this.#buffers.take(lengthBytes);
    const got = lengthBytes <= AT_ONCE_BYTES_MAX ? this.#readNow(lease, offsetBytes) : 0;
    if (got === lengthBytes) {
      done(undefined, lease);
      return lease.release();
    }
    this.#under += 1;
    readAll(this.#calls, this.#file.fd, withoutFirst(lease.views, got), offsetBytes + got, (error, moved) => {
      const end = got + moved;
      if (end === lengthBytes) done(undefined, lease);
      else done(this.#failed('read', offsetBytes + end, error === null ? 'the file has become shorter' : reasonOf(error)), undefined);
      lease.release();
      this.#leave();
    });
  }

  /** How many bytes there were to have without waiting. */
  #readNow(lease: BufferLease, offsetBytes: number): number {
    if (this.#readsNow === 'nowait') {
      const result = this.#posix!.readNow!(this.#file.fd, this.#buffers.vector, lease.describe(), offsetBytes);
      if (result === -EOPNOTSUPP || result === -EINVAL || result === -ENOSYS) this.#readsNow = 'never';
      return Math.max(0, result);
    }
    if (this.#readsNow === 'never') return 0;
    try {
      return this.#calls.readvSync(this.#file.fd, lease.views, offsetBytes);
    } catch {
      return 0; // the thread will meet the same error, and tell it
    }
  }

  // ---- writing ----

  write(offsetBytes: number, data: readonly Uint8Array[], options: WriteOptions, done: StoreDone): void {
    if (this.#closed || this.#readOnly) return done(this.#gone('write', offsetBytes));
    let length = 0;
    for (const view of data) length += view.length;
    this.#changes += 1;
    if (!options.fua && this.#fitsNow(offsetBytes, length) && this.#pace.begin()) return done(this.#writeNow(offsetBytes, data));
    this.#writeLater(offsetBytes, length, data, options, done);
  }

  /** Whether the write will likely be a mere copy into the page cache. */
  #fitsNow(offsetBytes: number, lengthBytes: number): boolean {
    if (this.#file.inMemory) return true;
    // A flush under way holds what writes wait for as well: the journal, and pages on their way out.
    if (lengthBytes > AT_ONCE_BYTES_MAX || this.#flushing) return false;
    // Part of a page can be written once the rest of it has been read.
    const end = offsetBytes + lengthBytes;
    return (offsetBytes % PAGE_BYTES === 0 || this.#isCached(offsetBytes)) && (end % PAGE_BYTES === 0 || this.#isCached(end - 1));
  }

  #isCached(offsetBytes: number): boolean {
    if (this.#readsNow !== 'nowait') return false;
    const lease = this.#buffers.take(1);
    const cached = this.#readNow(lease, offsetBytes) === 1;
    lease.release();
    return cached;
  }

  #writeNow(offsetBytes: number, data: readonly Uint8Array[]): StoreError | undefined {
    const progress = { moved: 0 };
    try {
      writeAllSync(this.#calls, this.#file.fd, data, offsetBytes, progress);
      return undefined;
    } catch (error) {
      return this.#notWritten(error as NodeJS.ErrnoException, offsetBytes + progress.moved);
    } finally {
      this.#pace.ended();
    }
  }

  #writeLater(offsetBytes: number, length: number, data: readonly Uint8Array[], options: WriteOptions, done: StoreDone): void {
    // A forced write promises what no flush can promise any more.
    if (options.fua && this.#lost !== undefined) return done(this.#lost);
    const lease = options.stable ? undefined : this.#buffers.take(length);
    lease?.fill(data);
    const { fd, durableFd } = this.#file;
    this.#under += 1;
    writeAll(this.#calls, options.fua && durableFd !== undefined ? durableFd : fd, lease?.views ?? data, offsetBytes, (error, moved) => {
      lease?.release();
      this.#changes += 1;
      if (error !== null || moved < length) this.#refuse(this.#notWritten(error, offsetBytes + moved), options.fua, done);
      else if (!options.fua) done(undefined);
      else if (durableFd === undefined) this.#flush(done);
      else done(this.#lost);
      this.#leave();
    });
  }

  /** After a forced write failed, nobody knows what reached the disk. Without space perhaps nothing was tried: a flush tells. */
  #refuse(error: StoreError, forced: boolean, done: StoreDone): void {
    if (forced && error.fault === 'no-space') return this.#flush((lost) => done(lost ?? error));
    if (forced) this.#lost ??= error;
    done(error);
  }

  #notWritten(error: CallError, offsetBytes: number): StoreError {
    const full = error?.code === 'ENOSPC' || error?.code === 'EDQUOT';
    return this.#failed(full ? 'no-space' : 'write', offsetBytes, error === null ? 'nothing more was written' : reasonOf(error));
  }

  // ---- durability ----

  flush(done: StoreDone): void {
    if (this.#closed) return done(this.#gone('flush', undefined));
    this.#flush(done);
  }

  #flush(done: StoreDone): void {
    if (this.#lost !== undefined) return done(this.#lost);
    if (this.#readOnly || this.#flushed === this.#changes) return done(undefined);
    this.#flushWaiters.push(done);
    if (!this.#flushing) this.#startFlush();
  }

  /** One at a time. Who comes while it runs waits for the next: this one may have passed over what he wrote. */
  #startFlush(): void {
    const waiters = this.#flushWaiters;
    const seen = this.#changes;
    this.#flushWaiters = [];
    this.#flushing = true;
    this.#under += 1;
    this.#calls.fdatasync(this.#file.fd, (error) => {
      this.#flushing = false;
      if (error === null) this.#flushed = seen;
      else this.#lost ??= this.#failed('flush', undefined, `${reasonOf(error)}; what was written since the last flush may be lost`);
      const result = this.#lost;
      for (const done of waiters) done(result);
      // An answer may have begun the next one.
      const late = this.#flushWaiters;
      if (late.length !== 0 && !this.#flushing) {
        if (result === undefined) this.#startFlush();
        else {
          this.#flushWaiters = [];
          for (const done of late) done(result);
        }
      }
      this.#leave();
    });
  }

  // ---- provisioning ----

  unmap(offsetBytes: number, lengthBytes: number, done: StoreDone): void {
    if (this.#closed || this.#readOnly) return done(this.#gone('write', offsetBytes));
    if (lengthBytes === 0) return done(undefined);
    this.#changes += 1;
    this.#under += 1;
    const finish: StoreDone = (error) => {
      this.#changes += 1;
      done(error);
      this.#leave();
    };
    if (this.#zerosByHand) return this.#writeZeros(offsetBytes, lengthBytes, finish);
    // A thick disk keeps its space.
    const mode = this.#thin ? PUNCH_HOLE : ZERO_RANGE;
    this.#posix!.allocate!(this.#file.fd, mode, offsetBytes, lengthBytes, (result) => {
      if (result >= 0) return finish(undefined);
      if (result === -EOPNOTSUPP || result === -ENOSYS) this.#zerosByHand = true;
      // EINVAL: a block device wants whole blocks of its own.
      if (this.#zerosByHand || result === -EINVAL) return this.#writeZeros(offsetBytes, lengthBytes, finish);
      finish(this.#failed(result === -ENOSPC || result === -EDQUOT ? 'no-space' : 'write', offsetBytes, errorName(-result)));
    });
  }

  #writeZeros(offsetBytes: number, lengthBytes: number, done: StoreDone): void {
    const ended = (error: CallError, moved: number): void =>
      done(error === null ? undefined : this.#notWritten(error, offsetBytes + moved));
    fillWithZeros(this.#file.fd, offsetBytes, lengthBytes, ended, this.#calls);
  }

  allocation(offsetBytes: number, lengthBytes: number, runsMax: number, done: AllocationDone): void {
    if (this.#closed) return done(this.#gone('read', offsetBytes), undefined);
    const seek = this.#posix?.seek;
    if (!this.#thin || seek === undefined || lengthBytes === 0) return done(undefined, [{ lengthBytes, mapped: true }]);
    this.#under += 1;
    const runs: AllocationRun[] = [];
    const end = offsetBytes + lengthBytes;
    const finish = (error: StoreError | undefined): void => {
      done(error, error === undefined ? runs : undefined);
      this.#leave();
    };
    // Where the next byte with the other state is: data and holes take turns.
    const next = (position: number, mapped: boolean): void => {
      if (position >= end || runs.length === runsMax) return finish(undefined);
      seek(this.#file.fd, position, mapped ? SEEK_HOLE : SEEK_DATA, (result) => {
        // Block devices and some file systems don't tell: then everything is mapped.
        if (result === -EINVAL || result === -EOPNOTSUPP) {
          runs.splice(0, runs.length, { lengthBytes, mapped: true });
          return finish(undefined);
        }
        if (result < 0 && result !== -ENXIO) return finish(this.#failed('read', position, errorName(-result)));
        // lseek(2): ENXIO says that there is no more data up to the end of the file.
        const until = result === -ENXIO ? end : Math.min(result, end);
        if (until > position) runs.push({ lengthBytes: until - position, mapped });
        next(until, !mapped);
      });
    };
    next(offsetBytes, false);
  }

  // ---- the end ----

  close(done: StoreDone): void {
    if (this.#closed) return done(undefined);
    this.#closed = true;
    // First what is under way on threads comes to its end: it is flushed too, and it still uses the descriptors.
    this.#closing = () =>
      this.#flush((error) => {
        const { fd, durableFd, lock } = this.#file;
        lock.release();
        const closeMain = (): void => this.#calls.close(fd, () => done(error));
        if (durableFd === undefined) closeMain();
        else this.#calls.close(durableFd, closeMain);
      });
    if (this.#under === 0) this.#finishClosing();
  }

  #leave(): void {
    this.#under -= 1;
    if (this.#under === 0) this.#finishClosing();
  }

  #finishClosing(): void {
    const closing = this.#closing;
    this.#closing = undefined;
    closing?.();
  }

  // ---- what goes wrong ----

  #failed(fault: StoreError['fault'], offsetBytes: number | undefined, reason: string): StoreError {
    const where = offsetBytes === undefined ? '' : ` at byte ${offsetBytes}`;
    const what = fault === 'read' ? 'Reading' : fault === 'flush' ? 'Flushing' : 'Writing';
    const message = `${what} ${this.#path}${where} failed: ${reason}.`;
    return offsetBytes === undefined ? { fault, message } : { fault, message, offsetBytes };
  }

  #gone(fault: StoreError['fault'], offsetBytes: number | undefined): StoreError {
    return this.#failed(fault, offsetBytes, this.#closed ? 'it is closed' : 'it is open for reading only');
  }
}

const reasonOf = (error: NodeJS.ErrnoException): string => (error.code === undefined ? error.message : error.code);
