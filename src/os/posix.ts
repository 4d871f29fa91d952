/**
 * Calls of the C library that Node doesn't offer (preadv2, fallocate, lseek, getrusage, flock), through koffi, an optional dependency. Where it or the
 * call is missing, so is the function here, and the caller does without.
 */
import { createRequire } from 'node:module';
import { constants } from 'node:os';

/** What a call gave back, or the negative error number. */
export type PosixResult = number;

export interface Posix {
  /**
   * Reads only what costs no waiting (preadv2 with RWF_NOWAIT). `vector` holds `count` pairs of address and length as 64-bit little-endian
   * numbers; see `addressOf`.
   */
  readonly readNow: ((fd: number, vector: Uint32Array, count: number, position: number) => PosixResult) | undefined;
  /** fallocate(2), on a thread of its own. */
  readonly allocate:
    | ((fd: number, mode: number, position: number, length: number, done: (result: PosixResult) => void) => void)
    | undefined;
  /** lseek(2), on a thread of its own. */
  readonly seek: ((fd: number, position: number, whence: number, done: (result: PosixResult) => void) => void) | undefined;
  /** How often the calling thread has waited for something other than the processor (getrusage(2), ru_nvcsw). */
  readonly waits: (() => number) | undefined;
  /** flock(2) without waiting. */
  readonly lock: ((fd: number, shared: boolean) => PosixResult) | undefined;
  /** Where the bytes lie; they stay there as long as something refers to them. */
  addressOf(bytes: Uint8Array): bigint;
}

export const PUNCH_HOLE = 0x02 | 0x01; // FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE
export const ZERO_RANGE = 0x10 | 0x01; // FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE
export const SEEK_DATA = 3;
export const SEEK_HOLE = 4;

const RWF_NOWAIT = 0x08;
const RUSAGE_THREAD = 1;
/** struct rusage with 64-bit numbers: two times of 16 bytes, then 14 numbers of which this is the thirteenth. */
const RUSAGE_BYTES = 144;
const RU_NVCSW_OFFSET = 128;
const LOCK_SHARED = 1;
const LOCK_EXCLUSIVE = 2;
const LOCK_NOWAIT = 4;

/** koffi refuses more than some hundred calls at a time, and each occupies a thread. */
const THREADS_MAX = 4;

export const { EAGAIN, EDQUOT, EINVAL, ENOSPC, ENOSYS, ENXIO, EOPNOTSUPP, EWOULDBLOCK } = constants.errno;

/** Name of an error number: `ENOSPC`. */
export const errorName = (number: number): string =>
  Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? `error ${number}`;

/** The part of koffi that is used; its own types say `any`. */
interface NativeFunction {
  (...args: readonly unknown[]): number;
  async(...args: readonly unknown[]): void;
}

interface Koffi {
  load(path: null): { func(prototype: string): NativeFunction };
  errno(): number;
  address(value: unknown): bigint;
}

/** off_t has 64 bits there, and numbers begin with their low half. */
const WIDE = ['x64', 'arm64', 'riscv64', 'loong64'];

let loaded: { readonly posix: Posix | undefined } | undefined;

/** Undefined: there is nothing of the kind here. */
export function loadPosix(): Posix | undefined {
  loaded ??= { posix: bind() };
  return loaded.posix;
}

function bind(): Posix | undefined {
  try {
    const koffi = createRequire(import.meta.url)('koffi') as Koffi;
    const library = koffi.load(null);
    const find = (prototype: string, here: boolean): NativeFunction | undefined => {
      if (!here) return undefined;
      try {
        return library.func(prototype);
      } catch {
        return undefined; // an older C library
      }
    };
    const linux = process.platform === 'linux' && WIDE.includes(process.arch);
    const preadv2 = find('int64_t preadv2(int fd, void *vector, int count, int64_t position, int flags)', linux);
    const fallocate = find('int fallocate(int fd, int mode, int64_t position, int64_t length)', linux);
    const lseek = find('int64_t lseek(int fd, int64_t position, int whence)', linux);
    const getrusage = find('int getrusage(int who, void *usage)', linux);
    const usage = new Uint32Array(RUSAGE_BYTES / 4);
    const flock = find('int flock(int fd, int operation)', process.platform !== 'win32');
    const later = threads(koffi);
    return {
      readNow:
        preadv2 &&
        ((fd, vector, count, position) => {
          const result = preadv2(fd, vector, count, position, RWF_NOWAIT);
          return result < 0 ? -koffi.errno() : result;
        }),
      allocate: fallocate && ((fd, mode, position, length, done) => later(fallocate, [fd, mode, position, length], done)),
      seek: lseek && ((fd, position, whence, done) => later(lseek, [fd, position, whence], done)),
      waits:
        getrusage &&
        (() => {
          getrusage(RUSAGE_THREAD, usage);
          return usage[RU_NVCSW_OFFSET / 4]!;
        }),
      lock:
        flock &&
        ((fd, shared) => {
          const result = flock(fd, (shared ? LOCK_SHARED : LOCK_EXCLUSIVE) | LOCK_NOWAIT);
          return result < 0 ? -koffi.errno() : result;
        }),
      addressOf: (bytes) => koffi.address(bytes),
    };
  } catch {
    return undefined; // not installed, or not made for this platform
  }
}

type Later = (call: NativeFunction, args: readonly number[], done: (result: PosixResult) => void) => void;

function threads(koffi: Koffi): Later {
  const waiting: (() => void)[] = [];
  let running = 0;
  return (call, args, done) => {
    const start = (): void => {
      running += 1;
      call.async(...args, (error: unknown, result: number) => {
        const number = koffi.errno();
        running -= 1;
        waiting.shift()?.();
        if (error !== null && error !== undefined) done(-constants.errno.EIO);
        else done(result < 0 ? -number : result);
      });
    };
    if (running < THREADS_MAX) start();
    else waiting.push(start);
  };
}
