/**
 * An IP host (RFC 1122 §3, RFC 8200, RFC 8504): interfaces, routes, and the protocols above. Packets that come are checked, put together and
 * handed up; packets that go find their way. It does not forward.
 */
import { type Clock, type Nanos, SECOND } from '../base/clock.ts';
import type { EventSink } from '../base/event.ts';
import type { Rng } from '../base/rng.ts';
import { formatMac, type Mac } from '../wire/ethernet/mac.ts';
import { addressKey, formatIp, inPrefix, type IpAddress, isIpv4, isLinkLocal, isMulticast, sameAddress } from '../wire/ip/address.ts';
import { sumWords } from '../wire/ip/checksum.ts';
import * as v4 from '../wire/ip/ipv4.ts';
import * as v6 from '../wire/ip/ipv6.ts';
import { addressConflict, addressDuplicate, fragmentsFull, neighborsFull } from './events.ts';
import { HostPath } from './host-path.ts';
import { InetInterface, type InterfaceHost, type InterfaceSettings } from './interface.ts';
import type { Arrival, IpPath, PathError } from './path.ts';
import { PathMtus } from './path-mtus.ts';
import { Reassembly } from './reassembly.ts';
import { RouteTable } from './route-table.ts';

/** A protocol above IP. */
export interface IpProtocol {
  /** A packet for one of our addresses; `from` is where it came in. */
  handlePacket(arrival: Arrival, from: InetInterface): void;
  /** An ICMP error about a packet of ours: the payload's first bytes stand from `at` to `end` in `frame`. */
  handleError?(error: PathError, frame: Uint8Array, at: number, end: number, source: IpAddress, destination: IpAddress): void;
}

/** Tells senders of what went wrong with their packets; ICMP is who does. */
export interface ErrorReporter {
  /** `packetAt`: where the offending packet's IP header stands. */
  protocolUnreachable(from: InetInterface, frame: Uint8Array, packetAt: number, end: number): void;
  parameterProblem(from: InetInterface, frame: Uint8Array, packetAt: number, end: number, code: number, pointer: number): void;
  /** `packet`: the first fragment's, from its IP header on. */
  reassemblyTimedOut(packet: Uint8Array): void;
}

/** Names of RFC 4293. */
export interface IpCounters {
  ipInReceives: number;
  ipInHdrErrors: number;
  ipInAddrErrors: number;
  ipInUnknownProtos: number;
  ipInDelivers: number;
  ipOutRequests: number;
  ipOutNoRoutes: number;
  ipOutFragCreates: number;
}

export interface HostServices {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly events: EventSink;
}

export class InetHost implements InterfaceHost {
  readonly name: string;
  readonly services: HostServices;
  readonly interfaces: InetInterface[] = [];
  readonly routes = new RouteTable<InetInterface>();
  readonly pathMtus: PathMtus;
  readonly counters: IpCounters = {
    ipInReceives: 0,
    ipInHdrErrors: 0,
    ipInAddrErrors: 0,
    ipInUnknownProtos: 0,
    ipInDelivers: 0,
    ipOutRequests: 0,
    ipOutNoRoutes: 0,
    ipOutFragCreates: 0,
  };
  readonly reassembly: Reassembly;
  errors: ErrorReporter | undefined = undefined;
  readonly #protocols = new Map<number, IpProtocol>();
  /** Filled again for every packet. */
  readonly #arrival: Arrival;
  /** When an event was told last, by what it is about. */
  readonly #told = new Map<string, Nanos>();
  #identification: number;

  constructor(name: string, services: HostServices) {
    this.name = name;
    this.services = services;
    this.pathMtus = new PathMtus(services.clock);
    this.reassembly = new Reassembly(services.clock, {
      timedOut: (first) => this.errors?.reassemblyTimedOut(first),
      full: ({ packetsMax, bytesMax }) => {
        if (this.#isNews('reassembly', FLOOD_INTERVAL_NANOS))
          fragmentsFull(services.events, name, { packets: packetsMax, bytes: bytesMax });
      },
    });
    this.addProtocol(v4.PROTOCOL_IGMP, { handlePacket: (arrival, from) => from.groups.handleIgmp(arrival) });
    this.#identification = services.rng.uint32();
    const none = new Uint8Array(0);
    this.#arrival = {
      frame: none,
      packetAt: -1,
      at: 0,
      end: 0,
      source: none,
      destination: none,
      trafficClass: 0,
      hopLimit: 0,
      addressSum: 0,
      isGroup: false,
    };
  }

