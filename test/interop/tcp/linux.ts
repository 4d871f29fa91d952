/** Linux's TCP as a script's subject: sockets of a network namespace, opened from here, and a cable (veth) of which the script has the other end. */
import { createRequire } from 'node:module';
import { be16 } from '../../../src/base/bytes.ts';
import type { Nanos } from '../../../src/base/clock.ts';
import type { Port, Wire } from '../../../src/base/port.ts';
import { OUR_MAC, THEIR_MAC } from '../../../src/inet/tcp/testing/notation.ts';
import { attachInterface } from '../../../src/os/ports/packet-socket.ts';
import type { Attachment } from '../../../src/os/ports/attachment.ts';
import { failure, loadNative, type Native, words } from '../../../src/os/ports/native.ts';
import { TYPE_IPV4 } from '../../../src/wire/ethernet/frame.ts';
import { formatMac } from '../../../src/wire/ethernet/mac.ts';
import { address } from '../../../src/wire/ip/address.ts';
import { makeNamespace, type Namespace } from '../namespaces.ts';
import type { SocketOptions, State, Subject, SubjectListener, SubjectSocket } from './subject.ts';

const AF_INET = 2;
const SOCK_STREAM_NONBLOCK_CLOEXEC = 0o2004001;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_ERROR = 4;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_KEEPALIVE = 9;
const SO_OOBINLINE = 10;
const SO_LINGER = 13;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
const TCP_INFO = 11;
const TCP_CONGESTION = 13;
const TCP_USER_TIMEOUT = 18;
const MSG_OOB = 1;
const MSG_NOSIGNAL = 0x4000;
const SHUT_WR = 1;
const POLLPRI = 2;
/** Whatever a script writes is taken at once. */
const SEND_BYTES = 1 << 20;
const EAGAIN = 11;
const EINPROGRESS = 115;

/** enum tcp_state of Linux; TIME-WAIT is not the socket's any more, and shows as closed. */
const STATES: readonly (State | undefined)[] = [
  undefined,
  'established',
  'syn-sent',
  'syn-received',
  'fin-wait-1',
  'fin-wait-2',
  'closed',
  'closed',
  'close-wait',
  'last-ack',
  undefined,
  'closing',
];

/** Calls that src/os/ports/native.ts has no use for. */
interface Calls {
  listen(fd: number, backlog: number): number;
  accept4(fd: number, address: null, bytes: null, flags: number): number;
  send(fd: number, bytes: Uint8Array, count: number, flags: number): bigint | number;
  shutdown(fd: number, how: number): number;
  poll(fds: Uint8Array, count: number, milliseconds: number): number;
}

function loadCalls(): Calls {
  const koffi = createRequire(import.meta.url)('koffi') as { load(path: null): { func(prototype: string): never } };
  const library = koffi.load(null);
  return {
    listen: library.func('int listen(int fd, int backlog)'),
    accept4: library.func('int accept4(int fd, void *address, void *bytes, int flags)'),
    send: library.func('int64_t send(int fd, const void *bytes, size_t count, int flags)'),
    shutdown: library.func('int shutdown(int fd, int how)'),
    poll: library.func('int poll(void *fds, unsigned long count, int milliseconds)'),
  };
}

/** struct sockaddr_in. */
function socketAddress(text: string, port: number): Uint8Array {
  const bytes = new Uint8Array(16);
  bytes[0] = AF_INET;
  bytes[2] = port >>> 8;
  bytes[3] = port & 0xff;
  bytes.set(address(text), 4);
  return bytes;
}

class LinuxSocket implements SubjectSocket {
  readonly #native: Native;
  readonly #calls: Calls;
  readonly #fd: number;
  #error: string | undefined;
  #ended = false;
  #open = true;

  constructor(native: Native, calls: Calls, fd: number) {
    this.#native = native;
    this.#calls = calls;
    this.#fd = fd;
  }

