/**
 * Connection recovery at a target (RFC 7143 §7.1.4.3, §7.2.2, §7.5): what becomes of the tasks of a connection that is gone, at error recovery
 * level 2. They wait, and so do answers nobody acknowledged, until the connection is logged out for recovery and another one takes them
 * over by TASK REASSIGN, or until Time2Wait and Time2Retain have passed.
 */
import { type Clock, SECOND, type Timer } from '../../base/clock.ts';
import { NOP_IN, opcodeOf, SCSI_RESPONSE } from '../../wire/iscsi/basic-header.ts';
import { FUNCTION_REJECTED, TASK_DOES_NOT_EXIST, TASK_STILL_ALLEGIANT } from '../../wire/iscsi/control.ts';
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import type { CommandOwner, TargetCommand } from './target-command.ts';

/** A connection as its session has it, in as far as it can be recovered. */
export interface RecoverableConnection extends CommandOwner {
  readonly connectionId: number;
  readonly remote: string;
  /** Undefined below error recovery level 1. */
  readonly kept: KeptAnswers | undefined;
  /** Its ExpStatSN, told on another connection. */
  acknowledge(expectedStatus: number): void;
  /** Nothing goes out on it any more; what its commands answer is kept for another connection. */
  park(): void;
  /** Nothing of it will be recovered. */
  discard(): void;
  /** Takes a command over, and goes on with it where ExpDataSN says. */
  adopt(command: TargetCommand, expectedData: number): void;
  /** Gives what was answered on another connection. */
  giveAgain(answer: KeptAnswer, expectedData: number): void;
}

/** What the session does for it. */
export interface RecoveringSession {
  readonly clock: Clock;
  readonly time2WaitSeconds: number;
  readonly time2RetainSeconds: number;
  readonly commands: ReadonlyMap<number, TargetCommand>;
  readonly connections: ReadonlyMap<number, RecoverableConnection>;
  readonly maxConnections: number;
  /** The time of a connection's tasks is up. */
  expire(connection: RecoverableConnection): void;
}

/** A connection that is gone. */
interface Departed {
  readonly connection: RecoverableConnection;
  /** Logged out for recovery: its tasks may be reassigned. */
  loggedOut: boolean;
  timer: Timer;
}

/** What TASK REASSIGN comes to: a response, or something to give after the response "function complete". */
export type Reassignment = { readonly response: number } | { readonly give: (to: RecoverableConnection, expectedData: number) => void };

export class SessionRecovery {
  readonly #session: RecoveringSession;
  readonly #departed = new Set<Departed>();

  constructor(session: RecoveringSession) {
    this.#session = session;
  }

  /** Something of this session may still be recovered. */
  get waiting(): boolean {
    return this.#departed.size !== 0;
  }

  /** A connection that was lost and is not logged out yet. */
  lost(connectionId: number): RecoverableConnection | undefined {
    return this.#find(connectionId)?.connection;
  }

  /** A connection is gone; `loggedOut`: for recovery, else it broke. */
  add(connection: RecoverableConnection, loggedOut: boolean): void {
    connection.park();
    // Whoever loses connections over and over without logging them out has no more of them wait than a session may have.
    for (const oldest of this.#departed) {
      if (this.#departed.size < 2 * this.#session.maxConnections) break;
      this.#end(oldest);
    }
    const departed: Departed = { connection, loggedOut, timer: this.#timer(() => this.#end(departed)) };
    this.#departed.add(departed);
    if (loggedOut) this.#forgetEmpty(departed);
  }

  /** A lost connection is logged out for recovery, explicitly or by a login in its place; the time begins anew (RFC 7143 §11.15.4). */
  logOut(connectionId: number): boolean {
    const departed = this.#find(connectionId);
    if (departed === undefined) return false;
    departed.loggedOut = true;
    departed.timer.cancel();
    departed.timer = this.#timer(() => this.#end(departed));
    this.#forgetEmpty(departed);
    return true;
  }

  /** A lost connection is closed: its tasks end. */
  close(connectionId: number): boolean {
    const departed = this.#find(connectionId);
    if (departed !== undefined) this.#end(departed);
    return departed !== undefined;
  }

  /** RFC 7143 §11.5.1, §11.6.1: TASK REASSIGN, and what an ABORT TASK on another connection may need (§11.5.1). */
  reassign(taskTag: number): Reassignment {
    const command = this.#session.commands.get(taskTag);
    if (command !== undefined) {
      const departed = [...this.#departed].find(({ connection }) => connection === command.owner);
      if (departed?.loggedOut !== true) return { response: TASK_STILL_ALLEGIANT };
      return {
        give: (to, expectedData) => {
          to.adopt(command, expectedData);
          this.#forgetEmpty(departed);
        },
      };
    }
    for (const departed of this.#departed) {
      const answer = departed.connection.kept?.find(taskTag);
      if (answer === undefined) continue;
      if (!departed.loggedOut) return { response: TASK_STILL_ALLEGIANT };
      // RFC 7143 §11.5.1: neither task management nor text nor logout can be reassigned.
      const opcode = opcodeOf(answer.header, 0);
      if (opcode !== SCSI_RESPONSE && opcode !== NOP_IN) return { response: FUNCTION_REJECTED };
      return {
        give: (to, expectedData) => {
          departed.connection.kept!.take(answer);
          to.giveAgain(answer, expectedData);
          this.#forgetEmpty(departed);
        },
      };
    }
    for (const connection of this.#session.connections.values())
      if (connection.kept?.find(taskTag) !== undefined) return { response: TASK_STILL_ALLEGIANT };
    return { response: TASK_DOES_NOT_EXIST };
  }

  /** The session ends: so does all waiting. */
  stop(): void {
    for (const { connection, timer } of this.#departed) {
      timer.cancel();
      connection.discard();
    }
    this.#departed.clear();
  }

  #find(connectionId: number): Departed | undefined {
    for (const departed of this.#departed) if (!departed.loggedOut && departed.connection.connectionId === connectionId) return departed;
    return undefined;
  }

  #timer(action: () => void): Timer {
    return this.#session.clock.after((this.#session.time2WaitSeconds + this.#session.time2RetainSeconds) * SECOND, action);
  }

  /** One that was logged out and has nothing left need not wait, unless it keeps a session without connections. */
  #forgetEmpty(departed: Departed): void {
    const { connection } = departed;
    if (this.#session.connections.size === 0 || connection.kept?.size !== 0) return;
    for (const command of this.#session.commands.values()) if (command.owner === connection) return;
    departed.timer.cancel();
    this.#departed.delete(departed);
    connection.discard();
  }

  #end(departed: Departed): void {
    departed.timer.cancel();
    this.#departed.delete(departed);
    this.#session.expire(departed.connection);
    departed.connection.discard();
  }
}
