/** The Datamover of RFC 7143: control PDUs, Data-In, Ready To Transfer and Data-Out on a byte stream. Knows PDUs, no session. */
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import {
  BASIC_HEADER_BYTES,
  DATA_OUT,
  dataSegmentBytes,
  expectedStatusSequenceNumber,
  initiatorTaskTag,
  LOGOUT_REQUEST,
  NOP_IN,
  opcodeOf,
  RESERVED_TAG,
  SCSI_COMMAND,
  type TargetNumbers,
} from '../../wire/iscsi/basic-header.ts';
import { EMPTY_BYTES } from '../../base/bytes.ts';
import { addStatus, putDataIn } from '../../wire/iscsi/data.ts';
import { putScsiResponse, putSnackTag, RESPONSE_COMPLETED, senseSegment } from '../../wire/iscsi/scsi-command.ts';
import { redirected, renew, resegment, segmentOf, writeDataRun, writeWhole } from './data-in.ts';
import { type DataOutCarrier, DataOutReceiver } from './data-out.ts';
import type { DataCounters, Datamover, DatamoverSink } from './datamover.ts';
import { copyOfHeader, type KeptAnswer, type KeptAnswers } from './kept-answers.ts';
import { KeptData } from './kept-data.ts';
import { defaultParameters, type Parameters } from './parameters.ts';
import { PduReader, type PduSink, type Placement } from './pdu-reader.ts';
import { LINK_BYTES_MIN, PduWriter } from './pdu-writer.ts';
import type { StagingPool } from './staging.ts';
import type { OutstandingTransfer, TargetCommand } from './target-command.ts';

/** The numbers a target connection keeps; `takeStatusNumber` gives the next StatSN and advances it. */
export interface NumberSource {
  /** StatSN is the next one, not taken. */
  numbers(): TargetNumbers;
  takeStatusNumber(): number;
}

/** Sense data as the logical unit is set to give it, empty without sense. */
export type SenseEncoder = (command: TargetCommand) => Uint8Array | undefined;

export class PduDatamover implements Datamover, PduSink, DataOutCarrier {
  readonly receiver: ByteStreamReceiver;
  readonly sink: DatamoverSink;
  readonly #numbers: NumberSource;
  readonly #dataOut: DataOutReceiver;
  readonly #encodeSense: SenseEncoder;
  readonly #reader: PduReader;
  #stream!: ByteStream;
  writer!: PduWriter;
  parameters: Parameters = defaultParameters();
  kept: KeptAnswers | undefined;
  /** The full feature phase has begun. */
  #enabled = false;
  /** The stream is being ended: what is written from here on has nowhere to go. */
  #ending = false;
  terminated = false;
  /** Its commands wait for another connection. */
  #parked = false;
  #inArrival = false;

  readonly #counters: DataCounters;

  constructor(sink: DatamoverSink, numbers: NumberSource, pool: StagingPool, encodeSense: SenseEncoder, counters: DataCounters) {
    this.#counters = counters;
    this.sink = sink;
    this.#numbers = numbers;
    this.#dataOut = new DataOutReceiver(this, pool, counters);
    this.#encodeSense = encodeSense;
    this.#reader = new PduReader(this);
    this.receiver = {
      nextBuffer: () => this.#reader.nextBuffer(),
      handleBytes: (count) => {
        this.#inArrival = true;
        this.#reader.handleBytes(count);
        this.#inArrival = false;
      },
      handleClose: (reason) => this.#terminate(reason),
    };
  }

  /** The stream whose receiver is `receiver`; given once, before anything arrives. `onSent` runs whenever a batch has left. */
  attach(stream: ByteStream, onSent: () => void): void {
    this.#stream = stream;
    this.writer = new PduWriter(stream);
    this.writer.onSent = onSent;
  }

  get remote(): string {
    return this.#stream.remote;
  }

  get local(): string {
    return this.#stream.local;
  }

  get pendingBytes(): number {
    return this.writer.pendingBytes;
  }

  get buffer(): Uint8Array {
    return this.writer.buffer;
  }

