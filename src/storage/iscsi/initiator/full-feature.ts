/**
 * The full feature phase of an initiator's connection (RFC 7143 §4.2.5, §11): what every PDU of the target's means to the commands and requests
 * that wait for it, in the order of StatSN. Where recovery within the connection was agreed on, it stands in front and sees to that order.
 */
import { be32, EMPTY_BYTES, hex } from '../../../base/bytes.ts';
import { serialAdd } from '../../../base/serial.ts';
import {
  ASYNC_MESSAGE,
  BASIC_HEADER_BYTES,
  DATA_IN,
  initiatorTaskTag,
  LOGOUT_RESPONSE,
  NOP_IN,
  opcodeName,
  opcodeOf,
  READY_TO_TRANSFER,
  REJECT,
  RESERVED_TAG,
  SCSI_RESPONSE,
  TASK_MANAGEMENT_RESPONSE,
  TEXT_RESPONSE,
} from '../../../wire/iscsi/basic-header.ts';
import {
  asyncEvent,
  asyncParameter,
  managementResponse,
  putNopOut,
  putSnackRequest,
  rejectReason,
  SNACK_DATA_ACK,
  SNACK_STATUS,
} from '../../../wire/iscsi/control.ts';
import { STATUS_BIT, targetTransferTag } from '../../../wire/iscsi/data.ts';
import { getLun } from '../../../wire/iscsi/lun.ts';
import { residualOf, RESPONSE_COMPLETED, responseCode, senseOf, statusOf } from '../../../wire/iscsi/scsi-command.ts';
import { commandName } from '../../../wire/scsi/cdb.ts';
import { STATUS_GOOD } from '../../../wire/scsi/status.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Placement } from '../pdu-reader.ts';
import type { Connection, ConnectionOwner, RecoveryOwner } from './connection-types.ts';
import { DataTransfer, type TransferHost } from './data-transfer.ts';
import { type InitiatorError, type InitiatorReason, initiatorError } from './errors.ts';
import type { ExchangeHost, Exchanges } from './exchanges.ts';
import type { RecoveryCounters } from './recovery/counters.ts';
import { WithinConnection, type WithinLimits } from './recovery/within-connection.ts';
import type { WithinHost } from './recovery/within-types.ts';
import type { InitiatorTask } from './task.ts';

/** What the phase asks of its connection. */
export interface FullFeatureHost extends Connection, ExchangeHost {
  taskCount: number;
  scheduleFlush(): void;
}

export class FullFeature implements TransferHost, WithinHost {
  expectedStatus: number;
  readonly transfer: DataTransfer;
  readonly #connection: FullFeatureHost;
  readonly #owner: ConnectionOwner;
  readonly #exchanges: Exchanges;
  #within: WithinConnection | undefined;

  constructor(connection: FullFeatureHost, owner: ConnectionOwner, exchanges: Exchanges, expectedStatus: number) {
    this.#connection = connection;
    this.#owner = owner;
    this.#exchanges = exchanges;
    this.expectedStatus = expectedStatus;
    this.transfer = new DataTransfer(this, connection.writer, connection.parameters);
  }

