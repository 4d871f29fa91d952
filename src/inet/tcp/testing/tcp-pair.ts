/** Two hosts with a TCP each, and ends that collect what comes to them. */
import type { ByteStreamReceiver } from '../../../base/byte-stream.ts';
import { concat, EMPTY_BYTES } from '../../../base/bytes.ts';
import { address } from '../../../wire/ip/address.ts';
import { type TwoHosts, twoHosts, type TwoHostsOptions } from '../../testing/two-hosts.ts';
import type { ConnectionSettings, TcpSettings } from '../settings.ts';
import { TcpStack } from '../stack.ts';
import type { TcpStream } from '../stream.ts';

/** Collects, in buffers of an awkward size. */
export class Collector implements ByteStreamReceiver {
  stream: TcpStream | undefined;
  /** Undefined: it is still open; otherwise how it closed. */
  closed: { readonly reason: string | undefined } | undefined;
  bytes = 0;
  /** Undefined: bytes are counted, not kept. */
  readonly #kept: Uint8Array[] | undefined;
  readonly #place: Uint8Array;
  onBytes: (bytes: Uint8Array) => void = () => {};

  constructor(keeps = true, placeBytes = 5000) {
    this.#kept = keeps ? [] : undefined;
    this.#place = new Uint8Array(placeBytes);
  }

  nextBuffer(): Uint8Array {
    return this.#place;
  }

  handleBytes(count: number): void {
    if (this.closed !== undefined) throw new Error('bytes after the end');
    this.bytes += count;
    this.#kept?.push(this.#place.slice(0, count));
    this.onBytes(this.#place.subarray(0, count));
  }

  handleClose(reason: string | undefined): void {
    if (this.closed !== undefined) throw new Error('closed twice');
    this.closed = { reason };
  }

  all(): Uint8Array {
    return concat([...(this.#kept ?? []), EMPTY_BYTES]);
  }
}

export interface TcpPair extends TwoHosts {
  readonly tcpA: TcpStack;
  readonly tcpB: TcpStack;
}

export interface TcpPairOptions extends TwoHostsOptions {
  readonly tcp?: Partial<TcpSettings>;
}

export function tcpPair(options: TcpPairOptions = {}): TcpPair {
  const hosts = twoHosts(options);
  return { ...hosts, tcpA: new TcpStack(hosts.a.host, options.tcp), tcpB: new TcpStack(hosts.b.host, options.tcp) };
}

export const ADDRESS_A = address('192.0.2.1');
export const ADDRESS_B = address('192.0.2.2');
export const ADDRESS_B6 = address('2001:db8::2');

export interface Joined {
  readonly client: Collector;
  readonly server: Collector;
}

/** a connects to b, which listens at port 80. */
export function join(pair: TcpPair, settings: Partial<ConnectionSettings> = {}, keeps = true, to = ADDRESS_B): Joined {
  const client = new Collector(keeps);
  const server = new Collector(keeps);
  pair.tcpB.listen({
    port: 80,
    settings,
    onConnection(stream) {
      server.stream = stream;
      return server;
    },
  });
  client.stream = pair.tcpA.connect(to, 80, { receiver: client, settings });
  return { client, server };
}

/** Bytes that tell their place. */
export function pattern(bytes: number, seed = 0): Uint8Array {
  const out = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 1) out[at] = (Math.imul(at + seed * 7919, 0x9e3779b1) >>> 24) ^ at;
  return out;
}
