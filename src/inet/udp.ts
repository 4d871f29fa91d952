/** UDP of a host (RFC 768, RFC 1122 §4.1): sockets bound to ports, datagrams in and out. */
import { be16, DecodeError } from '../base/bytes.ts';
import { type IpAddress, isAny, isIpv4, sameAddress } from '../wire/ip/address.ts';
import { PROTOCOL_UDP } from '../wire/ip/ipv4.ts';
import { decodeUdp, encodeUdp, UDP_HEADER_BYTES } from '../wire/ip/udp.ts';
import type { InetHost } from './host.ts';
import type { InetInterface } from './interface.ts';
import type { Arrival, IpPath, PathError } from './path.ts';

export interface Datagram {
  readonly source: IpAddress;
  readonly sourcePort: number;
  readonly destination: IpAddress;
  /** A view, good until the handler returns. */
  readonly payload: Uint8Array;
  readonly from: InetInterface;
}

export interface UdpSocketSettings {
  /** Undefined, or the unspecified address: every address of the host, and broadcasts. */
  readonly address?: IpAddress | undefined;
  /** 0: any free one. */
  readonly port: number;
  readonly onDatagram: (datagram: Datagram) => void;
  readonly onError?: (error: PathError, destination: IpAddress, port: number) => void;
}

export interface UdpSocket {
  readonly port: number;
  /** False: there is no way there. */
  send(destination: IpAddress, port: number, payload: Uint8Array): boolean;
  /** Over a path the caller has. */
  sendOver(path: IpPath, port: number, payload: Uint8Array): void;
  close(): void;
}

export interface UdpCounters {
  /** Names of RFC 4113. */
  udpInDatagrams: number;
  udpNoPorts: number;
  udpInErrors: number;
  udpOutDatagrams: number;
}

const SOCKETS_MAX = 4096;
/** Dynamic ports (RFC 6335 §6). */
const DYNAMIC_FIRST = 49152;
const DYNAMIC_COUNT = 65536 - DYNAMIC_FIRST;
export const UDP_PAYLOAD_BYTES_MAX = 65507;

interface Bound {
  readonly address: IpAddress | undefined;
  readonly settings: UdpSocketSettings;
}

export class Udp {
  readonly counters: UdpCounters = { udpInDatagrams: 0, udpNoPorts: 0, udpInErrors: 0, udpOutDatagrams: 0 };
  readonly #host: InetHost;
  readonly #unreachable: ((arrival: Arrival) => void) | undefined;
  readonly #bound = new Map<number, Bound[]>();
  #sockets = 0;

  /** `unreachable` is told of datagrams that nobody listens for. */
  constructor(host: InetHost, unreachable?: (arrival: Arrival) => void) {
    this.#host = host;
    this.#unreachable = unreachable;
    host.addProtocol(PROTOCOL_UDP, {
      handlePacket: (arrival, from) => this.#handle(arrival, from),
      handleError: (error, frame, at, end, source, destination) => this.#handleError(error, frame, at, end, source, destination),
    });
  }

  /** Undefined: the port is taken, or none is left. */
  open(settings: UdpSocketSettings): UdpSocket | undefined {
    const address = settings.address === undefined || isAny(settings.address) ? undefined : settings.address;
    const port = settings.port === 0 ? this.#freePort(address) : settings.port;
    if (port === undefined || this.#sockets >= SOCKETS_MAX || this.#taken(port, address)) return undefined;
    const bound: Bound = { address, settings };
    const before = this.#bound.get(port);
    if (before === undefined) this.#bound.set(port, [bound]);
    else before.push(bound);
    this.#sockets += 1;
    const sendOver = (path: IpPath, to: number, payload: Uint8Array): void => this.#send(path, port, to, payload);
    return {
      port,
      sendOver,
      send: (destination, to, payload) => {
        const path = this.#host.path(destination, address);
        if (path === undefined || payload.length > UDP_PAYLOAD_BYTES_MAX) return false;
        sendOver(path, to, payload);
        return true;
      },
      close: () => this.#close(port, bound),
    };
  }

  #taken(port: number, address: IpAddress | undefined): boolean {
    return (this.#bound.get(port) ?? []).some((one) =>
      one.address === undefined || address === undefined ? one.address === address : sameAddress(one.address, address),
    );
  }

  #freePort(address: IpAddress | undefined): number | undefined {
    const start = this.#host.services.rng.uint32() % DYNAMIC_COUNT;
    for (let tries = 0; tries < DYNAMIC_COUNT; tries += 1) {
      const port = DYNAMIC_FIRST + ((start + tries) % DYNAMIC_COUNT);
      if (!this.#taken(port, address)) return port;
    }
    return undefined;
  }

  #close(port: number, bound: Bound): void {
    const left = (this.#bound.get(port) ?? []).filter((one) => one !== bound);
    if (left.length === (this.#bound.get(port)?.length ?? 0)) return;
    this.#sockets -= 1;
    if (left.length === 0) this.#bound.delete(port);
    else this.#bound.set(port, left);
  }

  #send(path: IpPath, fromPort: number, toPort: number, payload: Uint8Array): void {
    const datagram = new Uint8Array(UDP_HEADER_BYTES + payload.length);
    datagram.set(payload, UDP_HEADER_BYTES);
    encodeUdp(fromPort, toPort, payload.length, datagram, 0, path.addressSum + PROTOCOL_UDP + datagram.length);
    this.counters.udpOutDatagrams += 1;
    path.sendPayload(datagram, PROTOCOL_UDP, 0);
  }

  #handle(arrival: Arrival, from: InetInterface): void {
    const { frame, at, end, source, destination, addressSum } = arrival;
    let udp: ReturnType<typeof decodeUdp>;
    try {
      udp = decodeUdp(frame, at, end, addressSum + PROTOCOL_UDP + (end - at), !isIpv4(source));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.counters.udpInErrors += 1;
      return;
    }
    const listeners = this.#bound.get(udp.destinationPort) ?? [];
    const bound =
      listeners.find((one) => one.address !== undefined && sameAddress(one.address, destination)) ??
      listeners.find((one) => one.address === undefined);
    if (bound === undefined) {
      this.counters.udpNoPorts += 1;
      if (!arrival.isGroup) this.#unreachable?.(arrival);
      return;
    }
    this.counters.udpInDatagrams += 1;
    const payload = frame.subarray(udp.payloadAt, udp.payloadEnd);
    bound.settings.onDatagram({ source, sourcePort: udp.sourcePort, destination, payload, from });
  }

  #handleError(error: PathError, frame: Uint8Array, at: number, end: number, source: IpAddress, destination: IpAddress): void {
    if (end - at < UDP_HEADER_BYTES) return;
    const bound = (this.#bound.get(be16(frame, at)) ?? []).find((one) => one.address === undefined || sameAddress(one.address, source));
    bound?.settings.onError?.(error, destination.slice(), be16(frame, at + 2));
  }
}