  /** Error recovery level 1 or 2 was agreed on. */
  recoverWithin(clock: Clock, limits: WithinLimits): void {
    if (this.#owner.recovery !== undefined) this.#within = new WithinConnection(this, clock, limits);
  }

  get within(): WithinConnection | undefined {
    return this.#within;
  }

  stop(): void {
    this.#within?.stop();
  }

  // ---- what the reader brings ----

  findTask(tag: number): InitiatorTask | undefined {
    const task = this.#owner.findTask(tag);
    // RFC 7143 §4.2.5.1: what concerns a command comes on the connection it went by.
    return task?.connection === this.#connection ? task : undefined;
  }

  place(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined {
    return (this.#within ?? this.transfer).place(bytes, at, dataBytes);
  }

  handlePdu(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    this.#owner.handleNumbers(be32(bytes, at + 28), be32(bytes, at + 32));
    if (this.#within !== undefined) this.#within.handlePdu(bytes, at, dataAt, dataBytes, placement);
    else if (opcodeOf(bytes, at) === DATA_IN) this.#handleDataIn(bytes, at, dataAt, dataBytes, placement);
    else this.dispatch(bytes, at, dataAt, dataBytes);
  }

  dispatch(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number): void {
    const opcode = opcodeOf(bytes, at);
    switch (opcode) {
      case READY_TO_TRANSFER:
        return this.answerReady(bytes, at);
      case SCSI_RESPONSE:
        return this.#handleResponse(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
      case NOP_IN:
        return this.#handleNop(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
      case TASK_MANAGEMENT_RESPONSE:
        if (this.#takeStatus(bytes, at)) this.#owner.handleManaged(initiatorTaskTag(bytes, at), managementResponse(bytes, at));
        return;
      case TEXT_RESPONSE:
        if (this.#takeStatus(bytes, at)) this.#exchanges.handleText(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
        return;
      case LOGOUT_RESPONSE:
        return this.#handleLogout(bytes, at);
      case ASYNC_MESSAGE:
        return this.#handleAsync(bytes, at, bytes.subarray(dataAt, dataAt + dataBytes));
      case REJECT:
        if (!this.#takeStatus(bytes, at)) return;
        return this.#owner.handleReject(
          this.#connection,
          rejectReason(bytes, at),
          bytes.slice(dataAt, dataAt + Math.min(dataBytes, BASIC_HEADER_BYTES)),
        );
      default:
        this.fail('opcode-unknown', `the target sent a PDU of ${opcodeName(opcode)}`, hex(bytes.subarray(at, at + BASIC_HEADER_BYTES)));
    }
  }

  /** StatSN of a PDU that carries one; false if the connection can't go on. */
  #takeStatus(bytes: Uint8Array, at: number): boolean {
    const number = be32(bytes, at + 24);
    if (number !== this.expectedStatus) {
      // RFC 7143 §7.9: a status is lost, which only recovery within the connection could ask for again.
      this.fail('status-sequence', `${opcodeName(opcodeOf(bytes, at))} with StatSN ${number} where ${this.expectedStatus} was due`);
      return false;
    }
    this.expectedStatus = serialAdd(number, 1);
    return true;
  }

  #handleDataIn(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    const task = this.transfer.handleDataIn(bytes, at, dataAt, dataBytes, placement);
    if (task !== undefined && (bytes[at + 1]! & STATUS_BIT) !== 0) this.#handleDataStatus(task, bytes, at);
  }

  dispatchDataStatus(bytes: Uint8Array, at: number): void {
    const task = this.findTask(initiatorTaskTag(bytes, at));
    // Held back until its turn had come, and its command was given up meanwhile.
    if (task === undefined || task.answered) this.#takeStatus(bytes, at);
    else this.#handleDataStatus(task, bytes, at);
  }

  #handleDataStatus(task: InitiatorTask, bytes: Uint8Array, at: number): void {
    if (!this.#takeStatus(bytes, at)) return;
    task.status = statusOf(bytes, at);
    task.residual = residualOf(bytes, at);
    this.#answered(task);
  }

  #handleResponse(bytes: Uint8Array, at: number, segment: Uint8Array): void {
    if (!this.#takeStatus(bytes, at)) return;
    const tag = initiatorTaskTag(bytes, at);
    const task = this.findTask(tag);
    if (task === undefined || task.answered)
      return this.fail('tag-unknown', `a SCSI Response for the Initiator Task Tag ${tag.toString(16)}h, which names no command`);
    const code = responseCode(bytes, at);
    if (code === RESPONSE_COMPLETED) {
      task.status = statusOf(bytes, at);
      task.residual = residualOf(bytes, at);
      if (segment.length !== 0) task.sense = senseOf(segment).slice();
    } else
      task.error = initiatorError('target-failure', `the target failed to carry out ${commandName(task.cdb)}`, {
        dump: `response ${code}`,
      });
    this.#answered(task);
  }

  #answered(task: InitiatorTask): void {
    if (task.status === STATUS_GOOD && task.read && task.receivedBytes + Math.max(0, task.residual) < task.dataInBytes) {
      // RFC 7143 §7.9: a Data-In is missing that no gap in DataSN tells of.
      const message = `${commandName(task.cdb)}: ${task.receivedBytes} of ${task.dataInBytes} bytes came, and the target reports no residual`;
      task.error = initiatorError('data-missing', message);
      task.status = -1;
    }
    task.answered = true;
    if (task.unsentWrites === 0) this.#release(task);
  }

  handleSent(task: InitiatorTask): void {
    if (!this.isFull || task.connection !== this.#connection) return; // it went another way meanwhile
    task.unsentWrites -= 1;
    if (task.unsentWrites !== 0 || !task.answered) return;
    this.#release(task);
    this.#owner.handleBatchEnd();
  }

  #release(task: InitiatorTask): void {
    this.#connection.taskCount -= 1;
    this.#owner.handleAnswer(task);
  }

  /** A task that ends without an answer of its own: its abort was answered (RFC 7143 §11.6), or it was rejected. */
  abandon(task: InitiatorTask): void {
    if (task.answered) return;
    task.answered = true;
    if (task.unsentWrites === 0) this.#release(task);
  }

  #handleNop(bytes: Uint8Array, at: number, data: Uint8Array): void {
    const tag = initiatorTaskTag(bytes, at);
    if (tag !== RESERVED_TAG) {
      if (this.#takeStatus(bytes, at)) this.#exchanges.handleEcho(tag, data);
      return;
    }
    // RFC 7143 §11.19: this StatSN is the next one, not taken.
    if (be32(bytes, at + 24) !== this.expectedStatus) return void this.#takeStatus(bytes, at);
    this.answerNop(bytes, at, data);
  }

  answerNop(bytes: Uint8Array, at: number, data: Uint8Array): void {
    const transferTag = targetTransferTag(bytes, at);
    if (transferTag === RESERVED_TAG) return; // Only its numbers matter.
    const connection = this.#connection;
    const { writer } = connection;
    const echo = data.slice(0, Math.min(data.length, connection.parameters.sendSegmentBytesMax));
    const out = writer.begin(echo.length);
    putNopOut(writer.buffer, out, RESERVED_TAG, transferTag, bytes.subarray(at + 8, at + 16), echo.length, connection.numbers(false));
    connection.send(out, echo);
  }

  #handleLogout(bytes: Uint8Array, at: number): void {
    if (!this.#takeStatus(bytes, at)) return;
    const answer = this.#exchanges.takeLogout(bytes, at);
    if (answer === undefined) {
      // What was asked for twice may be answered twice.
      if (this.#within !== undefined) return;
      return this.fail('tag-unknown', 'a Logout Response that nobody asked for');
    }
    if (answer.closes) this.#connection.close(true);
    answer.tell();
  }

  #handleAsync(bytes: Uint8Array, at: number, data: Uint8Array): void {
    if (!this.#takeStatus(bytes, at)) return;
    const parameters = [asyncParameter(bytes, at, 1), asyncParameter(bytes, at, 2), asyncParameter(bytes, at, 3)] as const;
    const message = { event: asyncEvent(bytes, at), lun: getLun(bytes, at + 8), parameters, data: data.slice() };
    this.#owner.handleAsyncMessage(this.#connection, message);
  }

  handleDataDigestError(bytes: Uint8Array, at: number): void {
    if (this.#within !== undefined) return this.#within.handleDataDigestError(bytes, at);
    // RFC 7143 §7.8: without recovery within the connection, what the PDU brought can't be asked for again.
    this.fail(
      'data-digest',
      `a ${opcodeName(opcodeOf(bytes, at))} failed its data digest`,
      hex(bytes.subarray(at, at + BASIC_HEADER_BYTES)),
    );
  }

  fail(reason: InitiatorReason, message: string, dump?: string): void {
    this.#connection.fail(reason, message, dump);
  }

  // ---- what recovery within the connection asks for ----

  get isFull(): boolean {
    return this.#connection.isFull;
  }

  get counters(): RecoveryCounters {
    return this.#recovery.counters;
  }

  get expectedCommand(): number {
    return this.#recovery.expectedCommand;
  }

  get commandSequenceNumber(): number {
    return this.#owner.commandSequenceNumber;
  }

  get #recovery(): RecoveryOwner {
    return this.#owner.recovery!;
  }

  tasks(): readonly InitiatorTask[] {
    return this.#recovery.tasksOf(this.#connection);
  }

  handleDamage(error: InitiatorError): void {
    this.#recovery.handleDamage(error);
  }

  handleResend(what: string): void {
    this.#recovery.handleResend(what);
  }

  handleBatchEnd(): void {
    this.#owner.handleBatchEnd();
  }

  answerReady(bytes: Uint8Array, at: number): void {
    this.transfer.handleReady(bytes, at);
    this.#connection.scheduleFlush();
  }

  issueAgain(task: InitiatorTask): void {
    this.transfer.issue(task);
    this.#connection.scheduleFlush();
  }

  snack(type: number, lun: number, taskTag: number, transferTag: number, begin: number, length: number): void {
    const { writer } = this.#connection;
    if (type !== SNACK_DATA_ACK) {
      const what = type === SNACK_STATUS ? 'statuses from StatSN' : 'PDUs from DataSN or R2TSN';
      this.#recovery.handleResend(`${length} ${what} ${begin} on`);
    }
    const at = writer.begin(0);
    putSnackRequest(writer.buffer, at, type, lun, taskTag, transferTag, begin, length, this.expectedStatus);
    this.#connection.send(at, EMPTY_BYTES);
  }

  probe(): number {
    return this.#exchanges.probe();
  }
}
