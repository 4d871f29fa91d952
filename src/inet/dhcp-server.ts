/** DHCP server (RFC 2131 §4.3): one pool of addresses, reservations by MAC address, leases that end. */
import { type Clock, type Nanos, SECOND } from '../base/clock.ts';
import { DecodeError } from '../base/bytes.ts';
import { formatMac, type Mac } from '../wire/ethernet/mac.ts';
import { addressKey, ANY_IPV4, formatIp, type IpAddress, isAny, sameAddress } from '../wire/ip/address.ts';
import * as wire from '../wire/ip/dhcp.ts';

export interface DhcpServerSettings {
  /** Our own address: the server identifier. */
  readonly server: IpAddress;
  readonly bits: number;
  readonly first: IpAddress;
  readonly last: IpAddress;
  readonly leaseSeconds: number;
  readonly reservations: readonly { readonly mac: Mac; readonly address: IpAddress }[];
  /** Told to every client that gets a lease: router (3), root path (17), MTU (26)... */
  readonly options: ReadonlyMap<number, Uint8Array>;
}

export interface DhcpAnswer {
  readonly message: Uint8Array;
  /** Undefined: to everybody on the link. */
  readonly to: IpAddress | undefined;
}

export interface DhcpLease {
  readonly address: string;
  readonly mac: string;
  readonly endsAt: Nanos;
}

export interface DhcpServerCounters {
  offers: number;
  leases: number;
  refusals: number;
  releases: number;
  declines: number;
  /** No address was free. */
  exhausted: number;
  malformed: number;
}

interface Held {
  readonly address: IpAddress;
  readonly mac: Mac;
  endsAt: Nanos;
}

/** How long an offer is kept for the client it was made to. */
const OFFER_NANOS = 60 * SECOND;
/** An address that a client found in use is left alone for so long (§4.3.3). */
const DECLINED_NANOS = 3600 * SECOND;
const NOBODY: Mac = 0;

export class DhcpServer {
  readonly counters: DhcpServerCounters = { offers: 0, leases: 0, refusals: 0, releases: 0, declines: 0, exhausted: 0, malformed: 0 };
  readonly #settings: DhcpServerSettings;
  readonly #clock: Clock;
  readonly #byAddress = new Map<string, Held>();
  readonly #byMac = new Map<Mac, Held>();
  readonly #firstNumber: number;
  readonly #count: number;
  #next = 0;

  constructor(settings: DhcpServerSettings, clock: Clock) {
    this.#settings = settings;
    this.#clock = clock;
    this.#firstNumber = toNumber(settings.first);
    this.#count = Math.max(0, toNumber(settings.last) - this.#firstNumber + 1);
  }

  leases(): DhcpLease[] {
    const now = this.#clock.now();
    return [...this.#byMac.values()]
      .filter(({ endsAt }) => endsAt > now)
      .map(({ address, mac, endsAt }) => ({ address: formatIp(address), mac: formatMac(mac), endsAt }));
  }

  /** A datagram to the server's port; what it leads to. */
  handleMessage(payload: Uint8Array): DhcpAnswer | undefined {
    let message: wire.Dhcp;
    try {
      message = wire.decodeDhcp(payload, 0, payload.length);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.counters.malformed += 1;
      return undefined;
    }
    if (!message.request || message.clientMac === NOBODY) return undefined;
    switch (wire.messageType(message)) {
      case wire.DHCP_DISCOVER:
        return this.#discover(message);
      case wire.DHCP_REQUEST:
        return this.#request(message);
      case wire.DHCP_RELEASE:
        this.#release(message);
        return undefined;
      case wire.DHCP_DECLINE:
        this.#decline(message);
        return undefined;
      case wire.DHCP_INFORM:
        // §4.3.5: the client has an address; it is told the rest, without a lease.
        return this.#answer(message, wire.DHCP_ACKNOWLEDGE, ANY_IPV4, false);
      default:
        return undefined;
    }
  }

  #discover(message: wire.Dhcp): DhcpAnswer | undefined {
    const address = this.#choose(message.clientMac, wire.optionAddress(message, wire.OPTION_REQUESTED_ADDRESS));
    if (address === undefined) {
      this.counters.exhausted += 1;
      return undefined;
    }
    this.#hold(address, message.clientMac, OFFER_NANOS);
    this.counters.offers += 1;
    return this.#answer(message, wire.DHCP_OFFER, address, true);
  }

