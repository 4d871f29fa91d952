/** What recovery within a connection (RFC 7143 §7.1.4.2) asks of the connection that it keeps alive. */
import type { InitiatorError, InitiatorReason } from '../errors.ts';
import type { InitiatorTask } from '../task.ts';
import type { RecoveryCounters } from './counters.ts';

export interface WithinHost {
  /** StatSN that is due. */
  readonly expectedStatus: number;
  /** The connection goes on. */
  readonly isFull: boolean;
  readonly counters: RecoveryCounters;
  /** A task of this connection. */
  findTask(tag: number): InitiatorTask | undefined;
  /** All tasks of this connection that are under way. */
  tasks(): readonly InitiatorTask[];
  /** ExpCmdSN and CmdSN of the session. */
  readonly expectedCommand: number;
  readonly commandSequenceNumber: number;
  /** A PDU whose turn has come; with the StatSN that is due, if it has one. */
  dispatch(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void;
  /** The status in the header of a Data-In whose turn has come. */
  dispatchDataStatus(bytes: Uint8Array, at: number): void;
  /** Answers what came in a NOP-In that has no task tag. */
  answerNop(bytes: Uint8Array, at: number, data: Uint8Array): void;
  /** Answers a Ready To Transfer whose turn has come. */
  answerReady(bytes: Uint8Array, at: number): void;
  /** Sends the command once more, as it was. */
  issueAgain(task: InitiatorTask): void;
  snack(type: number, lun: number, taskTag: number, transferTag: number, begin: number, length: number): void;
  /** Sends a NOP-Out that wants an answer; its task tag. */
  probe(): number;
  /** Something was damaged, and is not lost for that. */
  handleDamage(error: InitiatorError): void;
  /** A command is sent again. */
  handleResend(what: string): void;
  /** All that this arrival led to is handled. */
  handleBatchEnd(): void;
  fail(reason: InitiatorReason, message: string, dump?: string): void;
}
