/**
 * One network interface of a host: MAC address, VLAN, MTU and IP addresses on one side, Ethernet frames on the other. It answers for its own
 * addresses (RFC 826; RFC 4861 §7.2) and finds the neighbours that packets go to.
 */
import { be16, DecodeError, putBe16 } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import type { Port, Wire } from '../base/port.ts';
import type { Rng } from '../base/rng.ts';
import { ARP_REQUEST, decodeArp } from '../wire/ethernet/arp.ts';
import {
  ETHERNET_HEADER_BYTES,
  outerType,
  putEthernet,
  sourceMac,
  TAG_BYTES,
  tagControl,
  tagControlOf,
  TYPE_ARP,
  TYPE_IPV4,
  TYPE_IPV6,
  TYPE_VLAN,
  vlanOf,
} from '../wire/ethernet/frame.ts';
import { BROADCAST_MAC, getMac, isGroupAt, type Mac, putMac } from '../wire/ethernet/mac.ts';
import {
  ANY_IPV4,
  inPrefix,
  type IpAddress,
  isAny,
  isIpv4,
  isLinkLocal,
  isMulticast,
  lastOf,
  multicastMac,
  sameAddress,
  solicitedNode,
} from '../wire/ip/address.ts';
import type { NeighborMessage, RouterAdvertisement } from '../wire/ip/neighbor.ts';
import { AddressClaims } from './address-claims.ts';
import { InterfaceGroups } from './interface-groups.ts';
import { NeighborCache } from './neighbor-cache.ts';
import { arpReply, arpRequest, type Framing, neighborAdvertisement, neighborSolicitation } from './resolution-frames.ts';

/** What everybody sends (RFC 1700); a router may say otherwise for IPv6. */
export const DEFAULT_HOP_LIMIT = 64;

export interface InterfaceSettings {
  readonly name: string;
  readonly mac: Mac;
  /** Largest IP packet. */
  readonly mtuBytes: number;
  /** Frames carry this VLAN's tag; undefined: none. */
  readonly vlan: number | undefined;
}

export interface InterfaceAddress {
  readonly address: IpAddress;
  readonly bits: number;
  /** Its time runs out: nothing new is begun with it where there is another (RFC 4862 §5.5.4). */
  readonly deprecated: boolean;
}

/** Who takes part in router discovery on an interface (RFC 4861 §6): as a host, or as the one who advertises. */
export interface RouterParty {
  handleCarrier(up: boolean): void;
  handleSolicitation(): void;
  handleAdvertisement(source: IpAddress, advertisement: RouterAdvertisement): void;
}

/** Whom an interface serves. */
export interface InterfaceHost {
  /** An IP packet stands from `at` to `end`. `group`: the frame went to more than one. */
  handlePacket(from: InetInterface, frame: Uint8Array, at: number, end: number, group: boolean): void;
  /** A frame of ours found no neighbour. */
  handleUndeliverable(from: InetInterface, frame: Uint8Array): void;
  /** Another host uses one of our addresses (RFC 5227 §2.4). */
  handleConflict(from: InetInterface, address: IpAddress, mac: Mac): void;
  /** The neighbour cache is full, and entries give way. */
  handleNeighborsFull(from: InetInterface, entries: number): void;
}

export interface InterfaceCounters {
  framesIn: number;
  framesOut: number;
  bytesIn: number;
  bytesOut: number;
  /** For others, or of no protocol of ours. */
  ignored: number;
  malformed: number;
  /** No carrier. */
  dropsOut: number;
}

export class InetInterface implements Port, Framing {
  readonly settings: InterfaceSettings;
  readonly neighbors: NeighborCache;
  readonly linkBytes: number;
  readonly counters: InterfaceCounters = { framesIn: 0, framesOut: 0, bytesIn: 0, bytesOut: 0, ignored: 0, malformed: 0, dropsOut: 0 };
  readonly groups: InterfaceGroups;
  readonly claims: AddressClaims;
  wire: Wire | undefined = undefined;
  routerParty: RouterParty | undefined = undefined;
  /** Hop limit of IPv6 packets, as a router may say it (RFC 4861 §6.3.4). */
  hopLimit = DEFAULT_HOP_LIMIT;
  /** Goes up when something changes that paths are made of. */
  generation = 0;
  readonly #host: InterfaceHost;
  #addresses: InterfaceAddress[] = [];
  /** Last address of each of our IPv4 networks. */
  #broadcasts: IpAddress[] = [];
  #ipv6MtuBytes: number;

