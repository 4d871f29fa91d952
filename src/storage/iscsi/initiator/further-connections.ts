/**
 * The connections of a session beside the leading one (RFC 7143 §4.2.2, §6.3): logged in with the session's TSIH, each under a CID of its
 * own, over the session's portals in turn. One that does not come about is tried again; the session goes on without it meanwhile.
 */
import type { Clock, Timer } from '../../../base/clock.ts';
import type { Rng } from '../../../base/rng.ts';
import { LOGIN_STATUS } from '../../../wire/iscsi/login.ts';
import { backOff } from './back-off.ts';
import type { Connection } from './connection-types.ts';
import type { InitiatorError } from './errors.ts';
import type { InitiatorLimits } from './limits.ts';
import type { PortalAddress } from './portal-address.ts';

export interface FurtherHost {
  /** All of one portal group. */
  readonly portals: readonly PortalAddress[];
  /** A connection with this CID lives, or is being recovered. */
  isTaken(connectionId: number): boolean;
  /** Begins to log in. */
  join(connectionId: number, address: PortalAddress): Connection;
}

/** Refusals that more attempts don't cure: the target has as many connections as it wants, or portals that can't share a session. */
const finalStatuses: ReadonlySet<number | undefined> = new Set<number | undefined>([
  LOGIN_STATUS.TOO_MANY_CONNECTIONS,
  LOGIN_STATUS.CANT_INCLUDE_IN_SESSION,
]);

export class FurtherConnections {
  readonly #host: FurtherHost;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #limits: InitiatorLimits;
  readonly #joining = new Map<Connection, number>();
  readonly #waiting = new Map<number, Timer>();
  /** Attempts a CID has had without success. */
  readonly #attempts = new Map<number, number>();
  #wanted = 1;

  constructor(host: FurtherHost, clock: Clock, rng: Rng, limits: InitiatorLimits) {
    this.#host = host;
    this.#clock = clock;
    this.#rng = rng;
    this.#limits = limits;
  }

  /** How many connections the session shall have, with the leading one. */
  begin(wanted: number): void {
    this.#wanted = wanted;
    this.#attempts.clear();
    this.fill();
  }

  /** Begins whatever connections are missing. */
  fill(): void {
    for (let connectionId = 0; connectionId < this.#wanted; connectionId += 1) {
      const begun = this.#waiting.has(connectionId) || [...this.#joining.values()].includes(connectionId);
      if (!begun && !this.#host.isTaken(connectionId)) this.#join(connectionId);
    }
  }

  #join(connectionId: number): void {
    const { portals } = this.#host;
    const address = portals[(connectionId + (this.#attempts.get(connectionId) ?? 0)) % portals.length]!;
    this.#joining.set(this.#host.join(connectionId, address), connectionId);
  }

  /** False if it is none of these. */
  takeLogin(connection: Connection): boolean {
    this.#attempts.delete(connection.connectionId);
    return this.#joining.delete(connection);
  }

  /** False if it is none of these. */
  takeRedirect(connection: Connection, address: PortalAddress): boolean {
    if (!this.#joining.delete(connection)) return false;
    this.#joining.set(this.#host.join(connection.connectionId, address), connection.connectionId);
    return true;
  }

  /** False if it is none of these. */
  takeFailure(connection: Connection, error: InitiatorError): boolean {
    if (!this.#joining.delete(connection)) return false;
    const { connectionId } = connection;
    const attempts = (this.#attempts.get(connectionId) ?? 0) + 1;
    this.#attempts.set(connectionId, attempts);
    const everywhere = attempts >= this.#host.portals.length;
    if (everywhere && (error.permanent || finalStatuses.has(error.loginStatus))) {
      this.#wanted = Math.min(this.#wanted, connectionId);
      return true;
    }
    const { backOffNanos, backOffMaxNanos } = this.#limits;
    const timer = this.#clock.after(backOff(attempts, backOffNanos, backOffMaxNanos, this.#rng), () => {
      this.#waiting.delete(connectionId);
      this.fill();
    });
    this.#waiting.set(connectionId, timer);
    return true;
  }

  /** The session is over, or begins anew. */
  stop(): void {
    this.#wanted = 1;
    for (const timer of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    for (const connection of this.#joining.keys()) connection.close();
    this.#joining.clear();
  }
}
