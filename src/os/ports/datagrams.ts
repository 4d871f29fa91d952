/**
 * Frames as datagrams, one in each, between two addresses: UDP, or Unix datagram sockets. Through koffi in batches and over either kind; without
 * it Node's own sockets do, which know UDP only.
 */
import { createSocket } from 'node:dgram';
import { lstatSync, unlinkSync } from 'node:fs';
import { putBe16 } from '../../base/bytes.ts';
import { formatIp, type IpAddress, isIpv4, parseAddress, sameAddress } from '../../wire/ip/address.ts';
import type { AttachmentCounters } from './attachment.ts';
import { MessageSocket } from './message-socket.ts';
import { AF_INET, AF_INET6, AF_UNIX, isFrom } from './messages.ts';
import { ECONNREFUSED, failure, loadNative, type Native, whyNoNative, words } from './native.ts';

export type DatagramAddress = { readonly path: string } | { readonly address: IpAddress; readonly port: number };

export interface DatagramSettings {
  readonly local: DatagramAddress;
  readonly remote: DatagramAddress;
  /** In front of every frame. */
  readonly prefix: Uint8Array;
  /** True: packets that the path is too small for are dropped instead of cut. Only where koffi is. */
  readonly whole: boolean;
  readonly counters: AttachmentCounters;
  /** One that came from the remote address (ports don't matter); it must be copied before this returns. */
  onDatagram(bytes: Uint8Array, start: number, end: number): void;
  onTooLong(frameBytes: number): void;
  /** For tests: as if there were no koffi. */
  readonly plain?: boolean;
}

export interface DatagramEnd {
  send(frame: Uint8Array): void;
  close(): void;
}

export function datagramAddressText(address: DatagramAddress): string {
  if ('path' in address) return address.path;
  const host = formatIp(address.address);
  return `${isIpv4(address.address) ? host : `[${host}]`}:${address.port}`;
}

/** Rejects with an Error of a few clear sentences. */
export async function openDatagrams(settings: DatagramSettings): Promise<DatagramEnd> {
  const native = settings.plain === true ? undefined : loadNative();
  if (native !== undefined) return openNative(native, settings);
  const { local, remote } = settings;
  if ('path' in local || 'path' in remote) throw new Error(`Unix datagram sockets are not in Node itself. ${whyNoNative()}`);
  return openPlain(settings, local, remote);
}

const SOCK_DGRAM_NONBLOCK_CLOEXEC = 0o2004002;
const SOL_SOCKET = 1;
const SO_SNDBUF = 7;
const SO_RCVBUF = 8;
const SO_SNDBUFFORCE = 32;
const SO_RCVBUFFORCE = 33;
const IPPROTO_IP = 0;
const IP_MTU_DISCOVER = 10;
const IPPROTO_IPV6 = 41;
const IPV6_MTU_DISCOVER = 23;
const PMTUDISC_DO = 2;
const BUFFER_BYTES = 4 * 1024 * 1024;
/** `sun_path` (unix(7)), without its closing zero. */
const PATH_BYTES_MAX = 107;

/** struct sockaddr_un, sockaddr_in or sockaddr_in6. */
function socketAddress(address: DatagramAddress): Uint8Array {
  if ('path' in address) {
    const path = new TextEncoder().encode(address.path);
    if (path.length > PATH_BYTES_MAX)
      throw new Error(`The path ${address.path} is too long for a socket: ${PATH_BYTES_MAX} bytes at most.`);
    const bytes = new Uint8Array(2 + path.length + 1);
    bytes[0] = AF_UNIX;
    bytes.set(path, 2);
    return bytes;
  }
  const isV4 = isIpv4(address.address);
  const bytes = new Uint8Array(isV4 ? 16 : 28);
  bytes[0] = isV4 ? AF_INET : AF_INET6;
  putBe16(bytes, 2, address.port);
  bytes.set(address.address, isV4 ? 4 : 8);
  return bytes;
}

