/**
 * What a host learns of its routers (RFC 4861 §6.3), and the addresses it makes of what they say (RFC 4862): a link-local address, asked about
 * first; solicitations; default routers, prefixes, hop limit and MTU, for as long as they hold. Interface identifiers come of the MAC address.
 */
import { type Clock, MILLISECOND, type Nanos, SECOND, type Timer } from '../base/clock.ts';
import { below } from '../base/rng.ts';
import {
  addressKey,
  ALL_ROUTERS,
  ANY_IPV6,
  formatIp,
  type IpAddress,
  isLinkLocal,
  linkLocalOf,
  prefixOf,
  sameAddress,
} from '../wire/ip/address.ts';
import { IPV6_MTU_MIN } from '../wire/ip/ipv6.ts';
import type { PrefixInformation, RouterAdvertisement } from '../wire/ip/neighbor.ts';
import { formatMac } from '../wire/ethernet/mac.ts';
import { addressDuplicate, routersFull } from './events.ts';
import type { InetHost } from './host.ts';
import type { InetInterface, RouterParty } from './interface.ts';
import { routerSolicitation } from './resolution-frames.ts';

/** Bounds on what routers can make a host remember: RFC 6104 tells what comes of none. */
const ROUTERS_MAX = 8;
const PREFIXES_MAX = 16;
/** RFC 4861 §10. */
const SOLICITATION_DELAY_MILLISECONDS_MAX = 1000;
const SOLICITATION_INTERVAL_NANOS = 4 * SECOND;
const SOLICITATIONS_MAX = 3;
const INFINITE_SECONDS = 0xffff_ffff;
/** RFC 4862 §5.5.3 (e): what an advertisement that nobody vouches for can't take away. */
const TWO_HOURS: Nanos = 7200 * SECOND;
const IDENTIFIER_BITS = 64;
const PREFIX_METRIC = 256;
const ROUTER_METRIC = 1024;
/** Longest that is waited for at once; lifetimes go beyond what timers take. */
const WAIT_NANOS_MAX: Nanos = 86_400 * SECOND;
const TELL_INTERVAL_NANOS: Nanos = 60 * SECOND;

interface Router {
  readonly address: IpAddress;
  expiresAt: Nanos;
}

/** `claimed`: nobody has been found to have it, so far; `taken`: somebody has it. */
interface MadeAddress {
  readonly address: IpAddress;
  readonly bits: number;
  state: 'claimed' | 'ours' | 'taken';
  validUntil: Nanos;
  preferredUntil: Nanos;
}

interface OnLink {
  readonly prefix: IpAddress;
  readonly bits: number;
  expiresAt: Nanos;
}

export interface RouterDiscoveryCounters {
  advertisements: number;
  solicitations: number;
  /** Routers, prefixes and addresses there was no room for. */
  refused: number;
}

export class RouterDiscovery implements RouterParty {
  readonly counters: RouterDiscoveryCounters = { advertisements: 0, solicitations: 0, refused: 0 };
  readonly #host: InetHost;
  readonly #nic: InetInterface;
  readonly #clock: Clock;
  readonly #routers = new Map<string, Router>();
  readonly #onLink = new Map<string, OnLink>();
  readonly #made = new Map<string, MadeAddress>();
  #solicitationsLeft = 0;
  #solicitTimer: Timer | undefined;
  #timer: Timer | undefined;
  #toldFullAt: Nanos = Number.NEGATIVE_INFINITY;

