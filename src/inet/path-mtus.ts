/** What routers said of the largest packets that get through to a destination (RFC 1191 §6, RFC 8201 §5); forgotten after a while. */
import { type Clock, type Nanos, SECOND } from '../base/clock.ts';
import { addressKey, type IpAddress, isIpv4 } from '../wire/ip/address.ts';
import { IPV6_MTU_MIN } from '../wire/ip/ipv6.ts';

/** RFC 1191 §6.3: ten minutes until something larger may be tried. */
const LIFETIME_NANOS: Nanos = 600 * SECOND;
const ENTRIES_MAX = 1024;
/** RFC 1191 §3 goes down to 68 bytes, which no link has had for long: smaller claims than Linux believes are taken for lies (RFC 5927 §7). */
const IPV4_PATH_MTU_MIN = 552;

export class PathMtus {
  readonly #clock: Clock;
  readonly #entries = new Map<string, { readonly mtuBytes: number; readonly until: Nanos }>();
  generation = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Learns; a larger value than what is known changes nothing. Gives back what holds from now on. */
  learn(destination: IpAddress, mtuBytes: number): number {
    const key = addressKey(destination);
    const known = this.get(destination);
    const bounded = Math.max(mtuBytes, isIpv4(destination) ? IPV4_PATH_MTU_MIN : IPV6_MTU_MIN);
    if (known !== undefined && known <= bounded) return known;
    if (this.#entries.size >= ENTRIES_MAX) this.#entries.delete(this.#entries.keys().next().value!);
    this.#entries.delete(key);
    this.#entries.set(key, { mtuBytes: bounded, until: this.#clock.now() + LIFETIME_NANOS });
    this.generation += 1;
    return bounded;
  }

  get(destination: IpAddress): number | undefined {
    if (this.#entries.size === 0) return undefined;
    const key = addressKey(destination);
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.until > this.#clock.now()) return entry.mtuBytes;
    this.#entries.delete(key);
    this.generation += 1;
    return undefined;
  }
}
