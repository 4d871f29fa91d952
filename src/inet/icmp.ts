/**
 * ICMP and ICMPv6 of a host (RFC 792, RFC 1122 §3.2.2, RFC 4443, RFC 4861 §7): answers echoes, tells senders of their packets' end, takes in
 * what others say of ours, and hands neighbour discovery to the interface it came by.
 */
import { be16, DecodeError } from '../base/bytes.ts';
import { RateLimit } from '../base/rate-limit.ts';
import { type IpAddress, isAny, isIpv4, isLinkLocal, isMulticast } from '../wire/ip/address.ts';
import * as wire from '../wire/ip/icmp.ts';
import {
  IPV4_DESTINATION_AT,
  IPV4_SOURCE_AT,
  ipv4HeaderBytes,
  ipv4Protocol,
  ipVersion,
  isIpv4Fragment,
  PROTOCOL_ICMP,
  PROTOCOL_ICMPV6,
  PROTOCOL_TCP,
} from '../wire/ip/ipv4.ts';
import { IPV6_DESTINATION_AT, IPV6_SOURCE_AT, ipv6NextHeader, walkIpv6 } from '../wire/ip/ipv6.ts';
import { LISTENER_DONE, LISTENER_QUERY, LISTENER_REPORT_V1, LISTENER_REPORT_V2 } from '../wire/ip/mld.ts';
import {
  decodeNeighbor,
  decodeNeighborOptions,
  decodeRouterAdvertisement,
  NEIGHBOR_ADVERTISEMENT,
  NEIGHBOR_HOP_LIMIT,
  NEIGHBOR_SOLICITATION,
  ROUTER_ADVERTISEMENT,
  ROUTER_SOLICITATION,
} from '../wire/ip/neighbor.ts';
import type { ErrorReporter, InetHost, IpProtocol } from './host.ts';
import type { InetInterface } from './interface.ts';
import type { Arrival, IpPath, PathError } from './path.ts';

/** Errors we send a second, at most (RFC 1812 §4.3.2.8, RFC 4443 §2.4 (f)). */
const ERRORS_PER_SECOND = 100;

export interface IcmpCounters {
  /** Names of RFC 4293. */
  icmpInMsgs: number;
  icmpInErrors: number;
  icmpOutMsgs: number;
  /** Errors not sent, because of the limit. */
  errorsWithheld: number;
}

/** An echo reply that came. */
export interface EchoReply {
  readonly source: IpAddress;
  readonly identifier: number;
  readonly sequence: number;
  readonly hopLimit: number;
  /** A copy. */
  readonly data: Uint8Array;
}

/** What an ICMP error said of an echo request of ours. */
export interface EchoError {
  readonly from: IpAddress;
  readonly identifier: number;
  readonly sequence: number;
  readonly error: PathError;
}

export interface EchoListener {
  handleReply(reply: EchoReply): void;
  handleError(error: EchoError): void;
}

export class Icmp implements ErrorReporter {
  readonly counters: IcmpCounters = { icmpInMsgs: 0, icmpInErrors: 0, icmpOutMsgs: 0, errorsWithheld: 0 };
  readonly #host: InetHost;
  readonly #limit = new RateLimit(ERRORS_PER_SECOND);
  readonly #echoes = new Set<EchoListener>();
  /** Who sent the error that is being told. */
  #errorFrom: IpAddress | undefined;

  constructor(host: InetHost) {
    this.#host = host;
    host.errors = this;
    const protocol = (isV6: boolean): IpProtocol => ({
      handlePacket: (arrival, from) => this.#handle(arrival, from, isV6),
      handleError: (error, frame, at, end, _source, destination) => this.#handleEchoError(error, frame, at, end, destination),
    });
    host.addProtocol(PROTOCOL_ICMP, protocol(false));
    host.addProtocol(PROTOCOL_ICMPV6, protocol(true));
  }

  /** Tells of echo replies and errors, whoever's they are. */
  listen(listener: EchoListener): () => void {
    this.#echoes.add(listener);
    return () => this.#echoes.delete(listener);
  }