  /** Begins at once, or when there is a carrier. */
  constructor(host: InetHost, nic: InetInterface) {
    this.#host = host;
    this.#nic = nic;
    this.#clock = host.services.clock;
    nic.routerParty = this;
    const linkLocal = linkLocalOf(nic.mac);
    // RFC 4862 §5.4.5: without a link-local address of its own, made of what should be its own alone, a host had better be silent.
    if (nic.owns(linkLocal)) this.handleCarrier(nic.carrier);
    else host.claimAddress(nic, linkLocal, IDENTIFIER_BITS, () => this.#beginSoliciting());
  }

  /** Default routers, the oldest first. */
  get routers(): string[] {
    return [...this.#routers.values()].map(({ address }) => formatIp(address));
  }

  /** Addresses made of prefixes, those in use. */
  get addresses(): string[] {
    return [...this.#made.values()].filter(({ state }) => state === 'ours').map(({ address }) => formatIp(address));
  }

  handleCarrier(up: boolean): void {
    this.#solicitTimer?.cancel();
    this.#solicitTimer = undefined;
    if (!up || !this.#nic.owns(linkLocalOf(this.#nic.mac))) return;
    // RFC 4861 §6.3.7: those that come up together don't ask together.
    const wait = below(this.#host.services.rng, SOLICITATION_DELAY_MILLISECONDS_MAX + 1) * MILLISECOND;
    this.#solicitTimer = this.#clock.after(wait, () => this.#beginSoliciting());
  }

  #beginSoliciting(): void {
    this.#solicitationsLeft = SOLICITATIONS_MAX;
    this.#solicit();
  }

  #solicit(): void {
    this.#solicitTimer = undefined;
    if (this.#solicitationsLeft === 0) return;
    this.#solicitationsLeft -= 1;
    this.counters.solicitations += 1;
    const { mac } = this.#nic;
    this.#nic.sendFrame(routerSolicitation(this.#nic, mac, linkLocalOf(mac), ALL_ROUTERS));
    this.#solicitTimer = this.#clock.after(SOLICITATION_INTERVAL_NANOS, () => this.#solicit());
  }

  handleSolicitation(): void {}

  /** An advertisement that passed RFC 4861 §6.1.2's checks. */
  handleAdvertisement(source: IpAddress, advertisement: RouterAdvertisement): void {
    this.counters.advertisements += 1;
    const { hopLimit, lifetimeSeconds, options } = advertisement;
    // §6.3.7: one router is what was asked for.
    if (lifetimeSeconds !== 0 && this.counters.solicitations > 0) this.#solicitationsLeft = 0;
    if (hopLimit !== 0) this.#nic.hopLimit = hopLimit;
    this.#learnRouter(source, lifetimeSeconds);
    // §6.3.4; but of those that there was no room for, nothing is remembered.
    if (options.sourceMac !== undefined) this.#nic.neighbors.handleHint(source, options.sourceMac, this.#routers.has(addressKey(source)));
    // §6.3.4: neither less than every link carries nor more than this one does.
    if (options.mtu !== undefined && options.mtu >= IPV6_MTU_MIN && options.mtu <= this.#nic.settings.mtuBytes)
      this.#nic.setIpv6Mtu(options.mtu);
    for (const prefix of options.prefixes) {
      if (isLinkLocal(prefix.prefix)) continue;
      if (prefix.onLink) this.#learnOnLink(prefix);
      if (prefix.autonomous) this.#learnAddress(prefix);
    }
    this.#wake();
  }

  #until(seconds: number): Nanos {
    return seconds === INFINITE_SECONDS ? Number.POSITIVE_INFINITY : this.#clock.now() + seconds * SECOND;
  }

  #learnRouter(source: IpAddress, lifetimeSeconds: number): void {
    const known = this.#routers.get(addressKey(source));
    const expiresAt = this.#until(lifetimeSeconds);
    if (known !== undefined) known.expiresAt = expiresAt;
    if (known !== undefined || lifetimeSeconds === 0) return;
    if (this.#routers.size >= ROUTERS_MAX) return this.#refuse();
    const address = source.slice();
    this.#routers.set(addressKey(address), { address, expiresAt });
    this.#host.routes.add({ prefix: ANY_IPV6, bits: 0, via: address, out: this.#nic, metric: ROUTER_METRIC });
  }

  #learnOnLink({ prefix, bits, validSeconds }: PrefixInformation): void {
    const clean = prefixOf(prefix, bits);
    const key = `${addressKey(clean)}/${bits}`;
    const known = this.#onLink.get(key);
    const expiresAt = this.#until(validSeconds);
    if (known !== undefined) known.expiresAt = expiresAt;
    if (known !== undefined || validSeconds === 0) return;
    if (this.#onLink.size >= PREFIXES_MAX) return this.#refuse();
    this.#onLink.set(key, { prefix: clean, bits, expiresAt });
    this.#host.routes.add({ prefix: clean, bits, via: undefined, out: this.#nic, metric: PREFIX_METRIC });
  }

  /** RFC 4862 §5.5.3. */
  #learnAddress({ prefix, bits, validSeconds, preferredSeconds }: PrefixInformation): void {
    if (preferredSeconds > validSeconds || bits !== 128 - IDENTIFIER_BITS) return;
    const address = linkLocalOf(this.#nic.mac);
    address.set(prefix.subarray(0, 8));
    const key = addressKey(address);
    const now = this.#clock.now();
    const made = this.#made.get(key);
    const valid = this.#until(validSeconds);
    if (made !== undefined) {
      made.preferredUntil = this.#until(preferredSeconds);
      if (valid > now + TWO_HOURS || valid > made.validUntil) made.validUntil = valid;
      else if (made.validUntil > now + TWO_HOURS) made.validUntil = now + TWO_HOURS;
      return this.#refresh(made);
    }
    // One that was given by hand stays what it is.
    if (validSeconds === 0 || this.#nic.owns(address)) return;
    if (this.#made.size >= PREFIXES_MAX) return this.#refuse();
    const added: MadeAddress = { address, bits, state: 'claimed', validUntil: valid, preferredUntil: this.#until(preferredSeconds) };
    this.#made.set(key, added);
    this.#nic.claims.claim(address, (holder) => {
      added.state = holder === undefined ? 'ours' : 'taken';
      if (holder !== undefined) {
        const told = { address: formatIp(address), mac: formatMac(holder), interface: this.#nic.name };
        return addressDuplicate(this.#host.services.events, this.#host.name, told);
      }
      this.#nic.addAddress(address, bits);
      this.#refresh(added);
    });
  }

  #refresh({ state, address, preferredUntil }: MadeAddress): void {
    if (state === 'ours') this.#nic.setDeprecated(address, preferredUntil <= this.#clock.now());
  }

  #refuse(): void {
    this.counters.refused += 1;
    const now = this.#clock.now();
    if (now - this.#toldFullAt < TELL_INTERVAL_NANOS) return;
    this.#toldFullAt = now;
    routersFull(this.#host.services.events, this.#host.name, { interface: this.#nic.name, routers: ROUTERS_MAX, prefixes: PREFIXES_MAX });
  }

  /** What has had its time goes; what is left is waited for. */
  #wake(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [key, { address, expiresAt }] of this.#routers) {
      next = Math.min(next, expiresAt <= now ? next : expiresAt);
      if (expiresAt > now) continue;
      this.#routers.delete(key);
      this.#host.routes.remove(({ via, bits, out }) => out === this.#nic && bits === 0 && via !== undefined && sameAddress(via, address));
    }
    for (const [key, { prefix, bits, expiresAt }] of this.#onLink) {
      next = Math.min(next, expiresAt <= now ? next : expiresAt);
      if (expiresAt > now) continue;
      this.#onLink.delete(key);
      this.#host.routes.remove(
        (route) => route.out === this.#nic && route.metric === PREFIX_METRIC && route.bits === bits && sameAddress(route.prefix, prefix),
      );
    }
    for (const [key, made] of this.#made) {
      if (made.validUntil > now) {
        this.#refresh(made);
        next = Math.min(next, made.preferredUntil > now ? made.preferredUntil : made.validUntil);
        continue;
      }
      this.#made.delete(key);
      if (made.state === 'claimed') this.#nic.claims.cancel(made.address);
      if (made.state === 'ours') this.#nic.removeAddress(made.address);
    }
    if (next === Number.POSITIVE_INFINITY) return;
    this.#timer = this.#clock.after(Math.min(WAIT_NANOS_MAX, next - now), () => this.#wake());
  }
}
