/**
 * Connection recovery, error recovery level 2 (RFC 7143 §7.1.4.3, §7.2.2): a lost connection is logged out, by a request on another one or
 * by a login that takes its place, and its tasks go on elsewhere. What the target has not received is sent again, what it still knows
 * is reassigned, and of what it has forgotten the session decides. If nobody can be reached in time, the session begins anew.
 */
import { type Clock, type Nanos, SECOND, type Timer } from '../../../../base/clock.ts';
import type { Rng } from '../../../../base/rng.ts';
import { serialDistance, serialLess } from '../../../../base/serial.ts';
import {
  FUNCTION_COMPLETE,
  FUNCTION_REJECTED,
  LOGOUT_CONNECTION_NOT_FOUND,
  LOGOUT_SUCCESS,
  TASK_DOES_NOT_EXIST,
  TASK_STILL_ALLEGIANT,
} from '../../../../wire/iscsi/control.ts';
import { LOGIN_STATUS } from '../../../../wire/iscsi/login.ts';
import { commandName } from '../../../../wire/scsi/cdb.ts';
import { backOff } from '../back-off.ts';
import type { Connection, LogoutAnswer } from '../connection-types.ts';
import { type InitiatorError, initiatorError } from '../errors.ts';
import type { InitiatorLimits } from '../limits.ts';
import { type PortalAddress, portalText } from '../portal-address.ts';
import type { InitiatorTask } from '../task.ts';
import { recoveryOf } from './allegiance.ts';
import type { RecoveryCounters } from './counters.ts';

export interface ConnectionRecoveryHost {
  readonly counters: RecoveryCounters;
  readonly portals: readonly PortalAddress[];
  readonly expectedCommand: number;
  /** The connection with the least to do that goes on. */
  pickLiving(): Connection | undefined;
  tasksOf(connection: Connection): readonly InitiatorTask[];
  /** Begins to log in, in the place of a connection with this ExpStatSN. */
  join(connectionId: number, address: PortalAddress, expectedStatus: number): Connection;
  /** Ends a task whose answer came before its connection was lost. */
  handleAnswer(task: InitiatorTask): void;
  abort(task: InitiatorTask): void;
  reassign(task: InitiatorTask, connection: Connection, done: (response: number) => void): void;
  /** The target does not know the tasks any more: they are sent anew, or fail. */
  replay(tasks: readonly InitiatorTask[], error: InitiatorError): void;
  /** Gives up: the session has to begin anew. */
  reinstate(error: InitiatorError): void;
  handleRecovered(recovered: RecoveredConnection): void;
}

export interface RecoveredConnection {
  readonly portal: string;
  readonly seconds: number;
  readonly reassigned: number;
  readonly retried: number;
}

export interface RetainTimes {
  readonly time2WaitSeconds: number;
  readonly time2RetainSeconds: number;
}

/** Requests to reassign that are unanswered at once: targets bound their immediate requests. */
const UNDER_WAY_MAX = 16;
/** Too busy at the moment, or not done yet with the connection that was. */
const isPassing = (response: number): boolean => response === FUNCTION_REJECTED || response === TASK_STILL_ALLEGIANT;
/** How often a task is offered again to a target that says so. */
const OFFERS_MAX = 8;
const OFFER_AGAIN_NANOS = SECOND / 10;

interface Lost {
  readonly connectionId: number;
  readonly portal: string;
  readonly expectedStatus: number;
  readonly error: InitiatorError;
  readonly lostAt: Nanos;
  /** Until then the target keeps its tasks. */
  readonly deadline: Nanos;
  /** Before that they are not to be reassigned. */
  waitUntil: Nanos;
  loggedOut: boolean;
  logoutUnderWay: boolean;
  /** By CmdSN. */
  readonly tasks: InitiatorTask[];
  underWay: number;
  reassigned: number;
  retried: number;
  timer: Timer | undefined;
}

export class ConnectionRecovery {
  readonly #host: ConnectionRecoveryHost;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #limits: InitiatorLimits;
  readonly #lost = new Map<number, Lost>();
  #joining: Connection | undefined;
  #attempts = 0;
  #timer: Timer | undefined;

  constructor(host: ConnectionRecoveryHost, clock: Clock, rng: Rng, limits: InitiatorLimits) {
    this.#host = host;
    this.#clock = clock;
    this.#rng = rng;
    this.#limits = limits;
  }

