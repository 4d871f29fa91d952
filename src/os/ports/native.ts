/**
 * Calls of Linux that Node doesn't offer and ports stand on (socket(2), sendmmsg(2), recvmmsg(2), ioctl(2), tun), through koffi, an optional
 * dependency. Whoever needs them says what to do where they are missing.
 */
import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import { type PosixResult, errorName } from '../posix.ts';

/** Every call gives what it gave back, or the negative error number. Structures are given as the bytes the kernel expects. */
export interface Native {
  open(path: string, flags: number): PosixResult;
  close(fd: number): PosixResult;
  read(fd: number, bytes: Uint8Array): PosixResult;
  write(fd: number, bytes: Uint8Array): PosixResult;
  ioctl(fd: number, request: number, argument: Uint8Array): PosixResult;
  /** For requests whose argument is the number itself. */
  ioctlNumber(fd: number, request: number, argument: number): PosixResult;
  socket(domain: number, type: number, protocol: number): PosixResult;
  bind(fd: number, address: Uint8Array): PosixResult;
  connect(fd: number, address: Uint8Array): PosixResult;
  setOption(fd: number, level: number, option: number, value: Uint8Array): PosixResult;
  getOption(fd: number, level: number, option: number, value: Uint8Array): PosixResult;
  /** The index of an interface; 0: there is none of the name. */
  interfaceIndex(name: string): number;
  /** Both without waiting. `messages` holds `count` structures mmsghdr. */
  receiveMessages(fd: number, messages: Uint8Array, count: number): PosixResult;
  sendMessages(fd: number, messages: Uint8Array, count: number): PosixResult;
  /** poll(2) for reading, on a thread of its own. */
  waitReadable(fd: number, milliseconds: number, done: (result: PosixResult) => void): void;
  /** Where the bytes lie; they stay there as long as something refers to them. */
  addressOf(bytes: Uint8Array): bigint;
}

interface NativeFunction {
  (...args: readonly unknown[]): number;
  async(...args: readonly unknown[]): void;
}

interface Koffi {
  load(path: null): { func(prototype: string): NativeFunction };
  errno(): number;
  address(value: unknown): bigint;
}

/** Error numbers of Linux that Node's own list leaves out, or that are needed by their numbers. */
export const EPERM = 1;
export const EINTR = 4;
export const EACCES = 13;
export const EBUSY = 16;
export const ENODEV = 19;
export const EAGAIN = 11;
export const EBADFD = 77;
export const EMSGSIZE = 90;
export const ENETDOWN = 100;
export const ENOBUFS = 105;
export const ECONNREFUSED = 111;

const MSG_DONTWAIT = 0x40;
const POLLIN = 1;

let loaded: { readonly native: Native | undefined; readonly why: string } | undefined;

/** Undefined: not on this platform, or koffi is not installed. */
export function loadNative(): Native | undefined {
  loaded ??= bindNative();
  return loaded.native;
}

/** Why `loadNative` gave nothing; a sentence for people. */
export function whyNoNative(): string {
  loaded ??= bindNative();
  return loaded.why;
}

function bindNative(): { readonly native: Native | undefined; readonly why: string } {
  // The structures are written as 64-bit Linux lays them out, low bytes first.
  const fits = process.platform === 'linux' && ['x64', 'arm64', 'riscv64', 'loong64'].includes(process.arch) && endianness() === 'LE';
  if (!fits) return { native: undefined, why: `It works on 64-bit Linux; this is ${process.platform} on ${process.arch}.` };
  try {
    return { native: bindCalls(createRequire(import.meta.url)('koffi') as Koffi), why: '' };
  } catch (error) {
    const message = (error as Error).message.split('\n')[0]!;
    return { native: undefined, why: `It takes the package koffi, which can't be loaded: ${message}. Install it: npm install koffi` };
  }
}

