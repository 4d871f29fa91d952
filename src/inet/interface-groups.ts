/**
 * The multicast groups of an interface: which of their MAC addresses it takes frames for, and what IGMP (RFC 3376) and MLD (RFC 3810) say of
 * them to the link.
 */
import { DecodeError } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { Rng } from '../base/rng.ts';
import { FRAME_BYTES_MIN, TYPE_IPV4, TYPE_IPV6 } from '../wire/ethernet/frame.ts';
import type { Mac } from '../wire/ethernet/mac.ts';
import {
  address,
  ALL_NODES,
  ALL_ROUTERS,
  ANY_IPV4,
  ANY_IPV6,
  type IpAddress,
  isAny,
  isIpv4,
  isLinkLocal,
  isMulticast,
  multicastMac,
  sameAddress,
} from '../wire/ip/address.ts';
import { pseudoHeaderSum } from '../wire/ip/checksum.ts';
import { encodeIcmp, ICMP_HEADER_BYTES, type Icmp } from '../wire/ip/icmp.ts';
import * as igmp from '../wire/ip/igmp.ts';
import { encodeIpv4, IPV4_HEADER_BYTES, ipv4HeaderBytes, PROTOCOL_ICMPV6, PROTOCOL_IGMP } from '../wire/ip/ipv4.ts';
import { encodeIpv6, IPV6_HEADER_BYTES, IPV6_SOURCE_AT, NEXT_HOP_BY_HOP } from '../wire/ip/ipv6.ts';
import * as mld from '../wire/ip/mld.ts';
import { GroupMembership, type MembershipCounters } from './group-membership.ts';
import type { Arrival } from './path.ts';
import type { Framing } from './resolution-frames.ts';

/** What the groups need of their interface. */
export interface GroupInterface extends Framing {
  readonly carrier: boolean;
  readonly addresses: readonly { readonly address: IpAddress }[];
  sendFrame(frame: Uint8Array): void;
}

const ALL_SYSTEMS_V4 = address('224.0.0.1');
const ALL_ROUTERS_V4 = address('224.0.0.2');
/** RFC 3376 §4.2.14, RFC 3810 §5.2.14: where reports of the newest version go. */
const REPORTS_V4 = address('224.0.0.22');
const REPORTS_V6 = address('ff02::16');
/** Router Alert (RFC 2113) in every message (RFC 3376 §4). */
const ROUTER_ALERT = Uint8Array.of(0x94, 4, 0, 0);
/** Internetwork control (RFC 3376 §4). */
const TRAFFIC_CLASS = 0xc0;

/** Every system listens to these and nobody tells (RFC 2236 §6, RFC 3810 §6); groups that never leave the interface aren't told either. */
const isUntold = (group: IpAddress): boolean =>
  isIpv4(group) ? sameAddress(group, ALL_SYSTEMS_V4) : sameAddress(group, ALL_NODES) || (group[1]! & 0x0f) < 2;

export class InterfaceGroups {
  readonly #interface: GroupInterface;
  readonly #v4: GroupMembership;
  readonly #v6: GroupMembership;
  /** MAC addresses of the groups we listen to, with how many do. */
  readonly #macs = new Map<Mac, number>();