  get state(): State {
    const info = new Uint8Array(8);
    if (!this.#open || this.#native.getOption(this.#fd, IPPROTO_TCP, TCP_INFO, info) < 0) return 'closed';
    return STATES[info[0]!]!;
  }

  get error(): string | undefined {
    const error = new Uint8Array(4);
    if (this.#open && this.#native.getOption(this.#fd, SOL_SOCKET, SO_ERROR, error) >= 0 && error[0] !== 0)
      this.#error = failure(-error[0]!);
    return this.#error;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get hasUrgent(): boolean {
    const request = words(this.#fd, POLLPRI);
    this.#calls.poll(request, 1, 0);
    return (request[6]! & POLLPRI) !== 0;
  }

  read(): Uint8Array {
    const bytes = new Uint8Array(1 << 20);
    let count = 0;
    // A read ends at the mark of urgent data.
    while (!this.#ended) {
      const result = this.#native.read(this.#fd, bytes.subarray(count));
      if (result === -EAGAIN) break;
      if (result < 0) {
        this.#error = failure(result);
        break;
      }
      if (result === 0) this.#ended = true;
      count += result;
    }
    return bytes.subarray(0, count);
  }

  #send(bytes: Uint8Array, flags: number): void {
    const sent = Number(this.#calls.send(this.#fd, bytes, bytes.length, flags | MSG_NOSIGNAL));
    if (sent !== bytes.length) throw new Error(`Linux took ${sent} of ${bytes.length} bytes`);
  }

  write(bytes: Uint8Array): void {
    this.#send(bytes, 0);
  }

  writeUrgent(bytes: Uint8Array): void {
    this.#send(bytes, MSG_OOB);
  }

  end(): void {
    this.#calls.shutdown(this.#fd, SHUT_WR);
  }

  abort(): void {
    this.#native.setOption(this.#fd, SOL_SOCKET, SO_LINGER, words(1, 0));
    this.close();
  }

  close(): void {
    if (this.#open) this.#native.close(this.#fd);
    this.#open = false;
  }
}

class Linux implements Subject, Port {
  readonly name = 'Linux';
  wire: Wire | undefined = undefined;
  readonly #native = loadNative()!;
  readonly #calls = loadCalls();
  readonly #namespace: Namespace = makeNamespace();
  readonly #cable: Attachment;
  readonly #takers = new Map<number, (frame: Uint8Array) => void>();
  readonly #sockets: LinuxSocket[] = [];
  readonly #fds: number[] = [];

  constructor() {
    // The same options as ours has in these scripts; every answer is given, however often it is asked for.
    const settings = ['timestamps=0', 'sack=0', 'window_scaling=0', 'ecn=0', 'invalid_ratelimit=0', 'no_metrics_save=1'];
    this.#namespace.run(`
      sysctl -q -w ${settings.map((one) => `net.ipv4.tcp_${one}`).join(' ')} net.ipv6.conf.all.disable_ipv6=1
      ip link add cable0 type veth peer name cable1
      ip link set cable0 up
      ip link set cable1 address ${formatMac(OUR_MAC)} up
      ip addr add 192.0.2.1/24 dev cable1
      ip neigh add 192.0.2.2 lladdr ${formatMac(THEIR_MAC)} dev cable1 nud permanent`);
    this.#cable = this.#namespace.within(() => attachInterface(this, 'cable0', { events: () => {} }));
  }

  handleCarrier(): void {}

  handleFrame(frame: Uint8Array): void {
    if (be16(frame, 12) === TYPE_IPV4) this.#takers.get(be16(frame, 36))?.(frame);
  }

  now(): Nanos {
    return performance.now() * 1e6;
  }

  async pass(nanos: Nanos, until: () => boolean = () => false): Promise<void> {
    const end = this.now() + nanos;
    do {
      const left = end - this.now();
      await new Promise((resolve) => (left < 1e6 ? setImmediate(resolve) : setTimeout(resolve, 1)));
    } while (this.now() < end && !until());
  }

  deliver(frame: Uint8Array): void {
    this.wire!.transmit(frame);
  }

  onFrame(theirPort: number, take: (frame: Uint8Array) => void): void {
    this.#takers.set(theirPort, take);
  }

  #socket(options: SocketOptions): number {
    const native = this.#native;
    const fd = this.#namespace.within(() => native.socket(AF_INET, SOCK_STREAM_NONBLOCK_CLOEXEC, 0));
    const set = (level: number, option: number, value: number): void => {
      const result = native.setOption(fd, level, option, words(value));
      if (result < 0) throw new Error(`option ${option} failed with ${failure(result)}`);
    };
    set(SOL_SOCKET, SO_REUSEADDR, 1);
    // Whatever the machine's default is: one that paces would answer in its own time.
    native.setOption(fd, IPPROTO_TCP, TCP_CONGESTION, new TextEncoder().encode('cubic'));
    set(SOL_SOCKET, SO_OOBINLINE, 1);
    set(SOL_SOCKET, SO_SNDBUF, SEND_BYTES);
    if (options.receiveBytes !== undefined) set(SOL_SOCKET, SO_RCVBUF, options.receiveBytes);
    set(IPPROTO_TCP, TCP_NODELAY, options.nagle === true ? 0 : 1);
    if (options.userTimeoutSeconds !== undefined) set(IPPROTO_TCP, TCP_USER_TIMEOUT, options.userTimeoutSeconds * 1000);
    const { keepAliveSeconds } = options;
    if (keepAliveSeconds !== undefined) {
      set(SOL_SOCKET, SO_KEEPALIVE, 1);
      set(IPPROTO_TCP, TCP_KEEPIDLE, keepAliveSeconds.idle);
      set(IPPROTO_TCP, TCP_KEEPINTVL, keepAliveSeconds.interval);
      set(IPPROTO_TCP, TCP_KEEPCNT, keepAliveSeconds.probes);
    }
    return fd;
  }

  #keep(fd: number): LinuxSocket {
    const socket = new LinuxSocket(this.#native, this.#calls, fd);
    this.#sockets.push(socket);
    return socket;
  }

  listen(port: number, options: SocketOptions = {}): SubjectListener | undefined {
    const fd = this.#socket(options);
    this.#fds.push(fd);
    if (this.#native.bind(fd, socketAddress('0.0.0.0', port)) < 0 || this.#calls.listen(fd, 16) < 0) return undefined;
    return {
      accept: () => {
        const accepted = this.#calls.accept4(fd, null, null, SOCK_STREAM_NONBLOCK_CLOEXEC & ~1);
        return accepted < 0 ? undefined : this.#keep(accepted);
      },
    };
  }

  connect(theirPort: number, ourPort: number, options: SocketOptions = {}, to = '192.0.2.2'): SubjectSocket | undefined {
    const fd = this.#socket(options);
    this.#native.bind(fd, socketAddress('0.0.0.0', ourPort));
    const socket = this.#keep(fd);
    const result = this.#native.connect(fd, socketAddress(to, theirPort));
    return result === 0 || result === -EINPROGRESS ? socket : undefined;
  }

  close(): void {
    for (const socket of this.#sockets) socket.close();
    for (const fd of this.#fds) this.#native.close(fd);
    this.#cable.close();
    this.#namespace.remove();
  }
}

export const linux = (): Subject => new Linux();
