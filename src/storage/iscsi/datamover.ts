/**
 * Datamover (RFC 5047): what an iSCSI session needs in order to move control PDUs and SCSI data. PDUs on a byte stream are one
 * implementation (RFC 7143), RDMA reads and writes will be the other (iSER, RFC 7145). The session knows neither.
 */
import type { KeptAnswer, KeptAnswers } from './kept-answers.ts';
import type { KeptData } from './kept-data.ts';
import type { Parameters } from './parameters.ts';
import type { Placement } from './pdu-reader.ts';
import type { OutstandingTransfer, TargetCommand } from './target-command.ts';

export interface Datamover {
  readonly remote: string;
  readonly local: string;
  /** Bytes that wait to be sent. */
  readonly pendingBytes: number;
  /** Send_Control (RFC 5047 §4.2.1), in two steps: writes the header in `buffer` at the offset given, then `sendControl`. */
  beginControl(dataBytes: number): number;
  readonly buffer: Uint8Array;
  sendControl(at: number, data: Uint8Array | undefined): void;
  /** Put_Data with the status (§4.2.2): moves the command's data-in, then its SCSI Response; the response may ride in the last data. */
  putDataAndStatus(command: TargetCommand): void;
  /** Get_Data (§4.2.3): asks for the command's data-out up to `command.wantedBytes`; ends in `command.dataOutComplete()`. */
  getData(command: TargetCommand): void;
  /** A Data-Out that came before its command had its turn. */
  receiveData(bytes: Uint8Array, dataAt: number, dataBytes: number): void;
  /** There is room now for the data-out of a command that waited for it. */
  resumeData(command: TargetCommand): void;
  /** Deallocate_Task_Resources (§4.2.7): nothing more is wanted of the command's data. */
  forget(command: TargetCommand): void;
  /** Enable_Datamover and Notice_Key_Values (§4.2.5-6): the full feature phase begins with these values. */
  enable(parameters: Parameters, kept: KeptAnswers | undefined): void;
  /** Sends what was written. Called by itself at the end of every arrival. */
  flush(): void;
  /** While paused, no further PDUs come up. */
  pause(): void;
  resume(): void;
  /** Connection_Terminate (§4.2.4): at once, or after what was written has left. */
  terminate(gracefully: boolean): void;

  // ---- error recovery levels 1 and 2 (RFC 7143 §7.1) ----

  /** What was sent and is not acknowledged; undefined at level 0. */
  readonly kept: KeptAnswers | undefined;
  /** Sends Data-In PDUs again, from `begin` up to `end`. */
  resendData(answer: KeptAnswer, data: KeptData, begin: number, end: number): void;
  resendStatus(answer: KeptAnswer): void;
  /** Sends all data that is not acknowledged in pieces of what the initiator takes now, and the response with this SNACK Tag. */
  resendResegmented(answer: KeptAnswer, data: KeptData, snackTag: number): void;
  resendReadyToTransfer(command: TargetCommand, transfer: OutstandingTransfer): void;
  /** The data of this Data-Out failed its digest: asks for it again. */
  recoverData(command: TargetCommand, bytes: Uint8Array, at: number): void;
  /** At intervals: asks again for data that does not come. How many bytes that is; -1: it was asked for too often. */
  watchData(command: TargetCommand): number;
  /** Gives what was answered on a connection that is no more: data from `expectedData` (ExpDataSN) on, and the status. */
  giveAgain(answer: KeptAnswer, expectedData: number): void;
  /** A command came over from a connection that is no more: goes on with its data-out, the next R2T with this R2TSN. */
  adoptData(command: TargetCommand, nextSequenceNumber: number): void;
  /** Its commands wait for another connection: nothing is sent any more, what they answer is kept. */
  park(): void;
}

/** What a datamover counts, over all connections. */
export interface DataCounters {
  /** Streams that could not be understood any further. */
  formatErrors: number;
  /** Data that came for no command, or for one that takes no more. */
  droppedDataOuts: number;
  /** Ready To Transfers for data that was lost. */
  recoveryReadyToTransfers: number;
}

/** What the datamover tells the session's connection (RFC 5047 §4.3). */
export interface DatamoverSink {
  /** Control_Notify: any PDU but data. Nothing of `bytes` may be kept. A placement holds immediate data that came past `bytes`. */
  handleControl(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void;
  /** The command a Data-Out belongs to. */
  findCommand(taskTag: number): TargetCommand | undefined;
  /** A Data-Out for no command we have: true if one that waits for its turn takes it. Nothing of `bytes` may be kept. */
  holdData(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): boolean;
  /** A place for immediate data that is on its way; undefined: none is kept. */
  placeImmediate(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined;
  /** The peer broke the protocol in a way that concerns one PDU; `taskTag` names its command. */
  handleDataError(command: TargetCommand | undefined, bytes: Uint8Array, at: number, reason: string): void;
  handleDataDigestError(bytes: Uint8Array, at: number): void;
  /** A PDU was skipped because its header failed its digest. */
  handleHeaderDigestError(): void;
  /** All of one arrival is handled. */
  handleBatchEnd(): void;
  /** Connection_Terminate_Notify; said once. */
  handleTerminated(reason: string | undefined): void;
}