  constructor(settings: InterfaceSettings, host: InterfaceHost, clock: Clock, rng: Rng) {
    this.settings = settings;
    this.#host = host;
    this.#ipv6MtuBytes = settings.mtuBytes;
    this.linkBytes = ETHERNET_HEADER_BYTES + (settings.vlan === undefined ? 0 : TAG_BYTES);
    this.neighbors = new NeighborCache(
      {
        solicit: (target, mac) => this.#solicit(target, mac),
        deliver: (frame, mac) => {
          putMac(frame, 0, mac);
          this.#transmit(frame);
        },
        undeliverable: (_target, frame) => host.handleUndeliverable(this, frame),
        full: (entries) => host.handleNeighborsFull(this, entries),
      },
      clock,
    );
    this.groups = new InterfaceGroups(this, clock, rng);
    this.claims = new AddressClaims(this, clock, rng);
  }

  get name(): string {
    return this.settings.name;
  }

  get mac(): Mac {
    return this.settings.mac;
  }

  get carrier(): boolean {
    return this.wire?.carrier === true;
  }

  // ---- addresses ----

  get addresses(): readonly InterfaceAddress[] {
    return this.#addresses;
  }

  addAddress(address: IpAddress, bits: number): void {
    if (this.owns(address)) return;
    this.#setAddresses([...this.#addresses, { address: address.slice(), bits, deprecated: false }]);
    if (isIpv4(address)) return;
    this.groups.join(solicitedNode(address));
    if (isLinkLocal(address)) this.groups.handleLinkLocal();
  }

  removeAddress(address: IpAddress): void {
    if (!this.owns(address)) return;
    this.#setAddresses(this.#addresses.filter((one) => !sameAddress(one.address, address)));
    if (!isIpv4(address)) this.groups.leave(solicitedNode(address));
  }

  setDeprecated(address: IpAddress, deprecated: boolean): void {
    const known = this.#addresses.find((one) => sameAddress(one.address, address));
    if (known === undefined || known.deprecated === deprecated) return;
    this.#setAddresses(this.#addresses.map((one) => (one === known ? { ...one, deprecated } : one)));
  }

  /** Largest IPv6 packet of the link, where a router says that it is less than the interface could (RFC 4861 §6.3.4). */
  setIpv6Mtu(mtuBytes: number): void {
    if (this.#ipv6MtuBytes === mtuBytes) return;
    this.#ipv6MtuBytes = mtuBytes;
    this.generation += 1;
  }

  mtuFor(destination: IpAddress): number {
    return isIpv4(destination) ? this.settings.mtuBytes : this.#ipv6MtuBytes;
  }

  #setAddresses(addresses: InterfaceAddress[]): void {
    this.#addresses = addresses;
    this.#broadcasts = addresses
      .filter(({ address, bits }) => isIpv4(address) && bits < 31)
      .map(({ address, bits }) => lastOf(address, bits));
    this.generation += 1;
  }

  owns(address: IpAddress): boolean {
    return this.#addresses.some((one) => sameAddress(one.address, address));
  }

  /** 255.255.255.255, or the last address of one of our IPv4 networks (RFC 919 §7). */
  isBroadcast(address: IpAddress): boolean {
    if (!isIpv4(address)) return false;
    if (address.every((byte) => byte === 255)) return true;
    return this.#broadcasts.some((one) => sameAddress(one, address));
  }

  /** Our address to speak to `destination` from: of its network, otherwise of its scope, otherwise the first (RFC 6724 §5, the rules that matter). */
  sourceFor(destination: IpAddress): IpAddress | undefined {
    const all = this.#addresses.filter(({ address }) => address.length === destination.length);
    const preferred = all.filter(({ deprecated }) => !deprecated);
    const family = preferred.length === 0 ? all : preferred;
    const near = family.find(({ address, bits }) => inPrefix(destination, address, bits));
    if (near !== undefined) return near.address;
    const linkScope = isLinkLocal(destination) || (isMulticast(destination) && !isIpv4(destination) && (destination[1]! & 0x0f) === 2);
    return (family.find(({ address }) => isLinkLocal(address) === linkScope) ?? family[0])?.address;
  }

  // ---- out ----

  /** Source, tag and type; the destination's six bytes are written when they are known. */
  putLinkHeader(frame: Uint8Array, destination: Mac, type: number): void {
    const { vlan, mac } = this.settings;
    putEthernet(frame, 0, destination, mac, vlan === undefined ? type : TYPE_VLAN);
    if (vlan === undefined) return;
    putBe16(frame, 14, tagControlOf(vlan));
    putBe16(frame, 16, type);
  }

  /** Sends an IP packet whose headers stand, but for the destination's MAC address, to its next hop. */
  sendTo(nextHop: IpAddress, frame: Uint8Array): void {
    const group = isMulticast(nextHop) ? multicastMac(nextHop) : this.isBroadcast(nextHop) ? BROADCAST_MAC : undefined;
    if (group === undefined) return this.neighbors.send(nextHop, frame);
    putMac(frame, 0, group);
    this.#transmit(frame);
  }

  /** Sends a frame that is whole. */
  sendFrame(frame: Uint8Array): void {
    this.#transmit(frame);
  }

