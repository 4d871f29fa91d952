/** A SCSI command as an initiator session holds it: what was asked for, how far it has come, and how it ended. */
import { EMPTY_BYTES } from '../../../base/bytes.ts';
import type { Nanos } from '../../../base/clock.ts';
import type { ScsiCommandHeader } from '../../../wire/iscsi/scsi-command.ts';
import { isIdempotent } from '../../../wire/scsi/cdb.ts';
import { STATUS_CHECK_CONDITION, type TaskAttribute } from '../../../wire/scsi/status.ts';
import type { InitiatorError } from './errors.ts';
import type { TaskRecovery } from './recovery/task-recovery.ts';

export interface CommandRequest {
  readonly lun: number;
  /** 16 bytes at most. Must not change until the command is done. */
  readonly cdb: Uint8Array;
  readonly attribute?: TaskAttribute | undefined;
  /** Must not change until the command is done. A command moves data one way. */
  readonly dataOut?: readonly Uint8Array[] | undefined;
  /** Most bytes of data-in; they land in `dataIn`, or in a buffer made when the command is sent. */
  readonly dataInBytes?: number | undefined;
  /** At least `dataInBytes` long. */
  readonly dataIn?: Uint8Array | undefined;
  /** Instead of the session's. 0: for ever. */
  readonly timeoutNanos?: Nanos | undefined;
  /** Whether it may be sent again when its connection was lost; by default what is known of the command decides. */
  readonly replay?: boolean | undefined;
  /** How often it is sent again after UNIT ATTENTION, which says that it was not carried out. Default: never. */
  readonly attentionRetries?: number | undefined;
}

/** Where a task is on its way. */
export type TaskState =
  | 'queued'
  | 'sent'
  /** BUSY or TASK SET FULL: waits to be sent again. */
  | 'waiting'
  /** Sent, and its ABORT TASK as well. */
  | 'aborting'
  | 'done';

/** What holds a task: its connection (RFC 7143 §4.2.5.1, allegiance). */
export interface Allegiance {
  readonly connectionId: number;
  /** In the full feature phase: logged in, and not over. */
  readonly isFull: boolean;
}

export class InitiatorTask implements ScsiCommandHeader {
  readonly lun: number;
  readonly cdb: Uint8Array;
  readonly attribute: TaskAttribute;
  readonly dataOut: readonly Uint8Array[];
  readonly dataOutBytes: number;
  readonly dataInBytes: number;
  dataIn: Uint8Array;
  readonly timeoutNanos: Nanos | undefined;
  readonly replayable: boolean;
  readonly #done: (task: InitiatorTask) => void;

  // ---- the fields of its command PDU ----
  readonly read: boolean;
  readonly write: boolean;
  readonly immediate = false;
  final = true;
  initiatorTaskTag = 0;
  commandSequenceNumber = 0;
  expectedStatusSequenceNumber = 0;
  immediateDataBytes = 0;

  // ---- how far it has come ----
  state: TaskState = 'queued';
  connection: Allegiance | undefined = undefined;
  deadline: Nanos = Number.POSITIVE_INFINITY;
  /** Data-in has come without a gap up to here. */
  receivedBytes = 0;
  /** DataSN of the next Data-In, and R2TSN of the next Ready To Transfer. */
  expectedDataSequenceNumber = 0;
  expectedReadySequenceNumber = 0;
  /** Data-out has been sent up to here, so that a repeated Ready To Transfer can be told from a new one. */
  sentBytes = 0;
  /** Writes of its data that have not left: its buffers are not the caller's again before. */
  unsentWrites = 0;
  /** Its response has come; it ends when its data has left. */
  answered = false;
  replays = 0;
  /** Undefined where nothing has gone wrong. */
  recovery: TaskRecovery | undefined = undefined;
  busyRetries = 0;
  attentionsLeft: number;
  /** Why it is being aborted: what becomes of it unless it ends by itself before. */
  abortReason: InitiatorError | undefined = undefined;

  // ---- how it ended ----
  status = -1;
  sense: Uint8Array = EMPTY_BYTES;
  /** RFC 7143 §11.4.5: positive for an underflow, negative for an overflow. */
  residual = 0;
  /** Set if it came to no status. */
  error: InitiatorError | undefined = undefined;

  /** `done` runs exactly once; nobody touches the buffers after it. */
  constructor(request: CommandRequest, done: (task: InitiatorTask) => void) {
    this.lun = request.lun;
    this.cdb = request.cdb;
    this.attribute = request.attribute ?? 'simple';
    this.dataOut = request.dataOut ?? noViews;
    this.dataOutBytes = sum(this.dataOut);
    this.dataInBytes = request.dataInBytes ?? 0;
    this.dataIn = request.dataIn ?? EMPTY_BYTES;
    this.timeoutNanos = request.timeoutNanos;
    this.replayable = request.replay ?? isIdempotent(request.cdb);
    this.attentionsLeft = request.attentionRetries ?? 0;
    this.read = this.dataInBytes !== 0;
    this.write = this.dataOutBytes !== 0;
    this.#done = done;
  }

  get expectedTransferBytes(): number {
    return this.write ? this.dataOutBytes : this.dataInBytes;
  }

  /** What it counts for in the bounds on bytes. */
  get weightBytes(): number {
    return this.dataOutBytes + this.dataInBytes;
  }

  /** Data-in that came with GOOD status and that the target counts. */
  get data(): Uint8Array {
    return this.dataIn.length === this.receivedBytes ? this.dataIn : this.dataIn.subarray(0, this.receivedBytes);
  }

  get senseKey(): number {
    if (this.status !== STATUS_CHECK_CONDITION || this.sense.length < 3) return 0;
    const response = this.sense[0]! & 0x7f;
    return (response === 0x72 || response === 0x73 ? this.sense[1]! : this.sense[2]!) & 0x0f;
  }

  /** Forgets how far it had come: it is sent as if for the first time. */
  rewind(): void {
    this.state = 'queued';
    this.connection = undefined;
    this.deadline = Number.POSITIVE_INFINITY;
    this.receivedBytes = 0;
    this.expectedDataSequenceNumber = 0;
    this.expectedReadySequenceNumber = 0;
    this.sentBytes = 0;
    this.unsentWrites = 0;
    this.recovery = undefined;
    this.answered = false;
    this.status = -1;
    this.sense = EMPTY_BYTES;
    this.residual = 0;
  }

  finish(): void {
    this.state = 'done';
    this.#done(this);
  }
}

const noViews: readonly Uint8Array[] = [];

function sum(views: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const view of views) bytes += view.length;
  return bytes;
}
