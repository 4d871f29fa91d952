/**
 * Tells a link which prefixes are its own, so that its hosts make themselves addresses (RFC 4861 §6.2, RFC 4862). It speaks for a host that
 * forwards nothing: nobody is told to take it for a default router.
 */
import { type Clock, MILLISECOND, type Nanos, SECOND, type Timer } from '../base/clock.ts';
import { below } from '../base/rng.ts';
import { ALL_ROUTERS, type IpAddress, isIpv4, isLinkLocal, linkLocalOf } from '../wire/ip/address.ts';
import type { InetHost } from './host.ts';
import { DEFAULT_HOP_LIMIT, type InetInterface, type RouterParty } from './interface.ts';
import { routerAdvertisement } from './resolution-frames.ts';

export interface AdvertisedPrefix {
  readonly prefix: IpAddress;
  readonly bits: number;
  readonly validSeconds: number;
  readonly preferredSeconds: number;
}

export interface RouterAdvertiserSettings {
  readonly prefixes: readonly AdvertisedPrefix[];
  /** For links whose hosts must not send as much as they could. */
  readonly mtuBytes: number | undefined;
}

/** RFC 4861 §6.2.1: MinRtrAdvInterval and MaxRtrAdvInterval. */
const INTERVAL_SECONDS_MIN = 200;
const INTERVAL_SECONDS_MAX = 600;
/** RFC 4861 §10. */
const INITIAL_INTERVAL_NANOS = 16 * SECOND;
const INITIAL_COUNT = 3;
const ANSWER_DELAY_MILLISECONDS_MAX = 500;
const DELAY_BETWEEN_NANOS: Nanos = 3 * SECOND;

export class RouterAdvertiser implements RouterParty {
  readonly #host: InetHost;
  readonly #nic: InetInterface;
  readonly #settings: RouterAdvertiserSettings;
  readonly #clock: Clock;
  #timer: Timer | undefined;
  #timerAt: Nanos = Number.POSITIVE_INFINITY;
  #sentAt: Nanos = Number.NEGATIVE_INFINITY;
  #initialLeft = 0;
  sent = 0;

  /** Begins as soon as the interface has a carrier and a link-local address; it claims one if there is none. */
  constructor(host: InetHost, nic: InetInterface, settings: RouterAdvertiserSettings) {
    this.#host = host;
    this.#nic = nic;
    this.#settings = settings;
    this.#clock = host.services.clock;
    nic.routerParty = this;
    nic.groups.join(ALL_ROUTERS);
    const begin = (): void => this.handleCarrier(nic.carrier);
    if (this.#linkLocal() === undefined) host.claimAddress(nic, linkLocalOf(nic.mac), 64, begin);
    else begin();
  }

  #linkLocal(): IpAddress | undefined {
    return this.#nic.addresses.find(({ address }) => !isIpv4(address) && isLinkLocal(address))?.address;
  }

  #cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  handleCarrier(up: boolean): void {
    this.#cancel();
    // §6.2.4: whoever is there already learns soon.
    this.#initialLeft = INITIAL_COUNT;
    if (up && this.#linkLocal() !== undefined) this.#at(Math.max(this.#clock.now(), this.#sentAt + DELAY_BETWEEN_NANOS));
  }

  handleAdvertisement(): void {}

  /** §6.2.6: answered to all, after a short time, and not more often than every three seconds. */
  handleSolicitation(): void {
    const delay = below(this.#host.services.rng, ANSWER_DELAY_MILLISECONDS_MAX + 1) * MILLISECOND;
    this.#at(Math.max(this.#clock.now(), this.#sentAt + DELAY_BETWEEN_NANOS) + delay);
  }

  #at(at: Nanos): void {
    if (at >= this.#timerAt) return;
    this.#timer?.cancel();
    this.#timerAt = at;
    this.#timer = this.#clock.after(at - this.#clock.now(), () => this.#advertise());
  }

  #advertise(): void {
    this.#timer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const source = this.#linkLocal();
    if (source === undefined) return;
    const { prefixes, mtuBytes } = this.#settings;
    const now = this.#clock.now();
    this.#sentAt = now;
    this.sent += 1;
    this.#nic.sendFrame(
      routerAdvertisement(this.#nic, source, {
        hopLimit: DEFAULT_HOP_LIMIT,
        managed: false,
        other: false,
        lifetimeSeconds: 0,
        reachableMilliseconds: 0,
        retransmitMilliseconds: 0,
        options: {
          sourceMac: this.#nic.mac,
          targetMac: undefined,
          mtu: mtuBytes,
          prefixes: prefixes.map((prefix) => ({ ...prefix, onLink: true, autonomous: true })),
        },
      }),
    );
    const seconds = INTERVAL_SECONDS_MIN + below(this.#host.services.rng, INTERVAL_SECONDS_MAX - INTERVAL_SECONDS_MIN + 1);
    if (this.#initialLeft > 0) this.#initialLeft -= 1;
    this.#at(now + (this.#initialLeft > 0 ? Math.min(seconds * SECOND, INITIAL_INTERVAL_NANOS) : seconds * SECOND));
  }
}
