/** A path over one of the host's interfaces: it writes IP and link headers in front of what it is given. */
import { assert } from '../base/assert.ts';
import { FRAME_BYTES_MIN, TYPE_IPV4, TYPE_IPV6 } from '../wire/ethernet/frame.ts';
import { type IpAddress, isIpv4 } from '../wire/ip/address.ts';
import { sumWords } from '../wire/ip/checksum.ts';
import { DONT_FRAGMENT, encodeIpv4, IPV4_HEADER_BYTES, MORE_FRAGMENTS } from '../wire/ip/ipv4.ts';
import { encodeFragmentHeader, encodeIpv6, FRAGMENT_HEADER_BYTES, IPV6_HEADER_BYTES, NEXT_FRAGMENT } from '../wire/ip/ipv6.ts';
import { DEFAULT_HOP_LIMIT, type InetInterface } from './interface.ts';
import type { IpPath } from './path.ts';
import type { PathMtus } from './path-mtus.ts';

/** What a path needs of its host. */
export interface PathHost {
  /** Differs from what it was when paths may be out of date. */
  readonly generation: number;
  readonly pathMtus: PathMtus;
  readonly counters: { ipOutRequests: number; ipOutFragCreates: number };
  nextIdentification(): number;
}

export class HostPath implements IpPath {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly headerBytes: number;
  readonly ipHeaderBytes: number;
  readonly mtuBytes: number;
  readonly addressSum: number;
  readonly #host: PathHost;
  readonly #out: InetInterface;
  readonly #nextHop: IpAddress;
  readonly #generation: number;

  constructor(host: PathHost, out: InetInterface, source: IpAddress, destination: IpAddress, nextHop: IpAddress) {
    this.source = source;
    this.destination = destination;
    this.ipHeaderBytes = isIpv4(destination) ? IPV4_HEADER_BYTES : IPV6_HEADER_BYTES;
    this.headerBytes = out.linkBytes + this.ipHeaderBytes;
    this.mtuBytes = Math.min(out.mtuFor(destination), host.pathMtus.get(destination) ?? Number.MAX_SAFE_INTEGER);
    this.addressSum = sumWords(source, 0, source.length) + sumWords(destination, 0, destination.length);
    this.#host = host;
    this.#out = out;
    this.#nextHop = nextHop;
    this.#generation = host.generation;
  }

  get #hopLimit(): number {
    return isIpv4(this.destination) ? DEFAULT_HOP_LIMIT : this.#out.hopLimit;
  }

  get stale(): boolean {
    return this.#generation !== this.#host.generation;
  }

  send(frame: Uint8Array, protocol: number, trafficClass: number): void {
    this.sendWith(frame, protocol, trafficClass, this.#hopLimit);
  }

  sendWith(frame: Uint8Array, protocol: number, trafficClass: number, hopLimit: number): void {
    const bytes = frame.length - this.headerBytes;
    assert(bytes >= 0 && bytes + this.ipHeaderBytes <= this.#out.settings.mtuBytes, 'a packet fits its interface');
    this.#host.counters.ipOutRequests += 1;
    const { source, destination } = this;
    const at = this.#out.linkBytes;
    if (isIpv4(destination)) {
      // RFC 6864 §4: a packet that can't be cut needs no identification.
      encodeIpv4({ trafficClass, fragment: DONT_FRAGMENT, timeToLive: hopLimit, protocol, source, destination }, bytes, frame, at);
      this.#out.putLinkHeader(frame, 0, TYPE_IPV4);
    } else {
      encodeIpv6({ trafficClass, hopLimit, nextHeader: protocol, source, destination }, bytes, frame, at);
      this.#out.putLinkHeader(frame, 0, TYPE_IPV6);
    }
    this.#out.sendTo(this.#nextHop, frame);
  }

  /** Sends a payload of any length up to the largest packet's, in fragments where it is longer than the path's MTU. */
  sendPayload(payload: Uint8Array, protocol: number, trafficClass: number, hopLimit: number = this.#hopLimit): void {
    if (payload.length + this.ipHeaderBytes <= this.mtuBytes) {
      // Ethernet's padding stands behind the packet; its own length leaves that out.
      const frame = new Uint8Array(this.headerBytes + payload.length);
      frame.set(payload, this.headerBytes);
      return this.sendWith(frame, protocol, trafficClass, hopLimit);
    }
    const identification = this.#host.nextIdentification();
    const extra = isIpv4(this.destination) ? 0 : FRAGMENT_HEADER_BYTES;
    const most = (this.mtuBytes - this.ipHeaderBytes - extra) & ~7;
    for (let offset = 0; offset < payload.length; offset += most) {
      const piece = payload.subarray(offset, offset + most);
      this.#sendFragment(piece, offset, offset + most < payload.length, identification, protocol, trafficClass, hopLimit);
    }
  }

  #sendFragment(
    piece: Uint8Array,
    offset: number,
    more: boolean,
    identification: number,
    protocol: number,
    trafficClass: number,
    hopLimit: number,
  ): void {
    const { source, destination } = this;
    const at = this.#out.linkBytes;
    this.#host.counters.ipOutFragCreates += 1;
    if (isIpv4(destination)) {
      const frame = new Uint8Array(Math.max(FRAME_BYTES_MIN, this.headerBytes + piece.length));
      frame.set(piece, this.headerBytes);
      const fragment = (more ? MORE_FRAGMENTS : 0) | (offset >>> 3);
      const header = {
        trafficClass,
        identification: identification & 0xffff,
        fragment,
        timeToLive: hopLimit,
        protocol,
        source,
        destination,
      };
      encodeIpv4(header, piece.length, frame, at);
      this.#out.putLinkHeader(frame, 0, TYPE_IPV4);
      return this.#out.sendTo(this.#nextHop, frame);
    }
    const bytes = FRAGMENT_HEADER_BYTES + piece.length;
    const frame = new Uint8Array(this.headerBytes + bytes);
    encodeIpv6({ trafficClass, hopLimit, nextHeader: NEXT_FRAGMENT, source, destination }, bytes, frame, at);
    encodeFragmentHeader(protocol, identification, offset, more, frame, this.headerBytes);
    frame.set(piece, this.headerBytes + FRAGMENT_HEADER_BYTES);
    this.#out.putLinkHeader(frame, 0, TYPE_IPV6);
    this.#out.sendTo(this.#nextHop, frame);
  }

  confirm(): void {
    this.#out.neighbors.confirm(this.#nextHop);
  }
}
