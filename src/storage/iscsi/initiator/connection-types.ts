/** What a connection of an initiator is to those around it: what it is given, what it can do, and whom it tells. */
import type { Clock } from '../../../base/clock.ts';
import type { Rng } from '../../../base/rng.ts';
import type { Parameters } from '../parameters.ts';
import type { InitiatorError, InitiatorReason } from './errors.ts';
import type { LoggedIn } from './login.ts';
import type { PingDone } from './pings.ts';
import type { PortalAddress } from './portal-address.ts';
import type { RecoveryCounters } from './recovery/counters.ts';
import type { Allegiance, InitiatorTask } from './task.ts';
import type { TextAnswer } from './text-question.ts';
import type { Dial } from './transport.ts';

/** What connections are given to work with. */
export interface ConnectionServices {
  readonly clock: Clock;
  /** Challenges come from it. */
  readonly rng: Rng;
  readonly dial: Dial;
  /** Runs `action` soon, when everything has been submitted that is about to be: what was written until then leaves as one batch. */
  readonly defer: (action: () => void) => void;
}

export interface LogoutAnswer {
  /** RFC 7143 §11.15.1; -1: there was none, and the connection is gone. */
  readonly response: number;
  readonly time2WaitSeconds: number;
  readonly time2RetainSeconds: number;
}

/** What owners ask of a connection. */
export interface Connection extends Allegiance {
  readonly address: PortalAddress;
  readonly parameters: Parameters;
  /** Commands allegiant to it. */
  readonly taskCount: number;
  /** A logout is to come: nothing more is sent by it. */
  leaving: boolean;
  issue(task: InitiatorTask): void;
  /** Error recovery level 1 or 2 was agreed on. */
  readonly recoversWithin: boolean;
  /** Sends a command again that the target has not received, under its number (RFC 7143 §7.2.1). */
  retry(task: InitiatorTask): void;
  /** Likewise, a command that it has adopted. */
  issueAgain(task: InitiatorTask): void;
  /** The target rejected the SNACK with this header. */
  handleRejectedSnack(header: Uint8Array): void;
  /** The task goes on by this connection from now on, for a TASK REASSIGN, a retry or an abort. */
  adopt(task: InitiatorTask): void;
  /** Takes that back. */
  disown(task: InitiatorTask): void;
  /** A task that ends without an answer of its own: its abort was answered (RFC 7143 §11.6), or it was rejected. */
  abandon(task: InitiatorTask): void;
  /** Task management; the request's task tag. `task`: the one that ABORT TASK means. */
  manage(code: number, lun: number, task: InitiatorTask | undefined): number;
  /** Asks to close the session or this connection; `done` runs once, also if the connection goes instead of answering. */
  logout(reason: number, done: (answer: LogoutAnswer) => void): void;
  /** ExpStatSN: every status before it has come. */
  readonly expectedStatus: number;
  /** Asks to remove another connection for recovery (RFC 7143 §11.14, reason 2), of which this is the ExpStatSN; one at a time. */
  remove(connectionId: number, expectedStatus: number, done: (answer: LogoutAnswer) => void): void;
  /** A text exchange; one at a time. */
  ask(text: string, done: (answer: TextAnswer) => void): void;
  /** A NOP-Out with data, of which only what fits into one segment is sent; `done` runs once, with what came back. */
  ping(data: Uint8Array, done: PingDone): void;
  /** Gives it up, as a request of this opcode had no answer in time; `what`: the request in words. */
  unanswered(what: string, opcode: number): void;
  /** Gives it up, for a reason that the owner is told. */
  fail(reason: InitiatorReason, message: string, dump?: string): void;
  /** Ends it without a word to the owner: at once, or after what was written has left. */
  close(gracefully?: boolean): void;
}

export interface AsyncMessage {
  readonly event: number;
  /** -1: several levels, or an addressing method of no logical unit of ours. */
  readonly lun: number;
  readonly parameters: readonly [number, number, number];
  /** Sense data with its length before it, for a SCSI event. */
  readonly data: Uint8Array;
}

/** What recovery within a connection needs of the session. */
export interface RecoveryOwner {
  readonly counters: RecoveryCounters;
  /** ExpCmdSN: everything before it has been received. */
  readonly expectedCommand: number;
  tasksOf(connection: Connection): readonly InitiatorTask[];
  /** Something was damaged, and is asked for again. */
  handleDamage(error: InitiatorError): void;
  /** Something that was lost is asked for, or sent, again. */
  handleResend(what: string): void;
}

export interface ConnectionOwner {
  /** Undefined: no recovery within a connection, whatever was agreed on. */
  readonly recovery: RecoveryOwner | undefined;
  /** CmdSN of the next command: immediate requests carry it, and leave it. */
  readonly commandSequenceNumber: number;
  takeCommandNumber(): number;
  /** An Initiator Task Tag for a request that is no command: RFC 7143 §11.2.1.8 wants it to be the only one in its session. */
  nextTag(): number;
  findTask(tag: number): InitiatorTask | undefined;
  /** ExpCmdSN and MaxCmdSN, as every PDU brings them. */
  handleNumbers(expected: number, max: number): void;
  handleLoggedIn(connection: Connection, result: LoggedIn): void;
  handleRedirected(connection: Connection, address: PortalAddress, permanently: boolean): void;
  /** The task has its status (or an error in place of one), and its buffers are its own again. */
  handleAnswer(task: InitiatorTask): void;
  handleManaged(taskTag: number, response: number): void;
  /** `header` is the PDU that was rejected. */
  handleReject(connection: Connection, reason: number, header: Uint8Array): void;
  handleAsyncMessage(connection: Connection, message: AsyncMessage): void;
  /** All that came in one arrival is handled. */
  handleBatchEnd(): void;
  /** It can't go on; said once, unless `close` was called before. */
  handleLost(connection: Connection, error: InitiatorError): void;
}