function openNative(native: Native, settings: DatagramSettings): DatagramEnd {
  const { local, remote, counters } = settings;
  const [from, to] = [socketAddress(local), socketAddress(remote)];
  if (from[0] !== to[0]) throw new Error(`${datagramAddressText(local)} and ${datagramAddressText(remote)} are addresses of two kinds.`);
  const fd = native.socket(from[0]!, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  if (fd < 0) throw new Error(`No socket can be opened for ${datagramAddressText(local)}: ${failure(fd)}.`);
  if ('path' in local) removeStale(native, local.path, from);
  const bound = native.bind(fd, from);
  if (bound < 0) {
    native.close(fd);
    throw new Error(`Can't bind a socket to ${datagramAddressText(local)}: ${failure(bound)}.`);
  }
  // More than the system's ordinary limit where we may.
  if (native.setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, words(BUFFER_BYTES)) < 0)
    native.setOption(fd, SOL_SOCKET, SO_RCVBUF, words(BUFFER_BYTES));
  if (native.setOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, words(BUFFER_BYTES)) < 0)
    native.setOption(fd, SOL_SOCKET, SO_SNDBUF, words(BUFFER_BYTES));
  if (settings.whole && from[0] === AF_INET) native.setOption(fd, IPPROTO_IP, IP_MTU_DISCOVER, words(PMTUDISC_DO));
  if (settings.whole && from[0] === AF_INET6) native.setOption(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, words(PMTUDISC_DO));
  const isUnix = from[0] === AF_UNIX;
  const socket = new MessageSocket(native, {
    fd,
    prefix: settings.prefix,
    to,
    counters,
    onMessage: (received, index) => {
      // Who may write to a path is a matter of its permissions; senders often have no name.
      const known = isUnix || isFrom(received.names, received.nameAt(index), to);
      if (!known) counters.malformed += 1;
      else if (received.isCut(index)) counters.tooLong += 1;
      else settings.onDatagram(received.bytes, received.startOf(index), received.endOf(index));
    },
    // An ICMP error about what was sent before: the frame is lost, as frames are.
    onError: () => {
      counters.dropsOut += 1;
    },
    onTooLong: settings.onTooLong,
  });
  return {
    send: (frame) => socket.send(frame),
    close: () => {
      socket.close();
      if ('path' in local) unlinkSync(local.path);
    },
  };
}

/** A socket that nobody has open any more was left by a process that was killed. */
function removeStale(native: Native, path: string, address: Uint8Array): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() !== true) return;
  const probe = native.socket(AF_UNIX, SOCK_DGRAM_NONBLOCK_CLOEXEC, 0);
  if (probe < 0) return;
  if (native.connect(probe, address) === -ECONNREFUSED) unlinkSync(path);
  native.close(probe);
}

/** Datagrams that Node may be about to send. */
const UNDERWAY_MAX = 1024;

async function openPlain(
  settings: DatagramSettings,
  local: Exclude<DatagramAddress, { path: string }>,
  remote: Exclude<DatagramAddress, { path: string }>,
): Promise<DatagramEnd> {
  const { counters, prefix } = settings;
  const isV4 = isIpv4(local.address);
  // Addresses are addresses here: Node would ask the resolver's queue for every frame.
  const socket = createSocket({ type: isV4 ? 'udp4' : 'udp6', lookup: (host, _options, found) => found(null, host, isV4 ? 4 : 6) });
  await new Promise<void>((resolve, reject) => {
    socket.once('error', (error) =>
      reject(new Error(`Can't bind a socket to ${datagramAddressText(local)}: ${error.message}.`, { cause: error })),
    );
    socket.bind(local.port, formatIp(local.address), resolve);
  });
  socket.removeAllListeners('error');
  socket.on('error', () => {
    counters.dropsOut += 1;
  });
  socket.on('message', (bytes, { address }) => {
    const source = parseAddress(address);
    if (source !== undefined && sameAddress(source, remote.address)) settings.onDatagram(bytes, 0, bytes.length);
    else counters.malformed += 1;
  });
  const host = formatIp(remote.address);
  let underway = 0;
  let open = true;
  return {
    send: (frame) => {
      if (!open || underway >= UNDERWAY_MAX) {
        counters.dropsOut += 1;
        return;
      }
      underway += 1;
      socket.send([prefix, frame], remote.port, host, (error) => {
        underway -= 1;
        if (error === null) {
          counters.framesOut += 1;
          counters.bytesOut += frame.length;
        } else if ((error as NodeJS.ErrnoException).code === 'EMSGSIZE') {
          counters.tooLong += 1;
          settings.onTooLong(frame.length);
        } else counters.dropsOut += 1;
      });
    },
    close: () => {
      if (open) socket.close();
      open = false;
    },
  };
}
