/** The Datamover of RFC 7143: control PDUs, Data-In, Ready To Transfer and Data-Out on a byte stream. Knows PDUs, no session. */
import type { ByteStream, ByteStreamReceiver } from '../../base/byte-stream.ts';
import {
  DATA_OUT,
  isFinal,
  initiatorTaskTag,
  opcodeOf,
  RESERVED_TAG,
  SCSI_COMMAND,
  type TargetNumbers,
} from '../../wire/iscsi/basic-header.ts';
import { addStatus, bufferOffset, dataSequenceNumber, putDataIn, putReadyToTransfer, targetTransferTag } from '../../wire/iscsi/data.ts';
import { putScsiResponse, RESPONSE_COMPLETED, senseSegment } from '../../wire/iscsi/scsi-command.ts';
import type { DataCounters, Datamover, DatamoverSink } from './datamover.ts';
import { defaultParameters, type Parameters } from './parameters.ts';
import { PduReader, type PduSink, type Placement } from './pdu-reader.ts';
import { LINK_BYTES_MIN, PduWriter } from './pdu-writer.ts';
import { Staging, STAGING_CHUNK_BYTES, type StagingPool } from './staging.ts';
import type { TargetCommand } from './target-command.ts';

/** The numbers a target connection keeps; `takeStatusNumber` gives the next StatSN and advances it. */
export interface NumberSource {
  /** StatSN is the next one, not taken. */
  numbers(): TargetNumbers;
  takeStatusNumber(): number;
}

/** Sense data as the logical unit is set to give it, empty without sense. */
export type SenseEncoder = (command: TargetCommand) => Uint8Array | undefined;

export class PduDatamover implements Datamover, PduSink {
  readonly receiver: ByteStreamReceiver;
  readonly #sink: DatamoverSink;
  readonly #numbers: NumberSource;
  readonly #pool: StagingPool;
  readonly #encodeSense: SenseEncoder;
  readonly #reader: PduReader;
  #stream!: ByteStream;
  #writer!: PduWriter;
  #parameters: Parameters = defaultParameters();
  /** The Data-Out whose data is on its way to its command's staging. */
  #arriving: CommandPlacement | undefined;
  #nextTransferTag = 1;
  /** The full feature phase has begun. */
  #enabled = false;
  /** The stream is being ended: what is written from here on has nowhere to go. */
  #ending = false;
  #terminated = false;
  #inArrival = false;

  readonly #counters: DataCounters;

  constructor(sink: DatamoverSink, numbers: NumberSource, pool: StagingPool, encodeSense: SenseEncoder, counters: DataCounters) {
    this.#counters = counters;
    this.#sink = sink;
    this.#numbers = numbers;
    this.#pool = pool;
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
    this.#writer = new PduWriter(stream);
    this.#writer.onSent = onSent;
  }

  get remote(): string {
    return this.#stream.remote;
  }

  get local(): string {
    return this.#stream.local;
  }

  get pendingBytes(): number {
    return this.#writer.pendingBytes;
  }

  get buffer(): Uint8Array {
    return this.#writer.buffer;
  }

  enable(parameters: Parameters): void {
    this.#enabled = true;
    this.#parameters = parameters;
    this.#reader.headerDigest = parameters.headerDigest;
    this.#reader.dataDigest = parameters.dataDigest;
    this.#reader.segmentBytesMax = parameters.receiveSegmentBytesMax;
    this.#writer.headerDigest = parameters.headerDigest;
    this.#writer.dataDigest = parameters.dataDigest;
  }

  beginControl(dataBytes: number): number {
    return this.#writer.begin(dataBytes);
  }

