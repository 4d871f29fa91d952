/**
 * The data of an initiator's commands on one connection (RFC 7143 §4.2.5.2, §11.7-11.8): immediate and unsolicited data, Data-Out for
 * every Ready To Transfer, and Data-In straight into the buffers that the caller gave.
 */
import { EMPTY_BYTES } from '../../../base/bytes.ts';
import { initiatorTaskTag, RESERVED_TAG } from '../../../wire/iscsi/basic-header.ts';
import { bufferOffset, dataSequenceNumber, desiredBytes, putDataOut, targetTransferTag } from '../../../wire/iscsi/data.ts';
import { encodeScsiCommand } from '../../../wire/iscsi/scsi-command.ts';
import { commandName } from '../../../wire/scsi/cdb.ts';
import type { Parameters } from '../parameters.ts';
import type { Placement } from '../pdu-reader.ts';
import { LINK_BYTES_MIN, type PduWriter } from '../pdu-writer.ts';
import type { InitiatorReason } from './errors.ts';
import type { InitiatorTask } from './task.ts';
import { sliceViews } from './views.ts';

/** What the transfer asks of its connection. */
export interface TransferHost {
  /** ExpStatSN. */
  readonly expectedStatus: number;
  findTask(tag: number): InitiatorTask | undefined;
  /** A write of the task's data has left. */
  handleSent(task: InitiatorTask): void;
  fail(reason: InitiatorReason, message: string): void;
}

export class DataTransfer {
  readonly #host: TransferHost;
  readonly #writer: PduWriter;
  readonly #parameters: Parameters;

  constructor(host: TransferHost, writer: PduWriter, parameters: Parameters) {
    this.#host = host;
    this.#writer = writer;
    this.#parameters = parameters;
  }

  /** Writes the command, and as much of its data as may go unasked. */
  issue(task: InitiatorTask): void {
    const { immediateData, initialR2T, firstBurstBytes, sendSegmentBytesMax } = this.#parameters;
    let immediate = 0;
    let unsolicited = 0;
    if (task.write) {
      unsolicited = Math.min(task.dataOutBytes, firstBurstBytes);
      if (immediateData) immediate = Math.min(unsolicited, sendSegmentBytesMax);
      if (initialR2T) unsolicited = immediate;
    }
    task.immediateDataBytes = immediate;
    // RFC 7143 §11.3.1: F, unless unsolicited Data-Out follows.
    task.final = unsolicited === immediate;
    task.expectedStatusSequenceNumber = this.#host.expectedStatus;
    const link = immediate >= LINK_BYTES_MIN;
    const at = this.#writer.begin(link ? 0 : immediate);
    encodeScsiCommand(task, this.#writer.buffer, at);
    this.#writer.sealHeader(at);
    if (immediate !== 0) this.#data(task, 0, immediate, link);
    if (!task.final) this.#sequence(task, RESERVED_TAG, immediate, unsolicited);
    task.sentBytes = unsolicited;
  }

  #data(task: InitiatorTask, offset: number, bytes: number, link: boolean): void {
    const views = sliceViews(task.dataOut, offset, bytes);
    if (!link) return this.#writer.copyData(views, bytes);
    task.unsentWrites += 1;
    this.#writer.linkData(views, bytes);
    this.#writer.whenSent(() => this.#host.handleSent(task));
  }

  /** One sequence of Data-Out from `start` to `end`. */
  #sequence(task: InitiatorTask, transferTag: number, start: number, end: number): void {
    const segmentMax = this.#parameters.sendSegmentBytesMax;
    let sequence = 0;
    for (let offset = start; offset < end; sequence += 1) {
      const bytes = Math.min(end - offset, segmentMax);
      const link = bytes >= LINK_BYTES_MIN;
      const at = this.#writer.begin(link ? 0 : bytes);
      const { lun, initiatorTaskTag: tag } = task;
      const final = offset + bytes === end;
      putDataOut(this.#writer.buffer, at, lun, tag, transferTag, this.#host.expectedStatus, sequence, offset, bytes, final);
      this.#writer.sealHeader(at);
      this.#data(task, offset, bytes, link);
      offset += bytes;
    }
  }