  /** Sends an echo request. */
  sendEcho(path: IpPath, identifier: number, sequence: number, data: Uint8Array, hopLimit?: number): void {
    const type = isIpv4(path.destination) ? wire.ICMP_ECHO_REQUEST : wire.ICMPV6_ECHO_REQUEST;
    this.#send(path, type, 0, wire.echoRest(identifier, sequence), data, hopLimit);
  }

  #send(path: IpPath, type: number, code: number, rest: number, body: Uint8Array, hopLimit?: number): void {
    const v4 = isIpv4(path.destination);
    const message = new Uint8Array(wire.ICMP_HEADER_BYTES + body.length);
    wire.encodeIcmp(type, code, rest, body, message, 0, v4 ? 0 : path.addressSum + PROTOCOL_ICMPV6 + message.length);
    this.counters.icmpOutMsgs += 1;
    path.sendPayload(message, v4 ? PROTOCOL_ICMP : PROTOCOL_ICMPV6, 0, hopLimit);
  }

  // ---- in ----

  #handle(arrival: Arrival, from: InetInterface, isV6: boolean): void {
    this.counters.icmpInMsgs += 1;
    const { frame, at, end } = arrival;
    // Each family has its own: ICMP in an IPv6 packet is nothing.
    if (isIpv4(arrival.source) === isV6) {
      this.counters.icmpInErrors += 1;
      return;
    }
    try {
      const message = wire.decodeIcmp(frame, at, end, isV6 ? arrival.addressSum + PROTOCOL_ICMPV6 + (end - at) : 0);
      if (isV6) this.#handleV6(arrival, from, message);
      else this.#handleV4(arrival, message);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.counters.icmpInErrors += 1;
    }
  }

  #handleV4(arrival: Arrival, message: wire.Icmp): void {
    const { frame } = arrival;
    const { type, code, rest, bodyAt, bodyEnd } = message;
    if (type === wire.ICMP_ECHO_REQUEST) return this.#answerEcho(arrival, wire.ICMP_ECHO_REPLY, message);
    if (type === wire.ICMP_ECHO_REPLY) return this.#tellReply(arrival, message);
    let error: PathError | undefined;
    if (type === wire.ICMP_UNREACHABLE) error = this.#unreachable(code, rest, frame, bodyAt, bodyEnd);
    else if (type === wire.ICMP_TIME_EXCEEDED && code === 0) error = { kind: 'time-exceeded' };
    if (error !== undefined) this.#tellError(error, arrival, bodyAt, bodyEnd);
  }

  #unreachable(code: number, rest: number, frame: Uint8Array, at: number, end: number): PathError {
    if (code !== wire.FRAGMENTATION_NEEDED) {
      const codes = ['network', 'host', 'protocol', 'port'] as const;
      return { kind: 'unreachable', code: codes[code] ?? (code >= 9 && code <= 13 ? 'prohibited' : 'host') };
    }
    // RFC 1191 §5: routers of old tell no MTU; the packet's own length says at least that less is needed.
    const quoted = end - at >= 4 ? be16(frame, at + 2) : 0;
    return { kind: 'too-big', mtuBytes: wire.nextHopMtu(rest) || Math.max(552, quoted - 1) };
  }

  #handleV6(arrival: Arrival, from: InetInterface, message: wire.Icmp): void {
    const { frame, source, hopLimit } = arrival;
    const { type, code, rest, bodyAt, bodyEnd } = message;
    switch (type) {
      case wire.ICMPV6_ECHO_REQUEST:
        return this.#answerEcho(arrival, wire.ICMPV6_ECHO_REPLY, message);
      case wire.ICMPV6_ECHO_REPLY:
        return this.#tellReply(arrival, message);
      case wire.ICMPV6_PACKET_TOO_BIG:
        return this.#tellError({ kind: 'too-big', mtuBytes: rest }, arrival, bodyAt, bodyEnd);
      case wire.ICMPV6_TIME_EXCEEDED:
        return code === 0 ? this.#tellError({ kind: 'time-exceeded' }, arrival, bodyAt, bodyEnd) : undefined;
      case wire.ICMPV6_UNREACHABLE: {
        const codes = ['network', 'prohibited', 'network', 'host', 'port'] as const;
        return this.#tellError({ kind: 'unreachable', code: codes[code] ?? 'prohibited' }, arrival, bodyAt, bodyEnd);
      }
      case NEIGHBOR_SOLICITATION:
      case NEIGHBOR_ADVERTISEMENT: {
        // RFC 4861 §7.1: a router would have counted the hop limit down; what comes with 255 comes from the link.
        if (hopLimit !== NEIGHBOR_HOP_LIMIT || code !== 0) break;
        const neighbor = decodeNeighbor(frame, rest, bodyAt, bodyEnd);
        const solicitation = type === NEIGHBOR_SOLICITATION;
        if (solicitation ? isAny(source) && neighbor.options.sourceMac !== undefined : neighbor.solicited && arrival.isGroup) break;
        return from.handleNeighbor(frame, source, neighbor, solicitation);
      }
      case ROUTER_ADVERTISEMENT:
        // RFC 4861 §6.1.2: from a router of the link.
        if (hopLimit !== NEIGHBOR_HOP_LIMIT || code !== 0 || !isLinkLocal(source)) break;
        return from.routerParty?.handleAdvertisement(source, decodeRouterAdvertisement(frame, rest, bodyAt, bodyEnd));
      case ROUTER_SOLICITATION: {
        // RFC 4861 §6.1.1: who has no address yet has none to tell.
        const { sourceMac } = decodeNeighborOptions(frame, bodyAt, bodyEnd);
        if (hopLimit !== NEIGHBOR_HOP_LIMIT || code !== 0 || (isAny(source) && sourceMac !== undefined)) break;
        return from.routerParty?.handleSolicitation();
      }
      case LISTENER_QUERY:
      case LISTENER_REPORT_V1:
      case LISTENER_DONE:
      case LISTENER_REPORT_V2:
        return from.groups.handleMld(arrival, message);
      default:
        // RFC 4443 §2.4 (b): what we don't know, and is no error, is dropped silently.
        return;
    }
    this.counters.icmpInErrors += 1;
  }

  #answerEcho(arrival: Arrival, type: number, { rest, bodyAt, bodyEnd }: wire.Icmp): void {
    // RFC 1122 §3.2.2.6: echoes to everybody need no answer, and answering them makes us part of an attack.
    if (arrival.isGroup) return;
    const path = this.#host.path(arrival.source, arrival.destination);
    if (path !== undefined) this.#send(path, type, 0, rest, arrival.frame.subarray(bodyAt, bodyEnd));
  }

  #tellReply(arrival: Arrival, { rest, bodyAt, bodyEnd }: wire.Icmp): void {
    if (this.#echoes.size === 0) return;
    const { source, hopLimit, frame } = arrival;
    const identifier = wire.echoIdentifier(rest);
    const reply = { source: source.slice(), identifier, sequence: wire.echoSequence(rest), hopLimit, data: frame.slice(bodyAt, bodyEnd) };
    for (const listener of this.#echoes) listener.handleReply(reply);
  }

  /** The error quotes the packet it is about. */
  #tellError(error: PathError, arrival: Arrival, at: number, end: number): void {
    this.#errorFrom = arrival.source.slice();
    const { frame } = arrival;
    if (error.kind === 'too-big' && end - at >= 20 && this.#quotedProtocol(frame, at) !== PROTOCOL_TCP) {
      // TCP looks at the sequence number first (RFC 5927 §4.1); others have nothing to look at.
      const v4 = ipVersion(frame, at) === 4;
      const destinationAt = at + (v4 ? IPV4_DESTINATION_AT : IPV6_DESTINATION_AT);
      const bytes = v4 ? 4 : 16;
      if (destinationAt + bytes <= end) this.#host.pathMtus.learn(frame.subarray(destinationAt, destinationAt + bytes), error.mtuBytes);
    }
    this.#host.handleError(error, frame, at, end);
  }

  #quotedProtocol(frame: Uint8Array, at: number): number {
    return ipVersion(frame, at) === 4 ? ipv4Protocol(frame, at) : ipv6NextHeader(frame, at);
  }

  #handleEchoError(error: PathError, frame: Uint8Array, at: number, end: number, destination: IpAddress): void {
    if (this.#echoes.size === 0 || end - at < wire.ICMP_HEADER_BYTES) return;
    const from = this.#errorFrom ?? destination.slice();
    const told = { from, identifier: be16(frame, at + 4), sequence: be16(frame, at + 6), error };
    for (const listener of this.#echoes) listener.handleError(told);
  }

  // ---- errors of ours ----

  protocolUnreachable(_from: InetInterface, frame: Uint8Array, packetAt: number, end: number): void {
    // For IPv6 it is an unknown next header (RFC 4443 §3.4), which stands in byte 6 unless extension headers come between.
    if (ipVersion(frame, packetAt) === 4) this.#report(frame, packetAt, end, wire.ICMP_UNREACHABLE, wire.UNREACHABLE_PROTOCOL, 0);
    else this.#report(frame, packetAt, end, wire.ICMPV6_PARAMETER_PROBLEM, 1, 6);
  }

  /** Nobody listens at the UDP port that the packet at `packetAt` was for. */
  portUnreachable(frame: Uint8Array, packetAt: number, end: number): void {
    if (ipVersion(frame, packetAt) === 4) this.#report(frame, packetAt, end, wire.ICMP_UNREACHABLE, wire.UNREACHABLE_PORT, 0);
    else this.#report(frame, packetAt, end, wire.ICMPV6_UNREACHABLE, wire.UNREACHABLE_PORT_V6, 0);
  }

  parameterProblem(_from: InetInterface, frame: Uint8Array, packetAt: number, end: number, code: number, pointer: number): void {
    this.#report(frame, packetAt, end, wire.ICMPV6_PARAMETER_PROBLEM, code, pointer);
  }

  reassemblyTimedOut(packet: Uint8Array): void {
    const type = ipVersion(packet, 0) === 4 ? wire.ICMP_TIME_EXCEEDED : wire.ICMPV6_TIME_EXCEEDED;
    this.#report(packet, 0, packet.length, type, wire.TIME_EXCEEDED_REASSEMBLY, 0);
  }

  #report(frame: Uint8Array, packetAt: number, end: number, type: number, code: number, rest: number): void {
    const v4 = ipVersion(frame, packetAt) === 4;
    const bytes = v4 ? 4 : 16;
    const sourceAt = packetAt + (v4 ? IPV4_SOURCE_AT : IPV6_SOURCE_AT);
    const source = frame.slice(sourceAt, sourceAt + bytes);
    const destination = frame.slice(sourceAt + bytes, sourceAt + 2 * bytes);
    // RFC 1122 §3.2.2, RFC 4443 §2.4 (e): never about an error, to a group, to nobody, about a later fragment.
    if (isAny(source) || isMulticast(source) || isMulticast(destination) || !this.#host.owns(destination)) return;
    if (v4 && isIpv4Fragment(frame, packetAt) && (be16(frame, packetAt + 6) & 0x1fff) !== 0) return;
    if (this.#isError(frame, packetAt, end)) return;
    if (!this.#limit.admits(this.#host.services.clock.now())) {
      this.counters.errorsWithheld += 1;
      return;
    }
    const path = this.#host.path(source, destination);
    const most = v4 ? wire.ICMP_QUOTE_BYTES_MAX : wire.ICMPV6_QUOTE_BYTES_MAX;
    if (path !== undefined) this.#send(path, type, code, rest, frame.slice(packetAt, Math.min(end, packetAt + most)));
  }

  /** What stands at `packetAt` is an ICMP error itself. */
  #isError(frame: Uint8Array, packetAt: number, end: number): boolean {
    if (ipVersion(frame, packetAt) === 4) {
      const inner = packetAt + ipv4HeaderBytes(frame, packetAt);
      return ipv4Protocol(frame, packetAt) === PROTOCOL_ICMP && inner < end && wire.isIcmpError(frame[inner]!);
    }
    const upper = walkIpv6(frame, packetAt, end);
    if ('reason' in upper) return false;
    return upper.protocol === PROTOCOL_ICMPV6 && upper.payloadAt < end && wire.isIcmpv6Error(frame[upper.payloadAt]!);
  }
}
