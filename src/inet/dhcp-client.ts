/** DHCP client (RFC 2131 §4.4): from no address to a lease, its renewal, and its end. What to do with the address is the caller's. */
import { type Clock, type Nanos, SECOND, type Timer } from '../base/clock.ts';
import { DecodeError, EMPTY_BYTES, utf8Bytes } from '../base/bytes.ts';
import type { Rng } from '../base/rng.ts';
import type { Mac } from '../wire/ethernet/mac.ts';
import { ANY_IPV4, type IpAddress, sameAddress } from '../wire/ip/address.ts';
import * as wire from '../wire/ip/dhcp.ts';

export interface Lease {
  readonly address: IpAddress;
  readonly bits: number;
  readonly router: IpAddress | undefined;
  readonly server: IpAddress;
  readonly seconds: number;
  /** Everything the server said, by option code: root path (17), vendor specific (43), MTU (26)... */
  readonly options: ReadonlyMap<number, Uint8Array>;
}

/** What a client asks of its host. */
export interface DhcpClientHost {
  /** To everybody, from no address; or to a server, from the leased one. */
  send(message: Uint8Array, to: IpAddress | undefined): void;
  /** A lease begins, or changes; undefined: there is none any more, and its address is not ours. */
  handleLease(lease: Lease | undefined): void;
}

type State = 'stopped' | 'selecting' | 'requesting' | 'bound' | 'renewing' | 'rebinding';

export interface DhcpClientSettings {
  readonly mac: Mac;
  readonly hostName: string | undefined;
  /** Class of the client (option 60), such as `PXEClient`. */
  readonly vendorClass: string | undefined;
}

const FIRST_RETRY_NANOS = 4 * SECOND;
const RETRY_NANOS_MAX = 64 * SECOND;
/** Requests without an answer until the client begins anew. */
const REQUESTS_MAX = 4;
const RENEWAL_RETRY_NANOS_MIN = 60 * SECOND;
const WANTED = [
  wire.OPTION_SUBNET_MASK,
  wire.OPTION_ROUTER,
  wire.OPTION_DNS,
  wire.OPTION_ROOT_PATH,
  wire.OPTION_MTU,
  wire.OPTION_VENDOR_SPECIFIC,
  wire.OPTION_LEASE_SECONDS,
  wire.OPTION_SERVER,
  wire.OPTION_RENEWAL_SECONDS,
  wire.OPTION_REBINDING_SECONDS,
];

export class DhcpClient {
  readonly #settings: DhcpClientSettings;
  readonly #host: DhcpClientHost;
  readonly #clock: Clock;
  readonly #rng: Rng;
  #state: State = 'stopped';
  #transaction = 0;
  #startedAt: Nanos = 0;
  #tries = 0;
  #timer: Timer | undefined;
  #offer: { readonly address: IpAddress; readonly server: IpAddress } | undefined;
  #lease: Lease | undefined;
  #renewAt: Nanos = 0;
  #rebindAt: Nanos = 0;
  #endsAt: Nanos = 0;
  /** Messages that were no answer to ours, or could not be read. */
  ignored = 0;

  constructor(settings: DhcpClientSettings, host: DhcpClientHost, clock: Clock, rng: Rng) {
    this.#settings = settings;
    this.#host = host;
    this.#clock = clock;
    this.#rng = rng;
  }

  get state(): State {
    return this.#state;
  }

  get lease(): Lease | undefined {
    return this.#lease;
  }

  start(): void {
    this.#timer?.cancel();
    this.#state = 'selecting';
    this.#transaction = this.#rng.uint32();
    this.#startedAt = this.#clock.now();
    this.#tries = 0;
    this.#offer = undefined;
    this.#discover();
  }

  /** Gives the lease back, if there is one (§4.4.6). */
  stop(): void {
    this.#timer?.cancel();
    const lease = this.#lease;
    this.#state = 'stopped';
    if (lease === undefined) return;
    const options = new Map([[wire.OPTION_SERVER, lease.server]]);
    this.#host.send(this.#message(wire.DHCP_RELEASE, lease.address, options), lease.server);
    this.#lose();
  }