  sendControl(at: number, data: Uint8Array | undefined): void {
    this.#writer.sealHeader(at);
    if (data !== undefined && data.length !== 0) this.#writer.copyData([data], data.length);
    if (!this.#inArrival) this.flush();
  }

  flush(): void {
    if (!this.#terminated && !this.#ending) this.#writer.flush();
  }

  pause(): void {
    this.#reader.pause();
    this.#stream.pause();
  }

  resume(): void {
    if (this.#terminated) return;
    this.#stream.resume();
    this.#reader.resume();
  }

  terminate(gracefully: boolean): void {
    if (this.#terminated) return;
    this.#reader.stop();
    if (!gracefully) return this.#stream.destroy();
    if (this.#ending) return;
    this.#writer.flush();
    this.#ending = true;
    this.#stream.end();
  }

  #terminate(reason: string | undefined): void {
    if (this.#terminated) return;
    this.#terminated = true;
    this.#reader.stop();
    this.#writer.abandon();
    this.#sink.handleTerminated(reason);
  }

  // ---- data-in and status ----

  putDataAndStatus(command: TargetCommand): void {
    if (this.#terminated || this.#ending) return;
    const sendable = Math.min(command.dataInBytes, command.dataInLimitBytes);
    const collapsed = sendable !== 0 && command.sense === undefined;
    if (sendable !== 0) this.#putData(command, sendable, collapsed);
    if (!collapsed) this.#putStatus(command, sendable);
    if (!this.#inArrival) this.flush();
  }

  #putData(command: TargetCommand, lengthBytes: number, withStatus: boolean): void {
    const segmentMax = Math.min(this.#parameters.sendSegmentBytesMax, this.#parameters.maxBurstBytes);
    const link = lengthBytes >= LINK_BYTES_MIN;
    if (link && command.dataInSource !== undefined) this.#writer.whenSent(command.dataInSource.hold());
    const cursor = lengthBytes <= segmentMax && sumIs(command.dataIn, lengthBytes) ? undefined : new ViewCursor(command.dataIn);
    let sequence = 0;
    let burst = 0;
    for (let offset = 0; offset < lengthBytes; sequence += 1) {
      const left = lengthBytes - offset;
      // RFC 7143 §11.7.1: F ends a sequence, and no sequence is longer than MaxBurstLength.
      const bytes = Math.min(left, segmentMax, this.#parameters.maxBurstBytes - burst);
      const last = bytes === left;
      burst += bytes;
      const endsBurst = last || burst === this.#parameters.maxBurstBytes;
      const at = this.#writer.begin(link ? 0 : bytes);
      putDataIn(this.#writer.buffer, at, command.initiatorTaskTag, bytes, sequence, offset, endsBurst, this.#numbers.numbers());
      if (last && withStatus) {
        addStatus(this.#writer.buffer, at, command.status, residualOf(command), this.#numbers.takeStatusNumber());
      }
      this.#writer.sealHeader(at);
      const views = cursor === undefined ? command.dataIn : cursor.take(bytes);
      if (link) this.#writer.linkData(views, bytes);
      else this.#writer.copyData(views, bytes);
      if (endsBurst) burst = 0;
      offset += bytes;
    }
    command.dataInSequences = sequence;
  }

  #putStatus(command: TargetCommand, sentBytes: number): void {
    const senseData = this.#encodeSense(command);
    const data = senseData === undefined ? undefined : senseSegment(senseData);
    const at = this.#writer.begin(data?.length ?? 0);
    const numbers = this.#numbers.numbers();
    putScsiResponse(
      this.#writer.buffer,
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
    this.#writer.sealHeader(at);
    if (data !== undefined) this.#writer.copyData([data], data.length);
  }

  // ---- data-out ----

  getData(command: TargetCommand): void {
    if (this.#isComplete(command)) return command.dataOutComplete();
    // The whole transfer is set aside before anything is asked for: what has begun can always end.
    const staging = (command.staging ??= new Staging(this.#pool, 0));
    const more = Staging.chunksFor(command.wantedBytes) - staging.reservedChunks;
    if (command.immediateView !== undefined) {
      staging.put(0, command.immediateView);
      command.immediateView = undefined;
    }
    if (more <= 0) return this.#request(command);
    const cancel = this.#pool.reserve(more, () => {
      command.cancelReservation = undefined;
      staging.grow(more, true);
      this.#request(command);
      if (!this.#inArrival) this.flush();
    });
    if (cancel !== undefined) command.cancelReservation = cancel;
  }

  forget(command: TargetCommand): void {
    command.outstanding.length = 0;
    // A kernel may be about to write into the staging of a command whose data is arriving: those buffers must not be used again.
    command.releaseStaging(this.#arriving?.command !== command);
  }

  #isComplete(command: TargetCommand): boolean {
    return command.wantedBytes >= 0 && command.receivedBytes >= command.wantedBytes && !command.unsolicitedOpen;
  }

  /** Sends Ready To Transfers while MaxOutstandingR2T and MaxBurstLength allow. */
  #request(command: TargetCommand): void {
    if (command.unsolicitedOpen || this.#terminated) return; // RFC 7143 §4.2.5.2: unsolicited data comes first
    if (command.requestedBytes < command.receivedBytes) command.requestedBytes = command.receivedBytes;
    while (command.requestedBytes < command.wantedBytes && command.outstanding.length < this.#parameters.maxOutstandingR2T) {
      const offset = command.requestedBytes;
      const bytes = Math.min(command.wantedBytes - offset, this.#parameters.maxBurstBytes);
      const transferTag = this.#nextTransferTag;
      this.#nextTransferTag = transferTag === 0xfffffffe ? 1 : transferTag + 1;
      const at = this.#writer.begin(0);
      putReadyToTransfer(
        this.#writer.buffer,
        at,
        command.lun,
        command.initiatorTaskTag,
        transferTag,
        command.readyToTransferSequenceNumber,
        offset,
        bytes,
        this.#numbers.numbers(),
      );
      this.#writer.sealHeader(at);
      command.readyToTransferSequenceNumber += 1;
      command.requestedBytes = offset + bytes;
      command.outstanding.push({ transferTag, endBytes: offset + bytes, nextDataSequenceNumber: 0 });
    }
  }

  /** Why a Data-Out does not fit what was asked for, or undefined if it does. */
  #mismatch(command: TargetCommand, bytes: Uint8Array, at: number, dataBytes: number): string | undefined {
    const tag = targetTransferTag(bytes, at);
    const solicited = tag === RESERVED_TAG ? undefined : command.outstanding[0];
    if (solicited === undefined) {
      if (tag !== RESERVED_TAG || !command.unsolicitedOpen) return 'a Data-Out that nobody asked for';
    } else if (solicited.transferTag !== tag) return 'a Data-Out with another Target Transfer Tag';
    const expected = solicited === undefined ? command.unsolicitedDataSequenceNumber : solicited.nextDataSequenceNumber;
    if (dataSequenceNumber(bytes, at) !== expected) return `DataSN ${dataSequenceNumber(bytes, at)} where ${expected} was due`;
    const offset = bufferOffset(bytes, at);
    if (offset !== command.receivedBytes) return `Buffer Offset ${offset} where ${command.receivedBytes} was due`;
    const end = solicited === undefined ? Math.min(this.#parameters.firstBurstBytes, command.dataOutLimitBytes) : solicited.endBytes;
    if (offset + dataBytes > end) return `data up to ${offset + dataBytes} where it may go to ${end}`;
    // RFC 7143 §11.7.1: the final PDU of a solicited sequence must bring all that the R2T asked for.
    if (solicited !== undefined && isFinal(bytes, at) !== (offset + dataBytes === end)) return 'a sequence that ends too early or too late';
    return undefined;
  }

  placeData(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined {
    const opcode = opcodeOf(bytes, at);
    if (opcode === SCSI_COMMAND) return this.#sink.placeImmediate(bytes, at, dataBytes);
    if (opcode !== DATA_OUT) return undefined;
    const command = this.#sink.findCommand(initiatorTaskTag(bytes, at));
    if (command === undefined || this.#mismatch(command, bytes, at, dataBytes) !== undefined) return undefined;
    const offset = bufferOffset(bytes, at);
    this.#arriving = new CommandPlacement(command, this.#stagingOf(command, offset + dataBytes), offset);
    return this.#arriving;
  }

  /** The command's staging, with room set aside up to `endBytes`. */
  #stagingOf(command: TargetCommand, endBytes: number): Staging {
    const staging = (command.staging ??= new Staging(this.#pool, 0));
    const more = Staging.chunksFor(endBytes) - staging.reservedChunks;
    if (more > 0) {
      this.#pool.reserveUnasked(more);
      staging.grow(more, false);
    }
    return staging;
  }

  #handleDataOut(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    const command = this.#sink.findCommand(initiatorTaskTag(bytes, at));
    // Data of a command that was aborted or has already failed is dropped (RFC 7143 §11.5.1, §4.2.5.2).
    if (command === undefined || command.finished || command.aborted) {
      this.#counters.droppedDataOuts += 1;
      return;
    }
    const wrong = this.#mismatch(command, bytes, at, dataBytes);
    if (wrong !== undefined) return this.#sink.handleDataError(command, bytes, at, wrong);
    // A placement of a command that is no more was filled in vain; the tag may meanwhile name another one.
    if (placement !== undefined && (!(placement instanceof CommandPlacement) || placement.command !== command))
      return this.#sink.handleDataError(command, bytes, at, 'data for a command that was replaced while it arrived');
    if (placement === undefined && dataBytes !== 0) {
      const offset = bufferOffset(bytes, at);
      this.#stagingOf(command, offset + dataBytes).put(offset, bytes.subarray(dataAt, dataAt + dataBytes));
    }
    command.receivedBytes += dataBytes;
    const solicited = command.outstanding[0];
    if (targetTransferTag(bytes, at) === RESERVED_TAG) {
      command.unsolicitedDataSequenceNumber += 1;
      if (isFinal(bytes, at)) command.unsolicitedOpen = false;
    } else {
      solicited!.nextDataSequenceNumber += 1;
      if (isFinal(bytes, at)) command.outstanding.shift();
    }
    if (this.#isComplete(command)) command.dataOutComplete();
    else if (command.wantedBytes >= 0 && command.cancelReservation === undefined) this.#request(command);
  }

  // ---- what the reader brings ----

  handlePdu(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    this.#arriving = undefined;
    if (opcodeOf(bytes, at) === DATA_OUT && this.#enabled) this.#handleDataOut(bytes, at, dataAt, dataBytes, placement);
    else this.#sink.handleControl(bytes, at, dataAt, dataBytes, placement);
  }

  handleDataDigestError(bytes: Uint8Array, at: number): void {
    this.#arriving = undefined;
    this.#sink.handleDataDigestError(bytes, at);
  }

  handleFormatError(reason: string): void {
    this.#counters.formatErrors += 1;
    this.#stream.destroy();
    this.#terminate(reason);
  }

  handleBatchEnd(): void {
    this.#sink.handleBatchEnd();
    this.flush();
  }
}

/** Data of a Data-Out going into its command's staging. A command that ends meanwhile gets no more: the rest goes to scratch. */
class CommandPlacement implements Placement {
  readonly command: TargetCommand;
  readonly #staging: Staging;
  readonly #offset: number;
  #scratch: Uint8Array | undefined;

  constructor(command: TargetCommand, staging: Staging, offset: number) {
    this.command = command;
    this.#staging = staging;
    this.#offset = offset;
  }

  at(offset: number, most: number): Uint8Array {
    if (this.command.staging !== this.#staging) return (this.#scratch ??= new Uint8Array(STAGING_CHUNK_BYTES)).subarray(0, most);
    return this.#staging.at(this.#offset + offset, most);
  }
}

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