  /** A connection with this CID is being recovered. */
  has(connectionId: number): boolean {
    return this.#lost.has(connectionId);
  }

  /** A connection is gone. `loggedOut`: after an answer to its logout for recovery. */
  begin(connection: Connection, error: InitiatorError, times: RetainTimes, loggedOut: boolean): void {
    const now = this.#clock.now();
    const tasks = this.#host.tasksOf(connection).toSorted((a, b) => serialDistance(b.commandSequenceNumber, a.commandSequenceNumber));
    const earlier = this.#lost.get(connection.connectionId);
    earlier?.timer?.cancel();
    const waitUntil = now + times.time2WaitSeconds * SECOND;
    const lost: Lost = {
      connectionId: connection.connectionId,
      portal: portalText(connection.address),
      expectedStatus: connection.expectedStatus,
      error,
      lostAt: now,
      deadline: waitUntil + times.time2RetainSeconds * SECOND,
      waitUntil,
      loggedOut,
      logoutUnderWay: false,
      // Its place was taken, and that was lost as well before all tasks had moved.
      tasks: [...tasks, ...(earlier?.tasks ?? [])],
      underWay: 0,
      reassigned: 0,
      retried: 0,
      timer: undefined,
    };
    this.#lost.set(lost.connectionId, lost);
    for (const task of tasks) task.connection = undefined;
    for (const task of tasks) if (task.answered) this.#host.handleAnswer(task);
    this.#goOn();
  }

  /** Everything that was being recovered is somebody else's from now on. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#joining?.close();
    this.#joining = undefined;
    this.#attempts = 0;
    for (const lost of this.#lost.values()) lost.timer?.cancel();
    this.#lost.clear();
  }

  #goOn(): void {
    for (const lost of this.#lost.values()) {
      if (this.#lost.get(lost.connectionId) !== lost) continue;
      const living = this.#host.pickLiving();
      if (living === undefined) return this.#logIn();
      // A login that is under way in its place logs it out as well; a request to do so would meet the new connection.
      if (!lost.loggedOut && this.#joining?.connectionId === lost.connectionId) continue;
      if (lost.loggedOut) this.#move(lost);
      else if (!this.#logsOut()) this.#logOut(lost, living);
    }
  }

  // ---- logging out ----

  #logsOut(): boolean {
    return [...this.#lost.values()].some((lost) => lost.logoutUnderWay);
  }

  /** RFC 7143 §11.14: reason "remove the connection for recovery", on a connection that lives. */
  #logOut(lost: Lost, living: Connection): void {
    lost.logoutUnderWay = true;
    living.remove(lost.connectionId, lost.expectedStatus, (answer) => {
      if (this.#lost.get(lost.connectionId) !== lost) return;
      lost.logoutUnderWay = false;
      this.#loggedOut(lost, answer);
    });
  }

