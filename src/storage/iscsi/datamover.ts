/**
 * Datamover (RFC 5047): what an iSCSI session needs in order to move control PDUs and SCSI data. PDUs on a byte stream are one
 * implementation (RFC 7143), RDMA reads and writes will be the other (iSER, RFC 7145). The session knows neither.
 */
import type { Parameters } from './parameters.ts';
import type { Placement } from './pdu-reader.ts';
import type { TargetCommand } from './target-command.ts';

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
  /** Deallocate_Task_Resources (§4.2.7): nothing more is wanted of the command's data. */
  forget(command: TargetCommand): void;
  /** Enable_Datamover and Notice_Key_Values (§4.2.5-6): the full feature phase begins with these values. */
  enable(parameters: Parameters): void;
  /** Sends what was written. Called by itself at the end of every arrival. */
  flush(): void;
  /** While paused, no further PDUs come up. */
  pause(): void;
  resume(): void;
  /** Connection_Terminate (§4.2.4): at once, or after what was written has left. */
  terminate(gracefully: boolean): void;
}

/** What a datamover counts, over all connections. */
export interface DataCounters {
  /** Streams that could not be understood any further. */
  formatErrors: number;
  /** Data that came for no command, or for one that takes no more. */
  droppedDataOuts: number;
}

/** What the datamover tells the session's connection (RFC 5047 §4.3). */
export interface DatamoverSink {
  /** Control_Notify: any PDU but data. Nothing of `bytes` may be kept. A placement holds immediate data that came past `bytes`. */
  handleControl(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void;
  /** The command a Data-Out belongs to. */
  findCommand(taskTag: number): TargetCommand | undefined;
  /** A place for immediate data that is on its way; undefined: none is kept. */
  placeImmediate(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined;
  /** The peer broke the protocol in a way that concerns one PDU; `taskTag` names its command. */
  handleDataError(command: TargetCommand | undefined, bytes: Uint8Array, at: number, reason: string): void;
  handleDataDigestError(bytes: Uint8Array, at: number): void;
  /** All of one arrival is handled. */
  handleBatchEnd(): void;
  /** Connection_Terminate_Notify; said once. */
  handleTerminated(reason: string | undefined): void;
}
