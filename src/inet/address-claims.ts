/** Duplicate Address Detection (RFC 4862 §5.4): an address is asked about on the link before it is used, and left alone if somebody has it. */
import { type Clock, MILLISECOND, SECOND, type Timer } from '../base/clock.ts';
import { below, type Rng } from '../base/rng.ts';
import type { Mac } from '../wire/ethernet/mac.ts';
import { addressKey, ANY_IPV6, type IpAddress, solicitedNode } from '../wire/ip/address.ts';
import type { InterfaceGroups } from './interface-groups.ts';
import { type Framing, neighborSolicitation } from './resolution-frames.ts';

/** What a claim needs of its interface. */
export interface ClaimInterface extends Framing {
  readonly mac: Mac;
  readonly carrier: boolean;
  readonly groups: InterfaceGroups;
  sendFrame(frame: Uint8Array): void;
}

/** Who has the address; undefined: nobody answered for it. */
export type ClaimDone = (holder: Mac | undefined) => void;

interface Claim {
  readonly address: IpAddress;
  readonly done: ClaimDone;
  timer: Timer | undefined;
  /** Whoever else asks, or has it, is heard. */
  listens: boolean;
}

/** MAX_RTR_SOLICITATION_DELAY (RFC 4861 §10), for §5.4.2: those who start together don't ask together. */
const DELAY_MILLISECONDS_MAX = 1000;
/** RetransTimer; DupAddrDetectTransmits is 1. */
const WAIT_NANOS = SECOND;

export class AddressClaims {
  readonly #interface: ClaimInterface;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #claims = new Map<string, Claim>();

  constructor(owner: ClaimInterface, clock: Clock, rng: Rng) {
    this.#interface = owner;
    this.#clock = clock;
    this.#rng = rng;
  }

  /** Asks about an IPv6 address as soon as there is a carrier; a second claim takes the first one's place. */
  claim(address: IpAddress, done: ClaimDone): void {
    this.cancel(address);
    const claim: Claim = { address: address.slice(), done, timer: undefined, listens: false };
    this.#claims.set(addressKey(address), claim);
    if (this.#interface.carrier) this.#begin(claim);
  }

  cancel(address: IpAddress): void {
    const claim = this.#claims.get(addressKey(address));
    if (claim !== undefined) this.#end(claim, () => {});
  }

  /** Another has the address, or wants it (§5.4.3, §5.4.4). */
  contest(address: IpAddress, mac: Mac): void {
    const claim = this.#claims.get(addressKey(address));
    // What we sent ourselves may come back.
    if (claim === undefined || mac === this.#interface.mac) return;
    this.#end(claim, () => claim.done(mac));
  }

  handleCarrier(up: boolean): void {
    for (const claim of this.#claims.values()) {
      claim.timer?.cancel();
      claim.timer = undefined;
      if (up) this.#begin(claim);
    }
  }

  #begin(claim: Claim): void {
    claim.timer = this.#clock.after(below(this.#rng, DELAY_MILLISECONDS_MAX + 1) * MILLISECOND, () => {
      const { mac, groups } = this.#interface;
      // §5.4.2: the report of the group waits too, or those would come all at once.
      if (!claim.listens) groups.join(solicitedNode(claim.address));
      claim.listens = true;
      this.#interface.sendFrame(neighborSolicitation(this.#interface, mac, ANY_IPV6, claim.address, undefined));
      claim.timer = this.#clock.after(WAIT_NANOS, () => this.#end(claim, () => claim.done(undefined)));
    });
  }

  #end(claim: Claim, tell: () => void): void {
    claim.timer?.cancel();
    this.#claims.delete(addressKey(claim.address));
    // Told first: whose address it is now goes on listening, and the link hears of no leaving.
    tell();
    if (claim.listens) this.#interface.groups.leave(solicitedNode(claim.address));
  }
}