  #loggedOut(lost: Lost, { response, time2WaitSeconds }: LogoutAnswer): void {
    if (response === LOGOUT_SUCCESS || response === LOGOUT_CONNECTION_NOT_FOUND) {
      lost.loggedOut = true;
      if (response === LOGOUT_SUCCESS) lost.waitUntil = this.#clock.now() + time2WaitSeconds * SECOND;
    } else if (response !== -1) {
      // RFC 7143 §11.15.1: recovery is not supported, or cleaning up has failed.
      const message = `the target does not let go of the connection to ${lost.portal} (response ${response})`;
      return this.#host.reinstate(initiatorError('reassign-refused', message));
    }
    this.#goOn();
  }

  // ---- logging in ----

  /** RFC 7143 §6.3.4: a login with the CID of before logs the old connection out. */
  #logIn(): void {
    if (this.#joining !== undefined || this.#timer !== undefined) return;
    const lost = [...this.#lost.values()].find((one) => !one.loggedOut) ?? [...this.#lost.values()][0];
    if (lost === undefined) return;
    const now = this.#clock.now();
    const { backOffNanos, backOffMaxNanos } = this.#limits;
    const due = Math.max(lost.waitUntil, now + backOff(this.#attempts, backOffNanos, backOffMaxNanos, this.#rng));
    if (due > lost.deadline || lost.deadline === lost.waitUntil) return this.#host.reinstate(lost.error);
    this.#timer = this.#clock.after(due - now, () => {
      this.#timer = undefined;
      if (this.#host.pickLiving() !== undefined) return this.#goOn();
      const { portals } = this.#host;
      const address = portals[(lost.connectionId + this.#attempts) % portals.length]!;
      this.#joining = this.#host.join(lost.connectionId, address, lost.loggedOut ? 0 : lost.expectedStatus);
    });
  }

  /** False if it is none of ours. */
  takeLogin(connection: Connection): boolean {
    if (connection !== this.#joining) return false;
    this.#joining = undefined;
    this.#attempts = 0;
    const lost = this.#lost.get(connection.connectionId);
    if (lost !== undefined) lost.loggedOut = true;
    return true;
  }

  /** There is a connection again. */
  resume(): void {
    this.#goOn();
  }

  takeRedirect(connection: Connection, address: PortalAddress): boolean {
    if (connection !== this.#joining) return false;
    this.#joining = this.#host.join(connection.connectionId, address, this.#lost.get(connection.connectionId)?.expectedStatus ?? 0);
    return true;
  }

  takeFailure(connection: Connection, error: InitiatorError): boolean {
    if (connection !== this.#joining) return false;
    this.#joining = undefined;
    this.#attempts += 1;
    // The target has forgotten the session, and with it everything that could be recovered.
    if (error.permanent || error.loginStatus === LOGIN_STATUS.SESSION_DOES_NOT_EXIST) this.#host.reinstate(error);
    else this.#goOn();
    return true;
  }

  // ---- moving tasks ----

  #move(lost: Lost): void {
    const now = this.#clock.now();
    if (now < lost.waitUntil) return this.#later(lost, lost.waitUntil - now);
    while (lost.underWay < UNDER_WAY_MAX && lost.tasks.length !== 0) {
      const living = this.#host.pickLiving();
      if (living === undefined) return this.#logIn();
      this.#moveOne(lost, lost.tasks.shift()!, living);
      if (this.#lost.get(lost.connectionId) !== lost) return;
    }
    if (lost.underWay === 0 && lost.tasks.length === 0) this.#finish(lost);
  }

  #moveOne(lost: Lost, task: InitiatorTask, living: Connection): void {
    if (task.state === 'done' || task.answered || task.connection !== undefined) return;
    living.adopt(task);
    // RFC 7143 §11.5.1: an abort needs no reassignment before.
    if (task.state === 'aborting') return this.#host.abort(task);
    if (!serialLess(task.commandSequenceNumber, this.#host.expectedCommand)) {
      lost.retried += 1;
      this.#host.counters.commandRetries += 1;
      return living.issueAgain(task);
    }
    lost.underWay += 1;
    this.#host.reassign(task, living, (response) => {
      if (this.#lost.get(lost.connectionId) !== lost) return;
      lost.underWay -= 1;
      this.#reassigned(lost, task, living, response);
    });
  }

  #reassigned(lost: Lost, task: InitiatorTask, connection: Connection, response: number): void {
    if (response === FUNCTION_COMPLETE) {
      lost.reassigned += 1;
      this.#host.counters.tasksReassigned += 1;
    } else if (task.connection === connection && task.state === 'sent') {
      if (response === TASK_DOES_NOT_EXIST) {
        connection.disown(task);
        this.#host.replay([task], initiatorError('connection-lost', 'the target has forgotten the command'));
      } else if (isPassing(response) && recoveryOf(task).offers < OFFERS_MAX) {
        recoveryOf(task).offers += 1;
        connection.disown(task);
        lost.tasks.unshift(task);
        return this.#later(lost, OFFER_AGAIN_NANOS);
      } else if (response !== -1) {
        const message = `the target does not go on with ${commandName(task.cdb)} on another connection (response ${response})`;
        return this.#host.reinstate(initiatorError('reassign-refused', message));
      }
    }
    if (this.#lost.get(lost.connectionId) === lost) this.#move(lost);
  }

  #later(lost: Lost, nanos: Nanos): void {
    lost.timer?.cancel();
    lost.timer = this.#clock.after(nanos, () => this.#goOn());
  }

  #finish(lost: Lost): void {
    this.#lost.delete(lost.connectionId);
    lost.timer?.cancel();
    this.#host.counters.connectionsRecovered += 1;
    const seconds = (this.#clock.now() - lost.lostAt) / SECOND;
    this.#host.handleRecovered({ portal: lost.portal, seconds, reassigned: lost.reassigned, retried: lost.retried });
  }
}
