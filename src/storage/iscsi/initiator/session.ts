/**
 * An iSCSI initiator's session (RFC 7143 §4.2.2, §4.4.3, §7), from login to logout. Below error recovery level 2 a lost connection
 * takes the session with it: the session is reinstated, and what was not answered is sent again where that does no harm.
 */
import { SECOND, type Timer } from '../../../base/clock.ts';
import {
  ASYNC_CONNECTION_DROPPED,
  ASYNC_LOGOUT_REQUESTED,
  ASYNC_SCSI_EVENT,
  ASYNC_SESSION_DROPPED,
  CLOSE_SESSION,
} from '../../../wire/iscsi/control.ts';
import type { Isid } from '../../../wire/iscsi/login.ts';
import { senseOf } from '../../../wire/iscsi/scsi-command.ts';
import type { Sense } from '../../../wire/scsi/sense.ts';
import { attentionSense } from './attention-sense.ts';
import { InitiatorConnection } from './connection.ts';
import type { AsyncMessage, Connection, ConnectionOwner, LogoutAnswer, RecoveryOwner } from './connection-types.ts';
import { raiseError } from './error-events.ts';
import { type InitiatorError, initiatorError } from './errors.ts';
import {
  connectionJoined,
  connectionRecovered,
  loggedIn,
  loggedOut,
  logoutRequested,
  redirected,
  resent,
  sessionRecovered,
} from './events.ts';
import type { InitiatorLimits } from './limits.ts';
import type { LoggedIn, LoginPlan } from './login.ts';
import { type PortalAddress, portalText } from './portal-address.ts';
import type { RecoveredConnection } from './recovery/connection-recovery.ts';
import { type RecoveryCounters, recoveryCounters } from './recovery/counters.ts';
import { Recovery } from './recovery.ts';
import { handleReject } from './rejects.ts';
import { Scheduler, type SchedulerHost } from './scheduler.ts';
import { SessionConnections, type SessionConnectionsHost } from './session-connections.ts';
import { loginWords, randomIsid, type SessionPlan, type SessionServices, type SessionSink, type SessionState } from './session-types.ts';
import type { InitiatorTask } from './task.ts';
import { TaskControl } from './task-control.ts';
import { nextRequestTag } from './task-table.ts';

export type { SessionPlan, SessionServices, SessionSink, SessionState } from './session-types.ts';

export class InitiatorSession implements ConnectionOwner, RecoveryOwner, SchedulerHost, SessionConnectionsHost {
  readonly isid: Isid;
  readonly counters: RecoveryCounters = recoveryCounters();
  readonly scheduler: Scheduler;
  readonly #services: SessionServices;
  readonly #limits: InitiatorLimits;
  readonly #sink: SessionSink;
  readonly #plan: SessionPlan;
  readonly #source: string;
  readonly control: TaskControl;
  readonly #recovery: Recovery;
  readonly #connections: SessionConnections;
  #portals: readonly PortalAddress[];
  #state: SessionState = 'connecting';
  /** The connection that is being made. */
  #joining: InitiatorConnection | undefined;
  #login: LoggedIn | undefined;
  #opened: ((error: InitiatorError | undefined) => void) | undefined;
  #closedCallbacks: (() => void)[] = [];
  #portalIndex = 0;
  #redirects = 0;
  #lastTag = 0;
  #timer: Timer | undefined;
  #initialCommand = 0;
  /** A logout is to come, because the target or the caller wants it: no more commands are sent. */
  #leaving = false;
  /** The logout has been sent. */
  #loggingOut = false;
  /** The target has dropped the session: there is no use in recovering connections. */
  #dropped = false;

