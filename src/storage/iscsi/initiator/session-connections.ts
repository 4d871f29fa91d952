/**
 * The connections of a session that has logged in (RFC 7143 §4.2.2, §4.4.3): which of them a command goes by, further ones, one that is
 * logged out by itself, and at error recovery level 2 those that were lost and are recovered.
 */
import type { Clock, Timer } from '../../../base/clock.ts';
import { SECOND } from '../../../base/clock.ts';
import type { Rng } from '../../../base/rng.ts';
import { CLOSE_CONNECTION, REMOVE_FOR_RECOVERY } from '../../../wire/iscsi/control.ts';
import type { Connection } from './connection-types.ts';
import { type InitiatorError, initiatorError } from './errors.ts';
import { FurtherConnections, type FurtherHost } from './further-connections.ts';
import type { InitiatorLimits } from './limits.ts';
import type { LoggedIn } from './login.ts';
import { type PortalAddress, portalText } from './portal-address.ts';
import { ConnectionRecovery, type ConnectionRecoveryHost, type RecoveredConnection } from './recovery/connection-recovery.ts';
import type { RecoveryCounters } from './recovery/counters.ts';
import type { Scheduler } from './scheduler.ts';
import type { InitiatorTask } from './task.ts';
import type { TaskControl } from './task-control.ts';

export interface SessionConnectionsHost {
  readonly counters: RecoveryCounters;
  readonly scheduler: Scheduler;
  readonly control: TaskControl;
  readonly portals: readonly PortalAddress[];
  tasksOf(connection: Connection): readonly InitiatorTask[];
  /** Begins to log a connection of the session in, as `login` says it was agreed on; in the place of one with this ExpStatSN, or 0. */
  join(connectionId: number, address: PortalAddress, login: LoggedIn, expectedStatus: number): Connection;
  /** Recovery of connections has failed: the session has to begin anew. */
  reinstate(error: InitiatorError): void;
  handleRecovered(recovered: RecoveredConnection): void;
}

export class SessionConnections implements FurtherHost, ConnectionRecoveryHost {
  readonly living = new Set<Connection>();
  readonly #host: SessionConnectionsHost;
  readonly #clock: Clock;
  readonly #limits: InitiatorLimits;
  readonly #further: FurtherConnections;
  readonly #recovery: ConnectionRecovery;
  /** Connections that are to be logged out when what they carry has ended. */
  readonly #leaving = new Map<Connection, Timer>();
  #login: LoggedIn | undefined;

  constructor(host: SessionConnectionsHost, clock: Clock, rng: Rng, limits: InitiatorLimits) {
    this.#host = host;
    this.#clock = clock;
    this.#limits = limits;
    this.#further = new FurtherConnections(this, clock, rng, limits);
    this.#recovery = new ConnectionRecovery(this, clock, rng, limits);
  }

  /** Connections can be recovered: error recovery level 2. */
  get recovers(): boolean {
    return this.#login?.parameters.errorRecoveryLevel === 2;
  }

  // ---- which one ----

  /** The connection with the least to do; a command stays with the one it went by (RFC 7143 §4.2.5.1). */
  pickLiving(): Connection | undefined {
    let best: Connection | undefined;
    for (const connection of this.living) {
      if (!connection.isFull || connection.leaving) continue;
      if (best === undefined || connection.taskCount < best.taskCount) best = connection;
    }
    return best;
  }

  find(connectionId: number): Connection | undefined {
    for (const connection of this.living) if (connection.connectionId === connectionId) return connection;
    return undefined;
  }

  // ---- coming ----