  enable(parameters: Parameters, kept: KeptAnswers | undefined): void {
    this.#enabled = true;
    this.kept = kept;
    this.#dataOut.recovers = kept !== undefined;
    this.#reader.skipsDamaged = kept !== undefined;
    this.parameters = parameters;
    this.#reader.headerDigest = parameters.headerDigest;
    this.#reader.dataDigest = parameters.dataDigest;
    this.#reader.segmentBytesMax = parameters.receiveSegmentBytesMax;
    this.writer.headerDigest = parameters.headerDigest;
    this.writer.dataDigest = parameters.dataDigest;
  }

  beginControl(dataBytes: number): number {
    return this.writer.begin(dataBytes);
  }

  sendControl(at: number, data: Uint8Array | undefined): void {
    if (this.kept !== undefined && !this.#gone && carriesStatus(this.writer.buffer, at))
      this.kept.keep(copyOfHeader(this.writer.buffer, at), data?.slice() ?? EMPTY_BYTES, -1, undefined);
    this.writer.sealHeader(at);
    if (data !== undefined && data.length !== 0) this.writer.copyData([data], data.length);
    if (!this.#inArrival) this.flush();
  }

  flush(): void {
    if (!this.#gone) this.writer.flush();
  }

  flushOutside(): void {
    if (!this.#inArrival) this.flush();
  }

  numbers(): TargetNumbers {
    return this.#numbers.numbers();
  }

  /** What is written from here on has nowhere to go. */
  get #gone(): boolean {
    return this.terminated || this.#ending || this.#parked;
  }

  pause(): void {
    this.#reader.pause();
    this.#stream.pause();
  }

  resume(): void {
    if (this.terminated) return;
    this.#stream.resume();
    this.#reader.resume();
  }

  terminate(gracefully: boolean): void {
    if (this.terminated) return;
    this.#reader.stop();
    if (!gracefully) return this.#stream.destroy();
    if (this.#ending) return;
    this.writer.flush();
    this.#ending = true;
    this.#stream.end();
  }

  #terminate(reason: string | undefined): void {
    if (this.terminated) return;
    this.terminated = true;
    this.#reader.stop();
    this.writer.abandon();
    this.sink.handleTerminated(reason);
  }

  // ---- data-in and status ----

  putDataAndStatus(command: TargetCommand): void {
    if (this.kept !== undefined) return this.#putAndKeep(command, this.kept);
    if (this.terminated || this.#ending) return;
    const sendable = Math.min(command.dataInBytes, command.dataInLimitBytes);
    const collapsed = sendable !== 0 && command.sense === undefined;
    if (sendable !== 0) this.#putData(command, sendable, collapsed);
    if (!collapsed) this.#putStatus(command, sendable);
    if (!this.#inArrival) this.flush();
  }

  #putData(command: TargetCommand, lengthBytes: number, withStatus: boolean): void {
    const segmentMax = Math.min(this.parameters.sendSegmentBytesMax, this.parameters.maxBurstBytes);
    const link = lengthBytes >= LINK_BYTES_MIN;
    if (link && command.dataInSource !== undefined) this.writer.whenSent(command.dataInSource.hold());
    const cursor = lengthBytes <= segmentMax && sumIs(command.dataIn, lengthBytes) ? undefined : new ViewCursor(command.dataIn);
    let sequence = 0;
    let burst = 0;
    for (let offset = 0; offset < lengthBytes; sequence += 1) {
      const left = lengthBytes - offset;
      // RFC 7143 §11.7.1: F ends a sequence, and no sequence is longer than MaxBurstLength.
      const bytes = Math.min(left, segmentMax, this.parameters.maxBurstBytes - burst);
      const last = bytes === left;
      burst += bytes;
      const endsBurst = last || burst === this.parameters.maxBurstBytes;
      const at = this.writer.begin(link ? 0 : bytes);
      putDataIn(this.writer.buffer, at, command.initiatorTaskTag, bytes, sequence, offset, endsBurst, this.#numbers.numbers());
      if (last && withStatus) {
        addStatus(this.writer.buffer, at, command.status, residualOf(command), this.#numbers.takeStatusNumber());
      }
      this.writer.sealHeader(at);
      const views = cursor === undefined ? command.dataIn : cursor.take(bytes);
      if (link) this.writer.linkData(views, bytes);
      else this.writer.copyData(views, bytes);
      if (endsBurst) burst = 0;
      offset += bytes;
    }
    command.dataInSequences = sequence;
  }

  #putStatus(command: TargetCommand, sentBytes: number): void {
    const senseData = this.#encodeSense(command);
    const data = senseData === undefined ? undefined : senseSegment(senseData);
    const at = this.writer.begin(data?.length ?? 0);
    const numbers = this.#numbers.numbers();
    putScsiResponse(
      this.writer.buffer,
      at,
      command.initiatorTaskTag,
      RESPONSE_COMPLETED,
      command.status,
      residualOf(command),
      data?.length ?? 0,
      numbers,
      sentBytes === 0 ? command.readyToTransferSequenceNumber : command.dataInSequences,
    );
    this.#numbers.takeStatusNumber();
    this.writer.sealHeader(at);
    if (data !== undefined) this.writer.copyData([data], data.length);
  }

  // ---- what can be sent again ----

  /** From error recovery level 1 on: data, then the status on its own; both are kept until they are acknowledged. */
  #putAndKeep(command: TargetCommand, kept: KeptAnswers): void {
    const { sendSegmentBytesMax, maxBurstBytes } = this.parameters;
    const sendable = Math.min(command.dataInBytes, command.dataInLimitBytes);
    const tag = command.initiatorTaskTag;
    const data =
      sendable === 0
        ? undefined
        : new KeptData(
            command.dataIn,
            command.dataInSource,
            sendable,
            command.lun,
            this.#dataOut.takeTransferTag(),
            Math.min(sendSegmentBytesMax, maxBurstBytes),
            maxBurstBytes,
          );
    const gone = this.#gone;
    const sequences = data?.sequences ?? 0;
    if (data !== undefined && !gone) writeDataRun(this.writer, tag, data, 0, sequences, this.numbers());
    const segment = segmentOf(this.#encodeSense(command));
    const header = new Uint8Array(BASIC_HEADER_BYTES);
    putScsiResponse(
      header,
      0,
      tag,
      RESPONSE_COMPLETED,
      command.status,
      residualOf(command),
      segment.length,
      this.numbers(),
      data === undefined ? command.readyToTransferSequenceNumber : sequences,
    );
    if (command.recovery !== undefined) putSnackTag(header, 0, command.recovery.snackTag);
    if (!gone) {
      this.#numbers.takeStatusNumber();
      writeWhole(this.writer, header, segment);
    }
    kept.keep(header, segment, command.commandSequenceNumber, data);
    this.flushOutside();
  }

  resendData(answer: KeptAnswer, data: KeptData, begin: number, end: number): void {
    writeDataRun(this.writer, initiatorTaskTag(answer.header, 0), data, begin, end, this.numbers());
  }

  resendStatus(answer: KeptAnswer): void {
    renew(answer.header, this.numbers());
    writeWhole(this.writer, answer.header, answer.segment);
  }

  resendResegmented(answer: KeptAnswer, data: KeptData, snackTag: number): void {
    const { sendSegmentBytesMax, maxBurstBytes } = this.parameters;
    resegment(answer, data, snackTag, Math.min(sendSegmentBytesMax, maxBurstBytes), maxBurstBytes);
    this.resendData(answer, data, data.acknowledged, data.sequences);
    this.resendStatus(answer);
  }

  resendReadyToTransfer(command: TargetCommand, transfer: OutstandingTransfer): void {
    this.#dataOut.sendReadyToTransfer(command, transfer);
  }

  giveAgain(answer: KeptAnswer, expectedData: number): void {
    const { sendSegmentBytesMax, maxBurstBytes } = this.parameters;
    const { data } = answer;
    const segmentBytes = Math.min(sendSegmentBytesMax, maxBurstBytes);
    const { header, segment } = redirected(answer, expectedData, segmentBytes, maxBurstBytes, this.numbers());
    if (data !== undefined) {
      writeDataRun(this.writer, initiatorTaskTag(header, 0), data, data.acknowledged, data.sequences, this.numbers());
    }
    this.#numbers.takeStatusNumber();
    writeWhole(this.writer, header, segment);
    this.kept!.keep(header, segment, answer.commandSequenceNumber, data);
    this.flushOutside();
  }

  park(): void {
    this.#parked = true;
    this.#dataOut.abandon();
  }

  // ---- data-out ----

  getData(command: TargetCommand): void {
    this.#dataOut.getData(command);
    this.flushOutside();
  }

  receiveData(bytes: Uint8Array, dataAt: number, dataBytes: number): void {
    this.#dataOut.handle(bytes, 0, dataAt, dataBytes, undefined);
    this.flushOutside();
  }

  resumeData(command: TargetCommand): void {
    this.#dataOut.resume(command);
  }

  adoptData(command: TargetCommand, nextSequenceNumber: number): void {
    this.#dataOut.adopt(command, nextSequenceNumber);
    this.flushOutside();
  }

  recoverData(command: TargetCommand, bytes: Uint8Array, at: number): void {
    this.#dataOut.recover(command, bytes, at, dataSegmentBytes(bytes, at));
  }

  watchData(command: TargetCommand): number {
    return this.#dataOut.watch(command);
  }

  forget(command: TargetCommand): void {
    this.#dataOut.forget(command);
  }

  placeData(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined {
    const opcode = opcodeOf(bytes, at);
    if (opcode === SCSI_COMMAND) return this.sink.placeImmediate(bytes, at, dataBytes);
    return opcode === DATA_OUT ? this.#dataOut.placeData(bytes, at, dataBytes) : undefined;
  }

  // ---- what the reader brings ----

  handlePdu(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    this.#dataOut.arrived();
    // RFC 7143 §11.14.4: the ExpStatSN of a logout is that of the connection which is logged out.
    if (this.kept !== undefined && opcodeOf(bytes, at) !== LOGOUT_REQUEST)
      this.kept.acknowledge(expectedStatusSequenceNumber(bytes, at), this.numbers().statusSequenceNumber);
    if (opcodeOf(bytes, at) === DATA_OUT && this.#enabled) this.#dataOut.handle(bytes, at, dataAt, dataBytes, placement);
    else this.sink.handleControl(bytes, at, dataAt, dataBytes, placement);
  }

  handleDataDigestError(bytes: Uint8Array, at: number): void {
    this.#dataOut.arrived();
    this.sink.handleDataDigestError(bytes, at);
  }

  handleSkipped(): void {
    this.sink.handleHeaderDigestError();
  }

  handleFormatError(reason: string): void {
    this.#counters.formatErrors += 1;
    this.#stream.destroy();
    this.#terminate(reason);
  }

  handleBatchEnd(): void {
    this.sink.handleBatchEnd();
    this.flush();
  }
}

/** Whether a PDU of ours takes a StatSN: all answers do, and of what we say unasked the asynchronous message (RFC 7143 §11.9, §11.19). */
const carriesStatus = (bytes: Uint8Array, at: number): boolean =>
  opcodeOf(bytes, at) !== NOP_IN || initiatorTaskTag(bytes, at) !== RESERVED_TAG;

/** Walks over views, giving them out again in pieces of other lengths. */
class ViewCursor {
  readonly #views: readonly Uint8Array[];
  #index = 0;
  #offset = 0;

  constructor(views: readonly Uint8Array[]) {
    this.#views = views;
  }

  take(bytes: number): Uint8Array[] {
    const out: Uint8Array[] = [];
    for (let left = bytes; left !== 0; ) {
      const view = this.#views[this.#index]!;
      const part = view.subarray(this.#offset, Math.min(view.length, this.#offset + left));
      out.push(part);
      left -= part.length;
      this.#offset += part.length;
      if (this.#offset === view.length) {
        this.#index += 1;
        this.#offset = 0;
      }
    }
    return out;
  }
}

function sumIs(views: readonly Uint8Array[], bytes: number): boolean {
  let sum = 0;
  for (const view of views) sum += view.length;
  return sum === bytes;
}

/** RFC 7143 §11.4.5: positive for an underflow, negative for an overflow. A command moves data one way. */
function residualOf(command: TargetCommand): number {
  if (command.dataOutLimitBytes !== 0 && command.dataInLimitBytes === 0)
    return command.dataOutLimitBytes - command.dataOutBytes - command.dataInBytes;
  return command.dataInLimitBytes - command.dataInBytes - command.dataOutBytes;
}