  constructor(plan: SessionPlan, limits: InitiatorLimits, services: SessionServices, sink: SessionSink) {
    this.#plan = plan;
    this.#limits = limits;
    this.#services = services;
    this.#sink = sink;
    this.#portals = plan.portals;
    this.#source = plan.targetName;
    this.#recovery = new Recovery(limits);
    this.isid = plan.isid ?? randomIsid(services);
    const { clock, events, allocate } = services;
    this.scheduler = new Scheduler(this, { clock, events, source: this.#source, limits, allocate });
    this.control = new TaskControl(this.scheduler, clock, limits.requestTimeoutNanos);
    this.#connections = new SessionConnections(this, clock, services.rng, limits);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** What the last login agreed on. */
  get login(): LoggedIn | undefined {
    return this.#login;
  }

  get connections(): readonly Connection[] {
    return [...this.#connections.living];
  }

  /** How many connections there shall be, as far as target and limits agreed; those too many are logged out. */
  setConnections(count: number): void {
    this.#connections.setCount(count);
  }

  get portals(): readonly PortalAddress[] {
    return this.#portals;
  }

  // ---- opening ----

  /** Logs in; `done` runs once. What is submitted meanwhile waits. */
  open(done: (error: InitiatorError | undefined) => void): void {
    this.#opened = done;
    this.#connect(this.#portals[0]!);
  }

  #connect(address: PortalAddress): void {
    this.#initialCommand = this.#services.rng.uint32();
    // RFC 7143 §6.3.5: zero, with the ISID of before, reinstates the session; its old tasks end at the target before the login does.
    const plan = {
      ...loginWords(this.#plan, this.isid, this.#limits),
      tsih: 0,
      connectionId: 0,
      commandSequenceNumber: this.#initialCommand,
    };
    this.#joining = new InitiatorConnection(this.#services, this.#limits, this, plan, address);
    this.#joining.open();
  }

  join(connectionId: number, address: PortalAddress, { tsih, parameters }: LoggedIn, expectedStatus: number): Connection {
    const { scheduler } = this;
    const plan: LoginPlan = {
      ...loginWords(this.#plan, this.isid, this.#limits),
      tsih,
      connectionId,
      // RFC 7143 §11.12.8: where the session is at the moment; commands go on meanwhile.
      get commandSequenceNumber() {
        return scheduler.commandSequenceNumber;
      },
      expectedStatus,
      session: parameters,
    };
    const connection = new InitiatorConnection(this.#services, this.#limits, this, plan, address);
    connection.open();
    return connection;
  }

  handleLoggedIn(connection: Connection, result: LoggedIn): void {
    const { expectedCommandSequenceNumber, maxCommandSequenceNumber } = result.response;
    const portal = portalText(connection.address);
    if (connection !== this.#joining) return this.#joined(connection, result);
    const recovered = this.#state === 'recovering';
    this.#joining = undefined;
    this.#login = result;
    this.#redirects = 0;
    this.#recovery.time2WaitSeconds = result.parameters.time2WaitSeconds;
    this.scheduler.begin(this.#initialCommand, expectedCommandSequenceNumber, maxCommandSequenceNumber);
    this.#connections.begin(connection, result);
    if (this.#state === 'closing') return this.#leave();
    this.#state = 'logged-in';
    if (recovered) {
      const seconds = this.#recovery.elapsedSeconds(this.#services.clock.now());
      this.counters.sessionsReinstated += 1;
      sessionRecovered(this.#services.events, this.#source, { portal, replayed: this.#recovery.replayed, seconds });
    } else loggedIn(this.#services.events, this.#source, { portal, authentication: result.authentication, tsih: result.tsih });
    this.#sink.handleState('logged-in', undefined);
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.(undefined);
    this.scheduler.pump();
  }

  /** A connection beside the leading one, or in the place of one that was lost. */
  #joined(connection: Connection, { response }: LoggedIn): void {
    this.scheduler.handleNumbers(response.expectedCommandSequenceNumber, response.maxCommandSequenceNumber);
    this.#connections.takeLogin(connection);
    const { connectionId } = connection;
    connectionJoined(this.#services.events, this.#source, { portal: portalText(connection.address), connectionId });
    if (this.#state === 'recovering') {
      this.#state = 'logged-in';
      this.#sink.handleState('logged-in', undefined);
    }
    this.#connections.resume();
    this.scheduler.pump();
  }

  handleRedirected(connection: Connection, address: PortalAddress, permanently: boolean): void {
    const [from, to] = [portalText(connection.address), portalText(address)];
    this.#redirects += 1;
    if (this.#redirects > this.#limits.redirects) {
      const message = `the target sent us on ${this.#redirects} times, at last from ${from} to ${to}`;
      return this.handleLost(connection, initiatorError('redirect-loop', message));
    }
    redirected(this.#services.events, this.#source, { from, to, permanently });
    if (connection !== this.#joining) return void this.#connections.takeRedirect(connection, address);
    if (permanently) this.#portals = [address];
    this.#connect(address);
  }

  // ---- losing and bringing back ----

  handleLost(connection: Connection, error: InitiatorError): void {
    if (this.#state === 'closed') return; // Its logout was under way, and with that all is over.
    // Going instead of answering our farewell comes to the same.
    if (this.#state === 'closing' && this.#loggingOut && error.reason === 'connection-lost')
      return this.#close(initiatorError('closed', 'the session is closed'));
    const retries = this.#retries(error);
    raiseError(this.#services.events, this.#source, error, retries);
    if (connection === this.#joining) {
      this.#joining = undefined;
      return this.#attemptFailed(error);
    }
    if (this.#connections.takeFailure(connection, error)) return;
    this.counters.connectionsLost += 1;
    // What went wrong is one thing, that the connection is gone another.
    if (error.reason !== 'connection-lost') {
      const lost = initiatorError('connection-lost', `the connection to ${portalText(connection.address)} is given up`);
      raiseError(this.#services.events, this.#source, lost, retries);
    }
    if (this.#outlives(connection)) this.#loseOne(connection, error);
    else this.#recover(error);
  }

  /** RFC 7143 §7.1.5: only at error recovery level 2 a session goes on when one of its connections is lost. */
  #outlives(connection: Connection): boolean {
    if (!this.#connections.recovers || this.#dropped || this.#limits.recoveryNanos === 0) return false;
    if (this.#state !== 'closing') return true;
    return !this.#loggingOut && this.#connections.living.size > (this.#connections.living.has(connection) ? 1 : 0);
  }

  #loseOne(connection: Connection, error: InitiatorError): void {
    this.#connections.living.delete(connection);
    if (this.#connections.living.size === 0 && this.#state === 'logged-in') {
      this.#leaving = false;
      this.#loggingOut = false;
      this.#timer?.cancel();
      this.#state = 'recovering';
      this.#recovery.begin(this.#services.clock.now());
      this.#sink.handleState('recovering', error);
    }
    if (this.#state !== 'closed') this.#connections.lose(connection, error);
  }

  /** Connections could not be recovered. */
  reinstate(error: InitiatorError): void {
    if (this.#state !== 'closed') this.#recover(error);
  }

  handleWindowShut(error: InitiatorError, hopeless: boolean): void {
    raiseError(this.#services.events, this.#source, error);
    if (hopeless) this.#close(error);
    else this.reinstate(error);
  }

  handleRecovered(recovered: RecoveredConnection): void {
    connectionRecovered(this.#services.events, this.#source, recovered);
  }

  /** Whether another attempt follows. */
  #retries(error: InitiatorError): boolean {
    if (this.#state === 'connecting') return !error.permanent && this.#portalIndex + 1 < this.#portals.length;
    return this.#state !== 'closing' && !error.permanent && this.#limits.recoveryNanos !== 0;
  }

  /** An attempt to log in came to nothing. */
  #attemptFailed(error: InitiatorError): void {
    if (this.#state === 'closing') return this.#close(error);
    this.#redirects = 0;
    this.#portalIndex = (this.#portalIndex + 1) % this.#portals.length;
    if (this.#state === 'connecting') {
      if (this.#portalIndex !== 0 && !error.permanent) return this.#connect(this.#portals[this.#portalIndex]!);
      return this.#close(error);
    }
    this.#scheduleAttempt(error);
  }

  /** RFC 7143 §7.1.4.4: without recovery within the session all of its connections go, and a new session takes its place. */
  #recover(error: InitiatorError): void {
    this.#connections.stop();
    this.#dropped = false;
    this.control.drop(undefined);
    this.#leaving = false;
    this.#loggingOut = false;
    this.#timer?.cancel();
    if (this.#state === 'closing') return this.#close(error);
    if (this.#state === 'logged-in') {
      this.#state = 'recovering';
      this.#recovery.begin(this.#services.clock.now());
      this.#sink.handleState('recovering', error);
    }
    if (this.#limits.recoveryNanos === 0) return this.#close(error);
    const replayed = this.scheduler.replay(this.scheduler.underWay(undefined), error);
    this.#recovery.replayed += replayed;
    this.counters.commandsReplayed += replayed;
    // A callback of a command that failed may have closed us.
    if ((this.#state as SessionState) === 'recovering') this.#scheduleAttempt(error);
  }

  #scheduleAttempt(error: InitiatorError): void {
    const { clock, rng, events } = this.#services;
    const next = this.#recovery.next(clock.now(), rng, error);
    if (typeof next !== 'number') {
      raiseError(events, this.#source, next);
      return this.#close(next);
    }
    this.#timer = clock.after(next, () => this.#connect(this.#portals[this.#portalIndex % this.#portals.length]!));
  }

  // ---- closing ----

  /** Finishes what is under way, logs out; `done` runs once everything is over. */
  close(done: () => void): void {
    if (this.#state === 'closed') return done();
    this.#closedCallbacks.push(done);
    if (this.#state === 'closing') return;
    const error = initiatorError('closed', 'the session is closed');
    const before = this.#state;
    this.scheduler.refuse(error);
    this.#state = 'closing';
    this.#sink.handleState('closing', undefined);
    if (before !== 'logged-in') return this.#close(error);
    if (this.scheduler.isIdle) return this.#leave();
    this.#timer = this.#services.clock.after(this.#limits.requestTimeoutNanos, () => this.#leave());
  }

  /** Ends at once, without a logout. */
  destroy(error: InitiatorError = initiatorError('closed', 'the session was ended')): void {
    if (this.#state !== 'closed') this.#close(error);
  }

  #leave(): void {
    this.#timer?.cancel();
    if (this.#loggingOut) return;
    const connection = this.#connections.pickLiving() ?? [...this.#connections.living][0];
    if (connection === undefined) return this.#close(initiatorError('closed', 'the session is closed'));
    this.#leaving = true;
    this.#loggingOut = true;
    connection.logout(CLOSE_SESSION, (answer) => this.#loggedOut(answer));
  }

  #loggedOut(answer: LogoutAnswer): void {
    if (answer.response === -1) return; // It was lost instead, which is told elsewhere.
    if (this.#state === 'closing') return this.#close(initiatorError('closed', 'the session is closed'));
    this.#recovery.time2WaitSeconds = answer.time2WaitSeconds;
    this.#recover(initiatorError('dropped-by-target', 'the target asked us to log out'));
  }

  #close(error: InitiatorError): void {
    if (this.#state === 'closed') return;
    const logged = this.#login !== undefined;
    this.#state = 'closed';
    this.#timer?.cancel();
    this.#joining?.close();
    this.#connections.stop();
    this.control.drop(undefined);
    if (logged) loggedOut(this.#services.events, this.#source, { reason: error.message });
    this.scheduler.close(error);
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.(error);
    this.#sink.handleState('closed', error);
    for (const done of this.#closedCallbacks.splice(0)) done();
  }

  // ---- commands ----

  get commandSequenceNumber(): number {
    return this.scheduler.commandSequenceNumber;
  }

  get recovery(): RecoveryOwner {
    return this;
  }

  get expectedCommand(): number {
    return this.scheduler.expectedCommand;
  }

  tasksOf(connection: Connection): InitiatorTask[] {
    return this.scheduler.underWay(undefined).filter((task) => task.connection === connection);
  }

  handleDamage(error: InitiatorError): void {
    raiseError(this.#services.events, this.#source, error);
  }

  handleResend(what: string): void {
    resent(this.#services.events, this.#source, { what });
  }

  takeCommandNumber(): number {
    return this.scheduler.takeCommandNumber();
  }

  nextTag(): number {
    this.#lastTag = nextRequestTag(this.#lastTag);
    return this.#lastTag;
  }

  findTask(tag: number): InitiatorTask | undefined {
    return this.scheduler.find(tag);
  }

  handleNumbers(expected: number, max: number): void {
    this.scheduler.handleNumbers(expected, max);
  }

  /** The connection that the next command goes by. */
  pick(): Connection | undefined {
    return this.#leaving ? undefined : this.#connections.pickLiving();
  }

  handleAnswer(task: InitiatorTask): void {
    this.scheduler.handleAnswer(task);
  }

  handleBatchEnd(): void {
    this.scheduler.pump();
    this.#connections.checkLeaving();
  }

  handleIdle(): void {
    if (this.#state === 'closing' && !this.#leaving && this.scheduler.isIdle) this.#leave();
    else if (this.#leaving && this.#state === 'logged-in') this.#leaveForTarget();
  }

  handleRoom(): void {
    this.#sink.handleRoom();
  }

  handleAttention(lun: number, sense: Sense): void {
    this.#sink.handleAttention(lun, sense);
  }

  // ---- task management ----

  sendAbort(task: InitiatorTask): void {
    this.control.abort(task);
  }

  /** Any function but ABORT TASK (which is `scheduler.abort`). `done` gets the response (RFC 7143 §11.6.1), or -1 if there was none. */
  manage(code: number, lun: number, done: (response: number) => void): void {
    const connection = this.pick();
    if (connection === undefined) done(-1);
    else this.control.manage(connection, code, lun, done);
  }

  handleManaged(taskTag: number, response: number): void {
    this.control.handleManaged(taskTag, response);
  }

  // ---- what the target says unasked ----

  handleReject(connection: Connection, reason: number, header: Uint8Array): void {
    handleReject(this, connection, reason, header);
  }

  handleAsyncMessage(connection: Connection, message: AsyncMessage): void {
    const { event, parameters } = message;
    if (event === ASYNC_SCSI_EVENT) {
      const sense = attentionSense(senseOf(message.data));
      if (sense !== undefined) this.#sink.handleAttention(message.lun, sense);
      return;
    }
    if (event === ASYNC_LOGOUT_REQUESTED) {
      logoutRequested(this.#services.events, this.#source, { seconds: parameters[2] });
      if (this.#leaving || this.#state !== 'logged-in') return;
      // RFC 7143 §11.9.1: it is this connection that the target wants to be logged out.
      if (this.#connections.living.size > 1) return this.#connections.leave(connection, parameters[2]);
      this.#leaving = true;
      // Half of what the target gives us: its clock began before ours.
      this.#timer = this.#services.clock.after((parameters[2] * SECOND) / 2, () => this.#leaveForTarget());
      if (this.scheduler.inFlight === 0) this.#leaveForTarget();
    } else if (event === ASYNC_SESSION_DROPPED) {
      this.#recovery.time2WaitSeconds = parameters[1];
      this.#dropped = true;
      connection.fail('dropped-by-target', 'the target drops the session');
    } else if (event === ASYNC_CONNECTION_DROPPED) {
      this.#recovery.time2WaitSeconds = parameters[1];
      // RFC 7143 §11.9.4: Parameter1 is the CID of the connection, which may be another one.
      this.#connections.find(parameters[0])?.fail('dropped-by-target', 'the target drops the connection');
    }
  }

  #leaveForTarget(): void {
    if (this.#state === 'logged-in') this.#leave();
  }
}