function bindCalls(koffi: Koffi): Native {
  const library = koffi.load(null);
  const calls = {
    open: library.func('int open(const char *path, int flags)'),
    close: library.func('int close(int fd)'),
    read: library.func('int64_t read(int fd, void *bytes, size_t count)'),
    write: library.func('int64_t write(int fd, const void *bytes, size_t count)'),
    ioctl: library.func('int ioctl(int fd, unsigned long request, void *argument)'),
    ioctlNumber: library.func('int ioctl(int fd, unsigned long request, unsigned long argument)'),
    socket: library.func('int socket(int domain, int type, int protocol)'),
    bind: library.func('int bind(int fd, const void *address, uint32_t count)'),
    connect: library.func('int connect(int fd, const void *address, uint32_t count)'),
    setsockopt: library.func('int setsockopt(int fd, int level, int option, const void *value, uint32_t count)'),
    getsockopt: library.func('int getsockopt(int fd, int level, int option, void *value, void *count)'),
    index: library.func('unsigned int if_nametoindex(const char *name)'),
    recvmmsg: library.func('int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)'),
    sendmmsg: library.func('int sendmmsg(int fd, void *messages, unsigned int count, int flags)'),
    poll: library.func('int poll(void *fds, unsigned long count, int milliseconds)'),
  };
  const underway = new Set<Uint8Array>();
  const result = (value: number): PosixResult => (value < 0 ? -koffi.errno() : value);
  return {
    open: (path, flags) => result(calls.open(path, flags)),
    close: (fd) => result(calls.close(fd)),
    read: (fd, bytes) => result(calls.read(fd, bytes, bytes.length)),
    write: (fd, bytes) => result(calls.write(fd, bytes, bytes.length)),
    ioctl: (fd, request, argument) => result(calls.ioctl(fd, request, argument)),
    ioctlNumber: (fd, request, argument) => result(calls.ioctlNumber(fd, request, argument)),
    socket: (domain, type, protocol) => result(calls.socket(domain, type, protocol)),
    bind: (fd, address) => result(calls.bind(fd, address, address.length)),
    connect: (fd, address) => result(calls.connect(fd, address, address.length)),
    setOption: (fd, level, option, value) => result(calls.setsockopt(fd, level, option, value, value.length)),
    getOption: (fd, level, option, value) => result(calls.getsockopt(fd, level, option, value, words(value.length))),
    interfaceIndex: (name) => calls.index(name),
    receiveMessages: (fd, messages, count) => result(calls.recvmmsg(fd, messages, count, MSG_DONTWAIT, null)),
    sendMessages: (fd, messages, count) => result(calls.sendmmsg(fd, messages, count, MSG_DONTWAIT)),
    waitReadable: (fd, milliseconds, done) => {
      const request = words(fd, POLLIN);
      // The thread writes to it after this has returned: it must not be collected before.
      underway.add(request);
      calls.poll.async(request, 1, milliseconds, (error: unknown, value: number) => {
        underway.delete(request);
        done(error ? -EINTR : result(value));
      });
    },
    addressOf: (bytes) => koffi.address(bytes),
  };
}

/** 32-bit numbers as the machine keeps them: the arguments of most calls. */
export const words = (...values: readonly number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

/** A name as a structure ifreq (netdevice(7)) has it, with room for what comes behind it. Throws an Error on a name no interface can have. */
export function interfaceRequest(name: string): Uint8Array {
  const bytes = new TextEncoder().encode(name);
  if (bytes.length === 0 || bytes.length >= INTERFACE_NAME_BYTES || /[\s/:\0]/.test(name))
    throw new Error(`“${name}” can't be an interface's name: 1 to 15 bytes, without spaces, slashes and colons.`);
  const request = new Uint8Array(IFREQ_BYTES);
  request.set(bytes);
  return request;
}

/** IFNAMSIZ, with its closing zero. */
export const INTERFACE_NAME_BYTES = 16;
const IFREQ_BYTES = 40;

/** A call that failed, for people: `EPERM`. */
export const failure = (result: PosixResult): string => errorName(-result);