  #request(message: wire.Dhcp): DhcpAnswer | undefined {
    const server = wire.optionAddress(message, wire.OPTION_SERVER);
    // §4.3.2: it took another server's offer.
    if (server !== undefined && !sameAddress(server, this.#settings.server)) {
      this.#forget(message.clientMac);
      return undefined;
    }
    const requested = wire.optionAddress(message, wire.OPTION_REQUESTED_ADDRESS) ?? message.clientAddress;
    const held = this.#byMac.get(message.clientMac);
    const known = held !== undefined && sameAddress(held.address, requested);
    // One that comes back after we forgot gets its address again if nobody else has it; of addresses not ours to give we say nothing
    // unless it is us that was asked.
    if (known || (server === undefined && this.#isFree(requested, message.clientMac))) {
      this.#hold(requested.slice(), message.clientMac, this.#settings.leaseSeconds * SECOND);
      this.counters.leases += 1;
      return this.#answer(message, wire.DHCP_ACKNOWLEDGE, requested, true);
    }
    this.counters.refusals += 1;
    return this.#answer(message, wire.DHCP_REFUSE, ANY_IPV4, false);
  }

  #release(message: wire.Dhcp): void {
    const held = this.#byMac.get(message.clientMac);
    if (held === undefined || !sameAddress(held.address, message.clientAddress)) return;
    this.counters.releases += 1;
    // §4.3.4: whose it was is remembered, so that it gets the same again unless somebody else was given it meanwhile.
    held.endsAt = this.#clock.now();
  }

  #decline(message: wire.Dhcp): void {
    const held = this.#byMac.get(message.clientMac);
    if (held === undefined) return;
    this.counters.declines += 1;
    this.#forget(message.clientMac);
    this.#byAddress.set(addressKey(held.address), { address: held.address, mac: NOBODY, endsAt: this.#clock.now() + DECLINED_NANOS });
  }

  #hold(address: IpAddress, mac: Mac, nanos: Nanos): void {
    const before = this.#byMac.get(mac);
    const endsAt = this.#clock.now() + nanos;
    if (before !== undefined && sameAddress(before.address, address)) {
      before.endsAt = Math.max(before.endsAt, endsAt);
      return;
    }
    this.#forget(mac);
    const evicted = this.#byAddress.get(addressKey(address));
    if (evicted !== undefined) this.#forget(evicted.mac);
    const held = { address: address.slice(), mac, endsAt };
    this.#byAddress.set(addressKey(address), held);
    this.#byMac.set(mac, held);
  }

  #forget(mac: Mac): void {
    const held = this.#byMac.get(mac);
    if (held === undefined) return;
    this.#byMac.delete(mac);
    this.#byAddress.delete(addressKey(held.address));
  }

  #reservation(mac: Mac): IpAddress | undefined {
    return this.#settings.reservations.find((one) => one.mac === mac)?.address;
  }

  /** The address is ours to give, and to this client. */
  #isFree(address: IpAddress, mac: Mac): boolean {
    const reserved = this.#settings.reservations.find((one) => sameAddress(one.address, address));
    if (reserved !== undefined) return reserved.mac === mac;
    const index = toNumber(address) - this.#firstNumber;
    if (isAny(address) || index < 0 || index >= this.#count || sameAddress(address, this.#settings.server)) return false;
    const held = this.#byAddress.get(addressKey(address));
    return held === undefined || held.mac === mac || held.endsAt <= this.#clock.now();
  }

  /** §4.3.1: what is reserved, what it has, what it asks for, what is free. */
  #choose(mac: Mac, requested: IpAddress | undefined): IpAddress | undefined {
    const reserved = this.#reservation(mac);
    if (reserved !== undefined) return reserved;
    const held = this.#byMac.get(mac);
    if (held !== undefined && this.#isFree(held.address, mac)) return held.address;
    if (requested !== undefined && this.#isFree(requested, mac)) return requested;
    for (let tries = 0; tries < this.#count; tries += 1) {
      const address = fromNumber(this.#firstNumber + this.#next);
      this.#next = (this.#next + 1) % this.#count;
      if (this.#isFree(address, mac)) return address;
    }
    return undefined;
  }

  #answer(message: wire.Dhcp, type: number, address: IpAddress, leased: boolean): DhcpAnswer {
    const { server, bits, leaseSeconds } = this.#settings;
    const options = new Map<number, Uint8Array>([
      [wire.OPTION_MESSAGE_TYPE, Uint8Array.of(type)],
      [wire.OPTION_SERVER, server],
    ]);
    if (leased) options.set(wire.OPTION_LEASE_SECONDS, wire.numberOption(leaseSeconds));
    if (type !== wire.DHCP_REFUSE) {
      options.set(wire.OPTION_SUBNET_MASK, wire.numberOption(bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0));
      for (const [code, value] of this.#settings.options) options.set(code, value);
    }
    const answer = wire.encodeDhcp({
      ...message,
      request: false,
      seconds: 0,
      clientAddress: type === wire.DHCP_ACKNOWLEDGE ? message.clientAddress : ANY_IPV4,
      yourAddress: address,
      serverAddress: ANY_IPV4,
      serverName: '',
      bootFile: '',
      options,
    });
    // §4.1: to the client's address where it has one; a refusal, and what goes to one without, to everybody on the link.
    const to = type === wire.DHCP_REFUSE || isAny(message.clientAddress) ? undefined : message.clientAddress.slice();
    return { message: answer, to };
  }
}

const toNumber = (address: IpAddress): number => ((address[0]! << 24) | (address[1]! << 16) | (address[2]! << 8) | address[3]!) >>> 0;
const fromNumber = (value: number): IpAddress => Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