  addInterface(settings: InterfaceSettings): InetInterface {
    const added = new InetInterface(settings, this, this.services.clock, this.services.rng);
    this.interfaces.push(added);
    return added;
  }

  /** An address with its network, and the route there. */
  addAddress(to: InetInterface, address: IpAddress, bits: number): void {
    to.addAddress(address, bits);
    this.routes.add({ prefix: address, bits, via: undefined, out: to, metric: 0 });
  }

  /** Takes that back; the route stays as long as the interface has another address in the network. */
  removeAddress(from: InetInterface, address: IpAddress): void {
    const own = from.addresses.find((one) => sameAddress(one.address, address));
    if (own === undefined) return;
    from.removeAddress(address);
    const isInNetwork = (other: IpAddress, bits: number): boolean =>
      bits === own.bits && other.length === address.length && inPrefix(other, address, bits);
    if (from.addresses.some((one) => isInNetwork(one.address, one.bits))) return;
    this.routes.remove(
      ({ out, via, metric, prefix, bits }) => out === from && via === undefined && metric === 0 && isInNetwork(prefix, bits),
    );
  }

  /** As `addAddress`, for an IPv6 address once nobody on the link answers for it (RFC 4862 §5.4); otherwise an event tells who did. */
  claimAddress(to: InetInterface, address: IpAddress, bits: number, done?: () => void): void {
    to.claims.claim(address, (holder) => {
      if (holder === undefined) {
        this.addAddress(to, address, bits);
        return done?.();
      }
      const told = { address: formatIp(address), mac: formatMac(holder), interface: to.name };
      addressDuplicate(this.services.events, this.name, told);
    });
  }

  addProtocol(protocol: number, handler: IpProtocol): void {
    this.#protocols.set(protocol, handler);
  }

  owns(address: IpAddress): boolean {
    return this.interfaces.some((one) => one.owns(address));
  }

  /** Changes whenever a path kept by somebody may be out of date. */
  get generation(): number {
    let generation = this.routes.generation + this.pathMtus.generation;
    for (const one of this.interfaces) generation += one.generation;
    return generation;
  }

  // ---- out ----

  /** Undefined: no route, or no address of the family on the way out. `source`: the address to come from, instead of the best. */
  path(destination: IpAddress, source?: IpAddress): IpPath | undefined {
    const route = this.#linkOf(destination, source) ?? this.routes.lookup(destination);
    // A router of IPv6 is known by its link-local address, which says nothing of ours (RFC 6724 §5 goes by the destination).
    const towards = isIpv4(destination) ? (route?.via ?? destination) : destination;
    const own = route === undefined ? undefined : (source ?? route.out.sourceFor(towards));
    if (route === undefined || own === undefined) {
      this.counters.ipOutNoRoutes += 1;
      return undefined;
    }
    return new HostPath(this, route.out, own, destination.slice(), route.via ?? destination.slice());
  }