  #lose(): void {
    this.#lease = undefined;
    this.#host.handleLease(undefined);
  }

  /** §4.1: doubled from 4 s up to 64 s, a second more or less. */
  #backOff(): Nanos {
    const base = Math.min(RETRY_NANOS_MAX, FIRST_RETRY_NANOS * 2 ** (this.#tries - 1));
    return base + ((this.#rng.uint32() % 2001) - 1000) * 1_000_000;
  }

  #discover(): void {
    this.#tries += 1;
    this.#host.send(this.#message(wire.DHCP_DISCOVER, ANY_IPV4, new Map()), undefined);
    this.#timer = this.#clock.after(this.#backOff(), () => this.#discover());
  }

  #request(): void {
    if (this.#tries === REQUESTS_MAX) return this.start();
    this.#tries += 1;
    const { address, server } = this.#offer!;
    const options = new Map([
      [wire.OPTION_REQUESTED_ADDRESS, address],
      [wire.OPTION_SERVER, server],
    ]);
    this.#host.send(this.#message(wire.DHCP_REQUEST, ANY_IPV4, options), undefined);
    this.#timer = this.#clock.after(this.#backOff(), () => this.#request());
  }

  /** §4.4.5: first the server that gave the lease is asked, then any; half of what is left is waited in between. */
  #renew(): void {
    const now = this.#clock.now();
    if (now >= this.#endsAt) {
      this.#lose();
      return this.start();
    }
    const { address, server } = this.#lease!;
    this.#state = now >= this.#rebindAt ? 'rebinding' : 'renewing';
    this.#transaction = this.#rng.uint32();
    this.#host.send(this.#message(wire.DHCP_REQUEST, address, new Map()), this.#state === 'renewing' ? server : undefined);
    const until = this.#state === 'renewing' ? this.#rebindAt : this.#endsAt;
    const wait = Math.min(until - now, Math.max(RENEWAL_RETRY_NANOS_MIN, Math.floor((until - now) / 2)));
    this.#timer = this.#clock.after(wait, () => this.#renew());
  }

  #message(type: number, client: IpAddress, options: ReadonlyMap<number, Uint8Array>): Uint8Array {
    const { mac, hostName, vendorClass } = this.#settings;
    const all = new Map<number, Uint8Array>([[wire.OPTION_MESSAGE_TYPE, Uint8Array.of(type)], ...options]);
    if (hostName !== undefined) all.set(wire.OPTION_HOST_NAME, utf8Bytes(hostName));
    if (vendorClass !== undefined) all.set(wire.OPTION_VENDOR_CLASS, utf8Bytes(vendorClass));
    if (type === wire.DHCP_DISCOVER || type === wire.DHCP_REQUEST) all.set(wire.OPTION_PARAMETERS, Uint8Array.from(WANTED));
    return wire.encodeDhcp({
      request: true,
      transaction: this.#transaction,
      seconds: Math.min(0xffff, Math.floor((this.#clock.now() - this.#startedAt) / SECOND)),
      broadcast: false,
      clientAddress: client,
      yourAddress: ANY_IPV4,
      serverAddress: ANY_IPV4,
      relayAddress: ANY_IPV4,
      clientMac: mac,
      serverName: '',
      bootFile: '',
      options: all,
    });
  }

  /** A datagram to the client's port. */
  handleMessage(payload: Uint8Array): void {
    let message: wire.Dhcp;
    try {
      message = wire.decodeDhcp(payload, 0, payload.length);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.ignored += 1;
      return;
    }
    const type = wire.messageType(message);
    const server = wire.optionAddress(message, wire.OPTION_SERVER);
    if (message.request || message.transaction !== this.#transaction || message.clientMac !== this.#settings.mac || server === undefined) {
      this.ignored += 1;
      return;
    }
    if (type === wire.DHCP_OFFER && this.#state === 'selecting') {
      this.#offer = { address: message.yourAddress.slice(), server: server.slice() };
      this.#state = 'requesting';
      this.#tries = 0;
      this.#timer?.cancel();
      return this.#request();
    }
    const asked = this.#state === 'requesting' || this.#state === 'renewing' || this.#state === 'rebinding';
    if (asked && type === wire.DHCP_ACKNOWLEDGE) return this.#bind(message, server);
    if (asked && type === wire.DHCP_REFUSE) {
      if (this.#lease !== undefined) this.#lose();
      return this.start();
    }
    this.ignored += 1;
  }

  #bind(message: wire.Dhcp, server: IpAddress): void {
    const seconds = wire.optionNumber(message, wire.OPTION_LEASE_SECONDS) ?? 0;
    if (seconds === 0) {
      this.ignored += 1;
      return;
    }
    this.#timer?.cancel();
    const mask = message.options.get(wire.OPTION_SUBNET_MASK) ?? EMPTY_BYTES;
    const router = wire.optionAddress(message, wire.OPTION_ROUTER);
    const options = new Map([...message.options].map(([code, value]) => [code, value.slice()] as const));
    const lease: Lease = {
      address: message.yourAddress.slice(),
      bits: maskBits(mask),
      router: router?.slice(),
      server: server.slice(),
      seconds,
      options,
    };
    const now = this.#clock.now();
    const renewal = wire.optionNumber(message, wire.OPTION_RENEWAL_SECONDS) ?? seconds / 2;
    const rebinding = wire.optionNumber(message, wire.OPTION_REBINDING_SECONDS) ?? (seconds * 7) / 8;
    this.#endsAt = now + seconds * SECOND;
    this.#rebindAt = now + Math.min(seconds, rebinding) * SECOND;
    this.#renewAt = now + Math.min(seconds, rebinding, renewal) * SECOND;
    this.#state = 'bound';
    const before = this.#lease;
    this.#lease = lease;
    // An infinite lease (§3.3) is never renewed.
    if (seconds !== 0xffff_ffff) this.#timer = this.#clock.after(this.#renewAt - now, () => this.#renew());
    if (before === undefined || !sameAddress(before.address, lease.address) || before.bits !== lease.bits) this.#host.handleLease(lease);
  }
}

/** Bits of a mask; without one, the address stands alone. */
function maskBits(mask: Uint8Array): number {
  if (mask.length !== 4) return 32;
  let bits = 0;
  while (bits < 32 && (mask[bits >>> 3]! & (0x80 >>> (bits & 7))) !== 0) bits += 1;
  return bits;
}
