/** Ping and traceroute: echo requests with a time limit (RFC 792, RFC 4443 §4), and those whose hop limit ends them on the way. */
import { type Clock, type Nanos, SECOND, type Timer } from '../base/clock.ts';
import { formatIp, type IpAddress, sameAddress } from '../wire/ip/address.ts';
import type { InetHost } from './host.ts';
import type { EchoError, EchoReply, Icmp } from './icmp.ts';
import type { PathError } from './path.ts';

export type PingResult =
  | { readonly kind: 'reply'; readonly nanos: Nanos; readonly from: IpAddress; readonly hopLimit: number; readonly intact: boolean }
  | { readonly kind: 'error'; readonly nanos: Nanos; readonly from: IpAddress; readonly error: PathError }
  | { readonly kind: 'lost' }
  | { readonly kind: 'no-route' };

interface Waiting {
  readonly destination: IpAddress;
  readonly data: Uint8Array;
  readonly sentAt: Nanos;
  readonly timer: Timer;
  readonly done: (result: PingResult) => void;
}

export interface PingOptions {
  readonly dataBytes?: number;
  readonly timeoutNanos?: Nanos;
  readonly hopLimit?: number;
}

/** Requests that may be under way at once. */
const WAITING_MAX = 1024;

export class Pinger {
  readonly #host: InetHost;
  readonly #icmp: Icmp;
  readonly #clock: Clock;
  readonly #identifier: number;
  readonly #waiting = new Map<number, Waiting>();
  #sequence = 0;

  constructor(host: InetHost, icmp: Icmp) {
    this.#host = host;
    this.#icmp = icmp;
    this.#clock = host.services.clock;
    this.#identifier = host.services.rng.uint32() & 0xffff;
    icmp.listen({ handleReply: (reply) => this.#handleReply(reply), handleError: (error) => this.#handleError(error) });
  }

  /** One echo request; `done` runs once. */
  ping(destination: IpAddress, options: PingOptions, done: (result: PingResult) => void): void {
    const path = this.#host.path(destination);
    if (path === undefined || this.#waiting.size >= WAITING_MAX) return done({ kind: 'no-route' });
    const sequence = (this.#sequence + 1) & 0xffff;
    this.#sequence = sequence;
    const data = Uint8Array.from({ length: options.dataBytes ?? 56 }, (_, index) => (index + sequence) & 0xff);
    const timer = this.#clock.after(options.timeoutNanos ?? SECOND, () => {
      this.#waiting.delete(sequence);
      done({ kind: 'lost' });
    });
    this.#waiting.get(sequence)?.timer.cancel();
    this.#waiting.set(sequence, { destination, data, sentAt: this.#clock.now(), timer, done });
    this.#icmp.sendEcho(path, this.#identifier, sequence, data, options.hopLimit);
  }

  #take(identifier: number, sequence: number): Waiting | undefined {
    const waiting = identifier === this.#identifier ? this.#waiting.get(sequence) : undefined;
    if (waiting === undefined) return undefined;
    this.#waiting.delete(sequence);
    waiting.timer.cancel();
    return waiting;
  }

  #handleReply({ identifier, sequence, source, hopLimit, data }: EchoReply): void {
    const waiting = this.#take(identifier, sequence);
    if (waiting === undefined) return;
    const intact = data.length === waiting.data.length && data.every((byte, index) => byte === waiting.data[index]);
    waiting.done({ kind: 'reply', nanos: this.#clock.now() - waiting.sentAt, from: source, hopLimit, intact });
  }

  #handleError({ identifier, sequence, from, error }: EchoError): void {
    // A first packet that was too big is lost; the next one knows better.
    const waiting = this.#take(identifier, sequence);
    waiting?.done({ kind: 'error', nanos: this.#clock.now() - waiting.sentAt, from, error });
  }

  /** Hop by hop to the destination: `onHop` for each, `done` at the end. */
  trace(
    destination: IpAddress,
    options: { readonly hopsMax: number; readonly timeoutNanos?: Nanos },
    onHop: (hop: number, result: PingResult) => void,
    done: () => void,
  ): void {
    const next = (hop: number): void => {
      if (hop > options.hopsMax) return done();
      this.ping(
        destination,
        { hopLimit: hop, ...(options.timeoutNanos === undefined ? {} : { timeoutNanos: options.timeoutNanos }) },
        (result) => {
          onHop(hop, result);
          const there =
            result.kind === 'reply' || result.kind === 'no-route' || (result.kind === 'error' && result.error.kind !== 'time-exceeded');
          if (there || (result.kind !== 'lost' && sameAddress(result.from, destination))) return done();
          next(hop + 1);
        },
      );
    };
    next(1);
  }
}

/** A result in the words of ping(8). */
export function describePing(result: PingResult): string {
  if (result.kind === 'lost') return 'no answer';
  if (result.kind === 'no-route') return 'no route to host';
  const from = formatIp(result.from);
  const milliseconds = (result.nanos / 1e6).toFixed(3);
  if (result.kind === 'reply')
    return `from ${from}: hop limit ${result.hopLimit}, time ${milliseconds} ms${result.intact ? '' : ' (data differs)'}`;
  const { error } = result;
  const words =
    error.kind === 'too-big'
      ? `packet too big (MTU ${error.mtuBytes})`
      : error.kind === 'time-exceeded'
        ? 'time exceeded'
        : `${error.code} unreachable`;
  return `from ${from}: ${words}`;
}