  /** Every interface's link has the same link-local addresses: which is meant, the address that is spoken from tells (RFC 4007 §6). */
  #linkOf(destination: IpAddress, source: IpAddress | undefined): { readonly via: undefined; readonly out: InetInterface } | undefined {
    if (source === undefined || !isLinkLocal(destination)) return undefined;
    const out = this.interfaces.find((one) => one.owns(source));
    return out === undefined ? undefined : { via: undefined, out };
  }

  /** An identification that tells the fragments of different packets apart for as long as they can live. */
  nextIdentification(): number {
    this.#identification = (this.#identification + 1) >>> 0;
    return this.#identification;
  }

  // ---- in ----

  handlePacket(from: InetInterface, frame: Uint8Array, at: number, end: number, group: boolean): void {
    this.counters.ipInReceives += 1;
    if (v4.ipVersion(frame, at) === 4) this.#handleIpv4(from, frame, at, end, group);
    else this.#handleIpv6(from, frame, at, end, group);
  }

  #handleIpv4(from: InetInterface, frame: Uint8Array, at: number, end: number, group: boolean): void {
    if (v4.ipv4Problem(frame, at, end) !== undefined) {
      this.counters.ipInHdrErrors += 1;
      return;
    }
    const payloadAt = at + v4.ipv4HeaderBytes(frame, at);
    const payloadEnd = at + v4.ipv4TotalBytes(frame, at);
    const protocol = v4.ipv4Protocol(frame, at);
    const source = frame.subarray(at + v4.IPV4_SOURCE_AT, at + v4.IPV4_SOURCE_AT + 4);
    const destination = frame.subarray(at + v4.IPV4_DESTINATION_AT, at + v4.IPV4_DESTINATION_AT + 4);
    // RFC 1122 §3.2.1.3: neither a group nor a broadcast address is anybody's source.
    const isGroup = group || isMulticast(destination);
    if (isMulticast(source) || source[0] === 255 || !this.#isFor(from, destination)) {
      this.counters.ipInAddrErrors += 1;
      return;
    }
    const arrival = this.#arrival;
    arrival.trafficClass = frame[at + 1]!;
    arrival.hopLimit = v4.ipv4TimeToLive(frame, at);
    if (!v4.isIpv4Fragment(frame, at)) return this.#deliver(from, frame, at, payloadAt, payloadEnd, protocol, source, destination, isGroup);
    const key = `4${addressKey(source)}${addressKey(destination)}${protocol},${v4.ipv4Identification(frame, at)}`;
    const more = (v4.ipv4Flags(frame, at) & v4.MORE_FRAGMENTS) !== 0;
    const offset = v4.ipv4FragmentOffset(frame, at);
    const whole = this.reassembly.handleFragment(key, { frame, packetAt: at, at: payloadAt, end: payloadEnd, offset, more });
    if (whole !== undefined) this.#deliver(from, whole, -1, 0, whole.length, protocol, source, destination, isGroup);
  }

  #handleIpv6(from: InetInterface, frame: Uint8Array, at: number, end: number, group: boolean): void {
    if (v6.ipv6Problem(frame, at, end) !== undefined) {
      this.counters.ipInHdrErrors += 1;
      return;
    }
    const packetEnd = at + v6.IPV6_HEADER_BYTES + v6.ipv6PayloadBytes(frame, at);
    const source = frame.subarray(at + v6.IPV6_SOURCE_AT, at + v6.IPV6_SOURCE_AT + 16);
    const destination = frame.subarray(at + v6.IPV6_DESTINATION_AT, at + v6.IPV6_DESTINATION_AT + 16);
    if (!this.#isFor(from, destination)) {
      this.counters.ipInAddrErrors += 1;
      return;
    }
    const upper = v6.walkIpv6(frame, at, packetEnd);
    if ('reason' in upper) {
      this.counters.ipInHdrErrors += 1;
      // RFC 4443 §2.4 (e): what went to many is nothing to be sorry for.
      if (upper.code !== undefined && !group) this.errors?.parameterProblem(from, frame, at, packetEnd, upper.code, upper.at - at);
      return;
    }
    const arrival = this.#arrival;
    arrival.trafficClass = v6.ipv6TrafficClass(frame, at);
    arrival.hopLimit = v6.ipv6HopLimit(frame, at);
    const { fragment, payloadAt, protocol } = upper;
    const isGroup = group || isMulticast(destination);
    // RFC 6946: a packet that is its only fragment is whole by itself, whatever else is under way.
    if (fragment === undefined || (fragment.offset === 0 && !fragment.more))
      return this.#deliver(from, frame, at, payloadAt, packetEnd, protocol, source, destination, isGroup);
    this.#complainOfFragment(from, frame, at, packetEnd, payloadAt, fragment, group);
    const key = `6${addressKey(source)}${addressKey(destination)}${fragment.identification}`;
    const piece = { frame, packetAt: at, at: payloadAt, end: packetEnd, offset: fragment.offset, more: fragment.more };
    const whole = this.reassembly.handleFragment(key, piece);
    if (whole !== undefined) this.#deliver(from, whole, -1, 0, whole.length, protocol, source, destination, isGroup);
  }

  /** RFC 8200 §4.5: what can't be part of any packet; it ends the one it is said to be part of. */
  #complainOfFragment(
    from: InetInterface,
    frame: Uint8Array,
    at: number,
    end: number,
    payloadAt: number,
    { offset, more, headerAt }: v6.Ipv6Fragment,
    group: boolean,
  ): void {
    const bytes = end - payloadAt;
    const pointer = more && bytes % 8 !== 0 ? 4 : offset + bytes > 65_535 ? headerAt + 2 - at : undefined;
    if (pointer !== undefined && !group) this.errors?.parameterProblem(from, frame, at, end, 0, pointer);
  }

  #isFor(from: InetInterface, destination: IpAddress): boolean {
    // The strong end system model (RFC 1122 §3.3.4.2) would ask the interface alone; the weak one, as Linux has it, asks all.
    return (
      isMulticast(destination) || this.owns(destination) || from.isBroadcast(destination) || (isIpv4(destination) && this.#takesAll(from))
    );
  }

  /** An interface without an IPv4 address takes every packet that reaches it: DHCP's answers come before the address does. */
  #takesAll(from: InetInterface): boolean {
    return !from.addresses.some(({ address }) => address.length === 4);
  }

  #deliver(
    from: InetInterface,
    frame: Uint8Array,
    packetAt: number,
    at: number,
    end: number,
    protocol: number,
    source: IpAddress,
    destination: IpAddress,
    isGroup: boolean,
  ): void {
    const handler = this.#protocols.get(protocol);
    if (handler === undefined) {
      this.counters.ipInUnknownProtos += 1;
      if (packetAt !== -1 && !isGroup) this.errors?.protocolUnreachable(from, frame, packetAt, end);
      return;
    }
    this.counters.ipInDelivers += 1;
    const arrival = this.#arrival;
    arrival.frame = frame;
    arrival.packetAt = packetAt;
    arrival.at = at;
    arrival.end = end;
    arrival.source = source;
    arrival.destination = destination;
    arrival.addressSum = sumWords(source, 0, source.length) + sumWords(destination, 0, destination.length);
    arrival.isGroup = isGroup;
    handler.handlePacket(arrival, from);
  }

  /** An ICMP error came that quotes a packet of ours, whose IP header stands at `at`. */
  handleError(error: PathError, frame: Uint8Array, at: number, end: number): void {
    const version = end - at < v4.IPV4_HEADER_BYTES ? 0 : v4.ipVersion(frame, at);
    if (version !== 4 && (version !== 6 || end - at < v6.IPV6_HEADER_BYTES)) return;
    const bytes = version === 4 ? 4 : 16;
    const sourceAt = at + (version === 4 ? v4.IPV4_SOURCE_AT : v6.IPV6_SOURCE_AT);
    const source = frame.subarray(sourceAt, sourceAt + bytes);
    const destination = frame.subarray(sourceAt + bytes, sourceAt + 2 * bytes);
    if (!this.owns(source)) return;
    const protocol = version === 4 ? v4.ipv4Protocol(frame, at) : v6.ipv6NextHeader(frame, at);
    const payloadAt = at + (version === 4 ? v4.ipv4HeaderBytes(frame, at) : v6.IPV6_HEADER_BYTES);
    if (payloadAt > end) return;
    this.#protocols.get(protocol)?.handleError?.(error, frame, payloadAt, end, source, destination);
  }

  handleUndeliverable(from: InetInterface, frame: Uint8Array): void {
    // RFC 4861 §7.2.2: as if a router had said that the host can't be reached; our own protocols are told directly.
    this.handleError({ kind: 'unreachable', code: 'host' }, frame, from.linkBytes, frame.length);
  }

  handleConflict(from: InetInterface, address: IpAddress, mac: Mac): void {
    if (!this.#isNews(`${from.name} ${formatIp(address)}`, DEFEND_INTERVAL_NANOS)) return;
    addressConflict(this.services.events, this.name, { address: formatIp(address), mac: formatMac(mac), interface: from.name });
    // RFC 5227 §2.4 (b): defend it, once in an interval.
    from.announce(address);
  }

  handleNeighborsFull(from: InetInterface, entries: number): void {
    if (this.#isNews(from.name, FLOOD_INTERVAL_NANOS)) neighborsFull(this.services.events, this.name, { interface: from.name, entries });
  }

  /** Not told within the interval: a storm of the same is one event. */
  #isNews(about: string, intervalNanos: Nanos): boolean {
    const now = this.services.clock.now();
    if (now - (this.#told.get(about) ?? Number.NEGATIVE_INFINITY) < intervalNanos) return false;
    // Addresses come and go: what was told of those that went is not kept for ever.
    if (this.#told.size >= TOLD_MAX) this.#told.clear();
    this.#told.set(about, now);
    return true;
  }
}

/** DEFEND_INTERVAL (RFC 5227 §1.1). */
const DEFEND_INTERVAL_NANOS = 10 * SECOND;
const FLOOD_INTERVAL_NANOS = 60 * SECOND;
const TOLD_MAX = 256;