  handleReady(bytes: Uint8Array, at: number): void {
    const task = this.#host.findTask(initiatorTaskTag(bytes, at));
    if (task === undefined) return this.#unknown('a Ready To Transfer', bytes, at);
    const offset = bufferOffset(bytes, at);
    const wanted = desiredBytes(bytes, at);
    const sequence = dataSequenceNumber(bytes, at);
    const range = `${wanted} bytes from ${offset} on`;
    let wrong: string | undefined;
    if (!task.write || task.answered) wrong = 'for a command that has nothing to send';
    else if (wanted === 0 || wanted > this.#parameters.maxBurstBytes)
      wrong = `${range}, with MaxBurstLength ${this.#parameters.maxBurstBytes}`;
    else if (offset + wanted > task.dataOutBytes) wrong = `${range}, of ${task.dataOutBytes}`;
    else if (sequence !== task.expectedReadySequenceNumber) wrong = `R2TSN ${sequence} where ${task.expectedReadySequenceNumber} was due`;
    else if (targetTransferTag(bytes, at) === RESERVED_TAG) wrong = 'without a Target Transfer Tag';
    if (wrong !== undefined)
      return this.#host.fail('r2t-invalid', `a Ready To Transfer for ${commandName(task.cdb)} can't be right: ${wrong}`);
    task.expectedReadySequenceNumber += 1;
    this.#sequence(task, targetTransferTag(bytes, at), offset, offset + wanted);
    task.sentBytes = Math.max(task.sentBytes, offset + wanted);
  }

  /** Where the data of a Data-In goes whose header has come; undefined: into the receive buffer, to be looked at with its header. */
  place(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined {
    const task = this.#host.findTask(initiatorTaskTag(bytes, at));
    if (task === undefined || this.#mismatch(task, bytes, at, dataBytes) !== undefined) return undefined;
    return new TaskPlacement(task, bufferOffset(bytes, at));
  }

  #mismatch(task: InitiatorTask, bytes: Uint8Array, at: number, dataBytes: number): readonly [InitiatorReason, string] | undefined {
    const offset = bufferOffset(bytes, at);
    const sequence = dataSequenceNumber(bytes, at);
    if (task.answered) return ['data-sequence', 'data after the response'];
    if (offset + dataBytes > task.dataInBytes) return ['data-too-long', `data up to ${offset + dataBytes}, of ${task.dataInBytes}`];
    if (sequence !== task.expectedDataSequenceNumber)
      return ['data-sequence', `DataSN ${sequence} where ${task.expectedDataSequenceNumber} was due`];
    // RFC 7143 §13.18-19: both orders were agreed on.
    if (offset !== task.receivedBytes) return ['data-sequence', `Buffer Offset ${offset} where ${task.receivedBytes} was due`];
    return undefined;
  }

  /** The task, with the data in its buffer; undefined if the connection can't go on. */
  handleDataIn(
    bytes: Uint8Array,
    at: number,
    dataAt: number,
    dataBytes: number,
    placement: Placement | undefined,
  ): InitiatorTask | undefined {
    const task = this.#host.findTask(initiatorTaskTag(bytes, at));
    if (task === undefined) {
      this.#unknown('a Data-In', bytes, at);
      return undefined;
    }
    const wrong = this.#mismatch(task, bytes, at, dataBytes);
    if (wrong !== undefined) {
      this.#host.fail(wrong[0], `a Data-In for ${commandName(task.cdb)} can't be right: ${wrong[1]}`);
      return undefined;
    }
    if (placement === undefined && dataBytes !== 0) task.dataIn.set(bytes.subarray(dataAt, dataAt + dataBytes), bufferOffset(bytes, at));
    task.expectedDataSequenceNumber += 1;
    task.receivedBytes += dataBytes;
    return task;
  }

  #unknown(what: string, bytes: Uint8Array, at: number): void {
    this.#host.fail(
      'tag-unknown',
      `${what} for the Initiator Task Tag ${initiatorTaskTag(bytes, at).toString(16)}h, which names no command`,
    );
  }
}

/** Data of one Data-In, going into the caller's buffer. A command never ends while its data arrives. */
export class TaskPlacement implements Placement {
  readonly #task: InitiatorTask;
  readonly #offset: number;

  constructor(task: InitiatorTask, offset: number) {
    this.#task = task;
    this.#offset = offset;
  }

  at(offset: number, most: number): Uint8Array {
    if (this.#task.state === 'done') return most === 0 ? EMPTY_BYTES : new Uint8Array(most);
    const start = this.#offset + offset;
    return this.#task.dataIn.subarray(start, start + most);
  }
}