  constructor(owner: GroupInterface, clock: Clock, rng: Rng) {
    this.#interface = owner;
    this.#v4 = new GroupMembership(
      {
        get carrier() {
          return owner.carrier;
        },
        report: (records) => this.#sendIgmp(REPORTS_V4, igmp.encodeIgmpV3Report(records)),
        reportOne: (group, version) =>
          this.#sendIgmp(group, igmp.encodeIgmpV2(version === 1 ? igmp.IGMP_V1_REPORT : igmp.IGMP_V2_REPORT, 0, group)),
        leaveOne: (group) => this.#sendIgmp(ALL_ROUTERS_V4, igmp.encodeIgmpV2(igmp.IGMP_V2_LEAVE, 0, group)),
      },
      clock,
      rng,
    );
    this.#v6 = new GroupMembership(
      {
        get carrier() {
          return owner.carrier;
        },
        report: (records) => {
          const { rest, body } = mld.mldReport(records);
          this.#sendMld(REPORTS_V6, mld.LISTENER_REPORT_V2, rest, body);
        },
        reportOne: (group) => this.#sendMld(group, mld.LISTENER_REPORT_V1, 0, group),
        leaveOne: (group) => this.#sendMld(ALL_ROUTERS, mld.LISTENER_DONE, 0, group),
      },
      clock,
      rng,
    );
    for (const group of [ALL_SYSTEMS_V4, ALL_NODES]) this.join(group);
  }

  get counters(): { readonly igmp: MembershipCounters; readonly mld: MembershipCounters } {
    return { igmp: this.#v4.counters, mld: this.#v6.counters };
  }

  /** Groups that were told to the link. */
  list(): IpAddress[] {
    return [...this.#v4.groups, ...this.#v6.groups];
  }

  /** Frames to this group address are for us. */
  takes(mac: Mac): boolean {
    return this.#macs.has(mac);
  }

  join(group: IpAddress): void {
    const mac = multicastMac(group);
    this.#macs.set(mac, (this.#macs.get(mac) ?? 0) + 1);
    if (!isUntold(group)) this.#of(group).join(group);
  }

  leave(group: IpAddress): void {
    const mac = multicastMac(group);
    const listeners = (this.#macs.get(mac) ?? 0) - 1;
    if (listeners > 0) this.#macs.set(mac, listeners);
    else this.#macs.delete(mac);
    if (!isUntold(group)) this.#of(group).leave(group);
  }

  handleCarrier(up: boolean): void {
    this.#v4.handleCarrier(up);
    this.#v6.handleCarrier(up);
  }

  /** There is a link-local address now: what was said before came from nobody, and routers take no notice of it (RFC 3590 §4). */
  handleLinkLocal(): void {
    this.#v6.tellAgain();
  }

  #of(group: IpAddress): GroupMembership {
    return isIpv4(group) ? this.#v4 : this.#v6;
  }

  // ---- in ----

  /** An IGMP message. */
  handleIgmp({ frame, packetAt, at, end, destination }: Arrival): void {
    const { counters } = this.#v4;
    let message: igmp.Igmp;
    try {
      message = igmp.decodeIgmp(frame, at, end);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      counters.ignored += 1;
      return;
    }
    if (message.type !== 'query') {
      if (message.type === 'report' && message.version !== 3) this.#v4.handleReport(message.group);
      return;
    }
    const { version, group, responseSeconds } = message;
    const general = isAny(group);
    // RFC 3376 §9.1: queries from afar are made to look like the link's; those of the link go to everybody and alert routers.
    const alerts = packetAt !== -1 && ipv4HeaderBytes(frame, packetAt) > IPV4_HEADER_BYTES && frame[packetAt + IPV4_HEADER_BYTES] === 0x94;
    if ((version !== 1 && !alerts) || (general ? !sameAddress(destination, ALL_SYSTEMS_V4) : !isMulticast(group))) {
      counters.ignored += 1;
      return;
    }
    this.#v4.handleQuery(version, general ? undefined : group, Math.round(responseSeconds * 1000));
  }

  /** An ICMPv6 message of MLD's. */
  handleMld({ frame, packetAt, at, source, hopLimit }: Arrival, { type, rest, bodyAt, bodyEnd }: Icmp): void {
    const { counters } = this.#v6;
    // RFC 3810 §6.2: what comes from beyond the link, or alerts no router, is nothing.
    const fromLink = hopLimit === 1 && (isLinkLocal(source) || (isAny(source) && type !== mld.LISTENER_QUERY));
    if (!fromLink || packetAt === -1 || !mld.hasRouterAlert(frame, packetAt, at)) {
      counters.ignored += 1;
      return;
    }
    const message = mld.decodeMld(frame, type, rest, bodyAt, bodyEnd);
    if (message.type !== 'query') {
      if (message.type === 'report' && message.version === 1) this.#v6.handleReport(message.group);
      return;
    }
    const { version, group, responseMilliseconds } = message;
    const general = isAny(group);
    if (!general && !isMulticast(group)) {
      counters.ignored += 1;
      return;
    }
    this.#v6.handleQuery(version === 1 ? 2 : 3, general ? undefined : group, responseMilliseconds);
  }

  // ---- out ----

  #sendIgmp(destination: IpAddress, message: Uint8Array): void {
    const at = this.#interface.linkBytes;
    const headerBytes = IPV4_HEADER_BYTES + ROUTER_ALERT.length;
    const frame = new Uint8Array(Math.max(FRAME_BYTES_MIN, at + headerBytes + message.length));
    this.#interface.putLinkHeader(frame, multicastMac(destination), TYPE_IPV4);
    // RFC 3376 §4.2.13: without an address yet, from 0.0.0.0.
    const source = this.#interface.addresses.find((one) => isIpv4(one.address))?.address ?? ANY_IPV4;
    const header = { trafficClass: TRAFFIC_CLASS, timeToLive: 1, protocol: PROTOCOL_IGMP, source, destination, options: ROUTER_ALERT };
    encodeIpv4(header, message.length, frame, at);
    frame.set(message, at + headerBytes);
    this.#interface.sendFrame(frame);
  }

  #sendMld(destination: IpAddress, type: number, rest: number, body: Uint8Array): void {
    const at = this.#interface.linkBytes;
    const bytes = ICMP_HEADER_BYTES + body.length;
    const messageAt = at + IPV6_HEADER_BYTES + mld.ROUTER_ALERT_HEADER_BYTES;
    const frame = new Uint8Array(messageAt + bytes);
    this.#interface.putLinkHeader(frame, multicastMac(destination), TYPE_IPV6);
    // RFC 3810 §5.2.13: before there is a link-local address, from the unspecified one.
    const source = this.#interface.addresses.find((one) => !isIpv4(one.address) && isLinkLocal(one.address))?.address ?? ANY_IPV6;
    const header = { hopLimit: 1, nextHeader: NEXT_HOP_BY_HOP, source, destination };
    encodeIpv6(header, mld.ROUTER_ALERT_HEADER_BYTES + bytes, frame, at);
    frame.set(mld.routerAlertHeader(PROTOCOL_ICMPV6), at + IPV6_HEADER_BYTES);
    encodeIcmp(type, 0, rest, body, frame, messageAt, pseudoHeaderSum(frame, at + IPV6_SOURCE_AT, 16, PROTOCOL_ICMPV6, bytes));
    this.#interface.sendFrame(frame);
  }
}