  /** Tells the link whose an address is, before anybody asks (RFC 5227 §2.3; RFC 4861 §7.2.6). */
  announce(address: IpAddress): void {
    this.#transmit(
      isIpv4(address) ? arpRequest(this, this.mac, address, address, undefined) : neighborAdvertisement(this, this.mac, address, undefined),
    );
  }

  #transmit(frame: Uint8Array): void {
    const { wire, counters } = this;
    if (wire === undefined || !wire.carrier) {
      counters.dropsOut += 1;
      return;
    }
    counters.framesOut += 1;
    counters.bytesOut += frame.length;
    wire.transmit(frame);
  }

  #solicit(target: IpAddress, mac: Mac | undefined): void {
    const source = this.sourceFor(target);
    if (isIpv4(target)) return this.#transmit(arpRequest(this, this.mac, source ?? ANY_IPV4, target, mac));
    if (source !== undefined) this.#transmit(neighborSolicitation(this, this.mac, source, target, mac));
  }

  // ---- in ----

  handleCarrier(up: boolean): void {
    // Groups first, so that switches that watch them let the answers through.
    this.groups.handleCarrier(up);
    if (up) for (const { address } of this.#addresses) this.announce(address);
    else this.neighbors.clear();
    this.claims.handleCarrier(up);
    this.routerParty?.handleCarrier(up);
  }

  handleFrame(frame: Uint8Array): void {
    const { counters } = this;
    counters.framesIn += 1;
    counters.bytesIn += frame.length;
    if (frame.length < ETHERNET_HEADER_BYTES) {
      counters.malformed += 1;
      return;
    }
    const group = isGroupAt(frame, 0);
    const to = getMac(frame, 0);
    if (group ? to !== BROADCAST_MAC && !this.groups.takes(to) : to !== this.settings.mac) {
      counters.ignored += 1;
      return;
    }
    let type = outerType(frame);
    let at = ETHERNET_HEADER_BYTES;
    if (type === TYPE_VLAN && frame.length >= ETHERNET_HEADER_BYTES + TAG_BYTES) {
      const vlan = vlanOf(tagControl(frame));
      // A priority tag belongs to no VLAN (IEEE 802.1Q §9.6).
      if (vlan !== 0 && vlan !== this.settings.vlan) {
        counters.ignored += 1;
        return;
      }
      type = be16(frame, 16);
      at += TAG_BYTES;
      if (vlan === 0 && this.settings.vlan !== undefined) type = -1;
    } else if (this.settings.vlan !== undefined) type = -1;
    if (type === TYPE_IPV4 || type === TYPE_IPV6) this.#host.handlePacket(this, frame, at, frame.length, group);
    else if (type === TYPE_ARP) this.#handleArp(frame, at);
    else counters.ignored += 1;
  }

  #handleArp(frame: Uint8Array, at: number): void {
    let arp: ReturnType<typeof decodeArp>;
    try {
      arp = decodeArp(frame, at);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.counters.malformed += 1;
      return;
    }
    const { operation, senderMac, senderAddress, targetAddress } = arp;
    if (senderMac === this.mac || isGroupAt(frame, at + 8)) return; // our own, come back; or nobody's
    if (this.owns(senderAddress)) {
      this.#host.handleConflict(this, senderAddress, senderMac);
      return;
    }
    const forUs = this.owns(targetAddress);
    if (!isAny(senderAddress)) {
      // RFC 826: what is known is brought up to date, and what asks for us is about to be answered, so it is learned.
      if (operation === ARP_REQUEST || !forUs) this.neighbors.handleHint(senderAddress, senderMac, forUs);
      else this.neighbors.handleAnswer(senderAddress, senderMac, { solicited: true, override: true });
    }
    if (operation === ARP_REQUEST && forUs) this.#transmit(arpReply(this, this.mac, targetAddress, senderMac, senderAddress));
  }

  /** A neighbour solicitation or advertisement that passed RFC 4861 §7.1's checks. */
  handleNeighbor(frame: Uint8Array, source: IpAddress, message: NeighborMessage, isSolicitation: boolean): void {
    const { target, options } = message;
    if (isSolicitation) {
      const asks = !isAny(source);
      const mac = options.sourceMac ?? sourceMac(frame);
      if (!this.owns(target)) {
        // RFC 4862 §5.4.3: who asks from nowhere wants the address himself; others merely look for its holder.
        if (!asks) this.claims.contest(target, sourceMac(frame));
        return;
      }
      if (asks) this.neighbors.handleHint(source, mac, true);
      this.#transmit(neighborAdvertisement(this, this.mac, target, asks ? { mac, address: source } : undefined));
      return;
    }
    if (this.owns(target)) {
      if (options.targetMac !== this.mac) this.#host.handleConflict(this, target, options.targetMac ?? sourceMac(frame));
      return;
    }
    this.claims.contest(target, options.targetMac ?? sourceMac(frame));
    const { solicited, override } = message;
    this.neighbors.handleAnswer(target, options.targetMac, { solicited, override });
  }
}