  /** The leading connection has logged in. */
  begin(leading: Connection, login: LoggedIn): void {
    this.#login = login;
    this.living.add(leading);
    this.setCount(this.#limits.maxConnections);
  }

  /** How many connections there shall be, as far as was agreed on; those too many are logged out when they have nothing to do. */
  setCount(count: number): void {
    if (this.#login === undefined) return;
    const wanted = Math.max(1, Math.min(count, this.#login.parameters.maxConnections));
    for (const connection of this.living) if (connection.connectionId >= wanted) this.leave(connection, undefined);
    this.#further.begin(wanted);
  }

  isTaken(connectionId: number): boolean {
    return this.find(connectionId) !== undefined || this.#recovery.has(connectionId);
  }

  join(connectionId: number, address: PortalAddress, expectedStatus = 0): Connection {
    return this.#host.join(connectionId, address, this.#login!, expectedStatus);
  }

  /** A connection beside the leading one has logged in. */
  takeLogin(connection: Connection): void {
    this.living.add(connection);
    if (!this.#further.takeLogin(connection)) this.#recovery.takeLogin(connection);
  }

  /** There is a connection: what waits for one goes on. */
  resume(): void {
    this.#recovery.resume();
  }

  takeRedirect(connection: Connection, address: PortalAddress): boolean {
    return this.#further.takeRedirect(connection, address) || this.#recovery.takeRedirect(connection, address);
  }

  takeFailure(connection: Connection, error: InitiatorError): boolean {
    return this.#further.takeFailure(connection, error) || this.#recovery.takeFailure(connection, error);
  }

  // ---- going ----

  /** A connection is lost, and its tasks shall go on by others. */
  lose(connection: Connection, error: InitiatorError): void {
    this.#depart(connection, error, false, undefined);
  }

  #depart(connection: Connection, error: InitiatorError, loggedOut: boolean, time2WaitSeconds: number | undefined): void {
    const { parameters } = this.#login!;
    this.living.delete(connection);
    this.#stopLeaving(connection);
    this.#recovery.begin(
      connection,
      error,
      { time2WaitSeconds: time2WaitSeconds ?? parameters.time2WaitSeconds, time2RetainSeconds: parameters.time2RetainSeconds },
      loggedOut,
    );
    this.#host.control.drop(connection);
  }

  /** Logs one connection out when what it carries has ended, or before `seconds` are over. */
  leave(connection: Connection, seconds: number | undefined): void {
    if (connection.leaving) return;
    connection.leaving = true;
    // Half of what the target gives us: its clock began before ours.
    const nanos = seconds === undefined ? this.#limits.requestTimeoutNanos : (seconds * SECOND) / 2;
    this.#leaving.set(
      connection,
      this.#clock.after(nanos, () => this.#logOut(connection)),
    );
    this.checkLeaving();
  }

  /** Whether a connection that is to be logged out has nothing more to do; asked whenever commands have ended. */
  checkLeaving(): void {
    if (this.#leaving.size === 0) return;
    for (const connection of this.#leaving.keys()) if (connection.taskCount === 0) this.#logOut(connection);
  }

  #stopLeaving(connection: Connection): boolean {
    this.#leaving.get(connection)?.cancel();
    return this.#leaving.delete(connection);
  }

  #logOut(connection: Connection): void {
    if (!this.#stopLeaving(connection)) return;
    connection.logout(this.recovers ? REMOVE_FOR_RECOVERY : CLOSE_CONNECTION, ({ response, time2WaitSeconds }) => {
      if (response === -1 || !this.living.has(connection)) return; // It was lost instead, which is told elsewhere.
      const error = initiatorError('connection-lost', `the connection to ${portalText(connection.address)} was logged out`);
      if (this.recovers) return this.#depart(connection, error, true, time2WaitSeconds);
      this.living.delete(connection);
      this.#host.control.drop(connection);
      // RFC 7143 §11.14.1: the target has ended what was left of its commands.
      this.replay(this.#host.tasksOf(connection), error);
      this.#clock.after(time2WaitSeconds * SECOND, () => this.#further.fill());
    });
  }

  /** Everything ends, or begins anew. */
  stop(): void {
    this.#login = undefined;
    this.#further.stop();
    this.#recovery.stop();
    for (const timer of this.#leaving.values()) timer.cancel();
    this.#leaving.clear();
    for (const connection of this.living) connection.close();
    this.living.clear();
  }

  // ---- what connection recovery asks for ----

  get counters(): RecoveryCounters {
    return this.#host.counters;
  }

  get portals(): readonly PortalAddress[] {
    return this.#host.portals;
  }

  get expectedCommand(): number {
    return this.#host.scheduler.expectedCommand;
  }

  tasksOf(connection: Connection): readonly InitiatorTask[] {
    return this.#host.tasksOf(connection);
  }

  handleAnswer(task: InitiatorTask): void {
    this.#host.scheduler.handleAnswer(task);
  }

  abort(task: InitiatorTask): void {
    this.#host.control.abort(task);
  }

  reassign(task: InitiatorTask, connection: Connection, done: (response: number) => void): void {
    this.#host.control.reassign(task, connection, done);
  }

  replay(tasks: readonly InitiatorTask[], error: InitiatorError): void {
    if (tasks.length === 0) return;
    this.counters.commandsReplayed += this.#host.scheduler.replay(tasks, error);
    this.#host.scheduler.pump();
  }

  reinstate(error: InitiatorError): void {
    this.#host.reinstate(error);
  }

  handleRecovered(recovered: RecoveredConnection): void {
    this.#host.handleRecovered(recovered);
    this.#further.fill();
  }
}
