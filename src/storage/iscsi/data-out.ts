/**
 * Data-out of the commands of one connection (RFC 7143 §4.2.5.2, §11.7-11.8): Ready To Transfers out, Data-Out in. From error recovery level 1
 * on, what is lost on the way is found out and asked for again (§7.1.4.1, §7.8-7.9).
 */
import { isFinal, initiatorTaskTag, RESERVED_TAG, type TargetNumbers } from '../../wire/iscsi/basic-header.ts';
import { bufferOffset, dataSequenceNumber, putReadyToTransfer, targetTransferTag } from '../../wire/iscsi/data.ts';
import type { DataCounters, DatamoverSink } from './datamover.ts';
import type { Parameters } from './parameters.ts';
import type { Placement } from './pdu-reader.ts';
import type { PduWriter } from './pdu-writer.ts';
import { Staging, STAGING_CHUNK_BYTES, type StagingPool } from './staging.ts';
import { type Gap, type OutstandingTransfer, recoveryOf, type TargetCommand } from './target-command.ts';

/** Times that the data of one command is asked for again before the command fails. */
const RETRIES_MAX = 8;
/** Gaps that are remembered one by one; more of them are asked for as one. */
const GAPS_MAX = 64;
/** Transfers given up whose R2T may still be asked for by a SNACK. */
const SUPERSEDED_MAX = RETRIES_MAX;

/** What carries the PDUs. */
export interface DataOutCarrier {
  readonly sink: DatamoverSink;
  readonly writer: PduWriter;
  readonly parameters: Parameters;
  readonly terminated: boolean;
  numbers(): TargetNumbers;
  /** Sends what was written, unless an arrival is being handled, at whose end it is sent. */
  flushOutside(): void;
}

export class DataOutReceiver {
  readonly #carrier: DataOutCarrier;
  readonly #pool: StagingPool;
  readonly #counters: DataCounters;
  /** The Data-Out whose data is on its way to its command's staging. */
  #arriving: CommandPlacement | undefined;
  #nextTransferTag = 1;
  /** Error recovery level 1 or 2 was agreed on. */
  recovers = false;

  constructor(carrier: DataOutCarrier, pool: StagingPool, counters: DataCounters) {
    this.#carrier = carrier;
    this.#pool = pool;
    this.#counters = counters;
  }

  takeTransferTag(): number {
    const tag = this.#nextTransferTag;
    this.#nextTransferTag = tag === 0xfffffffe ? 1 : tag + 1;
    return tag;
  }

  getData(command: TargetCommand): void {
    if (isComplete(command)) return command.dataOutComplete();
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
      command.owner.resumeDataOut(command);
    });
    if (cancel !== undefined) command.cancelReservation = cancel;
  }

  /** There is room for the data of a command that had to wait for it. */
  resume(command: TargetCommand): void {
    this.#request(command);
    this.#carrier.flushOutside();
  }

  forget(command: TargetCommand): void {
    command.outstanding.length = 0;
    // A kernel may be about to write into the staging of a command whose data is arriving: those buffers must not be used again.
    command.releaseStaging(this.#arriving?.command !== command);
  }

  /** What was arriving has arrived, or will not. */
  arrived(): void {
    this.#arriving = undefined;
  }

  /** Sends Ready To Transfers while MaxOutstandingR2T and MaxBurstLength allow: for what was lost first. */
  #request(command: TargetCommand): void {
    if (command.unsolicitedOpen || this.#carrier.terminated) return; // RFC 7143 §4.2.5.2: unsolicited data comes first
    if (command.requestedBytes < command.receivedBytes) command.requestedBytes = command.receivedBytes;
    const { maxOutstandingR2T, maxBurstBytes } = this.#carrier.parameters;
    while (command.outstanding.length < maxOutstandingR2T) {
      const gap = command.recovery === undefined ? undefined : takeGap(command.recovery.gaps, command.wantedBytes, maxBurstBytes);
      if (gap !== undefined) {
        this.#counters.recoveryReadyToTransfers += 1;
        this.#readyToTransfer(command, gap.from, gap.to);
      } else if (command.requestedBytes < command.wantedBytes) {
        const offset = command.requestedBytes;
        command.requestedBytes = offset + Math.min(command.wantedBytes - offset, maxBurstBytes);
        this.#readyToTransfer(command, offset, command.requestedBytes);
      } else return;
    }
  }

  #readyToTransfer(command: TargetCommand, startBytes: number, endBytes: number): void {
    const transfer = {
      transferTag: this.takeTransferTag(),
      sequenceNumber: command.readyToTransferSequenceNumber,
      startBytes,
      endBytes,
      nextBytes: startBytes,
      nextDataSequenceNumber: 0,
      watchedBytes: -1,
    };
    command.readyToTransferSequenceNumber += 1;
    command.outstanding.push(transfer);
    this.sendReadyToTransfer(command, transfer);
  }

  /** Sends a Ready To Transfer, for the first time or again. */
  sendReadyToTransfer(command: TargetCommand, transfer: OutstandingTransfer): void {
    const { writer } = this.#carrier;
    const at = writer.begin(0);
    putReadyToTransfer(
      writer.buffer,
      at,
      command.lun,
      command.initiatorTaskTag,
      transfer.transferTag,
      transfer.sequenceNumber,
      transfer.startBytes,
      transfer.endBytes - transfer.startBytes,
      this.#carrier.numbers(),
    );
    writer.sealHeader(at);
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
    const end = solicited === undefined ? this.#unsolicitedEnd(command) : solicited.endBytes;
    return misplaced(offset, dataBytes, end, isFinal(bytes, at), solicited !== undefined);
  }

  #unsolicitedEnd(command: TargetCommand): number {
    return Math.min(this.#carrier.parameters.firstBurstBytes, command.dataOutLimitBytes);
  }

  placeData(bytes: Uint8Array, at: number, dataBytes: number): Placement | undefined {
    const command = this.#carrier.sink.findCommand(initiatorTaskTag(bytes, at));
    if (command === undefined) return undefined;
    if (this.recovers) {
      const transfer = this.#transferOf(command, bytes, at);
      if (transfer === undefined || this.#judge(transfer, bytes, at, dataBytes) !== 'fits') return undefined;
    } else if (this.#mismatch(command, bytes, at, dataBytes) !== undefined) return undefined;
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

  handle(bytes: Uint8Array, at: number, dataAt: number, dataBytes: number, placement: Placement | undefined): void {
    const { sink } = this.#carrier;
    const command = sink.findCommand(initiatorTaskTag(bytes, at));
    if (command === undefined && placement === undefined && sink.holdData(bytes, at, dataAt, dataBytes)) return;
    // Data of a command that was aborted or has already failed is dropped (RFC 7143 §11.5.1, §4.2.5.2).
    if (command === undefined || command.finished || command.aborted) {
      this.#counters.droppedDataOuts += 1;
      return;
    }
    const transfer = this.recovers ? this.#transferOf(command, bytes, at) : undefined;
    if (this.recovers) {
      const verdict = transfer === undefined ? 'late' : this.#judge(transfer, bytes, at, dataBytes);
      if (verdict === 'late') {
        this.#counters.droppedDataOuts += 1;
        return;
      }
      if (verdict !== 'fits') return sink.handleDataError(command, bytes, at, verdict);
    } else {
      const wrong = this.#mismatch(command, bytes, at, dataBytes);
      if (wrong !== undefined) return sink.handleDataError(command, bytes, at, wrong);
    }
    // A placement of a command that is no more was filled in vain; the tag may meanwhile name another one.
    if (placement !== undefined && (!(placement instanceof CommandPlacement) || placement.command !== command))
      return sink.handleDataError(command, bytes, at, 'data for a command that was replaced while it arrived');
    const offset = bufferOffset(bytes, at);
    if (placement === undefined && dataBytes !== 0)
      this.#stagingOf(command, offset + dataBytes).put(offset, bytes.subarray(dataAt, dataAt + dataBytes));
    if (transfer !== undefined) return this.#advance(command, transfer, bytes, at, dataBytes, true);
    command.receivedBytes += dataBytes;
    if (targetTransferTag(bytes, at) === RESERVED_TAG) {
      command.unsolicitedDataSequenceNumber += 1;
      if (isFinal(bytes, at)) command.unsolicitedOpen = false;
    } else {
      command.outstanding[0]!.nextDataSequenceNumber += 1;
      if (isFinal(bytes, at)) command.outstanding.shift();
    }
    this.#proceed(command);
  }

  #proceed(command: TargetCommand): void {
    if (isComplete(command)) command.dataOutComplete();
    else if (command.wantedBytes >= 0 && command.cancelReservation === undefined) this.#request(command);
  }

  // ---- error recovery level 1 and 2 ----

  /** The sequence a Data-Out belongs to; undefined: it is over, or was given up, or there never was one. */
  #transferOf(command: TargetCommand, bytes: Uint8Array, at: number): OutstandingTransfer | undefined {
    const tag = targetTransferTag(bytes, at);
    if (tag !== RESERVED_TAG) return command.outstanding.find((transfer) => transfer.transferTag === tag);
    if (!command.unsolicitedOpen) return undefined;
    return this.#unsolicited(command);
  }

  #unsolicited(command: TargetCommand): OutstandingTransfer {
    const recovery = recoveryOf(command);
    recovery.unsolicited ??= {
      transferTag: RESERVED_TAG,
      sequenceNumber: -1,
      startBytes: command.receivedBytes,
      endBytes: this.#unsolicitedEnd(command),
      nextBytes: command.receivedBytes,
      nextDataSequenceNumber: 0,
      watchedBytes: -1,
    };
    return recovery.unsolicited;
  }

  /** Data before which other data is missing fits as well (RFC 7143 §7.9); what has come already is late; else what is wrong. */
  #judge(transfer: OutstandingTransfer, bytes: Uint8Array, at: number, dataBytes: number): string {
    const sequence = dataSequenceNumber(bytes, at);
    const due = transfer.nextDataSequenceNumber;
    if (sequence < due) return 'late';
    const offset = bufferOffset(bytes, at);
    if (sequence === due ? offset !== transfer.nextBytes : offset < transfer.nextBytes)
      return `Buffer Offset ${offset} of DataSN ${sequence} where ${transfer.nextBytes} of ${due} was due`;
    return misplaced(offset, dataBytes, transfer.endBytes, isFinal(bytes, at), transfer.transferTag !== RESERVED_TAG) ?? 'fits';
  }

  /** A Data-Out of a sequence came: with its data, or (not `whole`) with data whose digest is wrong. */
  #advance(command: TargetCommand, transfer: OutstandingTransfer, bytes: Uint8Array, at: number, dataBytes: number, whole: boolean): void {
    const offset = bufferOffset(bytes, at);
    const end = offset + dataBytes;
    addGap(command, transfer.nextBytes, whole ? offset : end);
    if (command.recovery !== undefined) command.recovery.retries = 0;
    transfer.nextBytes = end;
    transfer.nextDataSequenceNumber = dataSequenceNumber(bytes, at) + 1;
    transfer.watchedBytes = -1;
    if (end > command.receivedBytes) command.receivedBytes = end;
    if (transfer.transferTag === RESERVED_TAG) {
      if (isFinal(bytes, at)) command.unsolicitedOpen = false;
    } else {
      // RFC 7143 §11.8: R2Ts are fulfilled in their order. Of a sequence that had begun before this one, the rest is lost.
      for (
        let before = command.outstanding[0]!;
        before !== transfer && before.nextDataSequenceNumber !== 0;
        before = command.outstanding[0]!
      )
        this.#giveUp(command, before);
      if (isFinal(bytes, at)) command.outstanding.splice(command.outstanding.indexOf(transfer), 1);
    }
    this.#proceed(command);
  }

  /** Nothing more will come of a sequence: what is missing of it has to be asked for anew. */
  #giveUp(command: TargetCommand, transfer: OutstandingTransfer): void {
    if (transfer.transferTag === RESERVED_TAG) {
      // What is left of it was not asked for: the next R2T begins there.
      command.unsolicitedOpen = false;
      return;
    }
    addGap(command, transfer.nextBytes, transfer.endBytes);
    if (command.receivedBytes < transfer.endBytes) command.receivedBytes = transfer.endBytes;
    command.outstanding.splice(command.outstanding.indexOf(transfer), 1);
    const { superseded } = recoveryOf(command);
    superseded.push(transfer);
    if (superseded.length > SUPERSEDED_MAX) superseded.shift();
  }

  /** The data of a Data-Out failed its digest, the header is right: what it should have brought is asked for again (RFC 7143 §7.8). */
  recover(command: TargetCommand, bytes: Uint8Array, at: number, dataBytes: number): void {
    const transfer = this.#transferOf(command, bytes, at);
    if (transfer === undefined) return;
    const verdict = this.#judge(transfer, bytes, at, dataBytes);
    if (verdict === 'late') return;
    if (verdict !== 'fits') return this.#carrier.sink.handleDataError(command, bytes, at, verdict);
    this.#advance(command, transfer, bytes, at, dataBytes, false);
  }

  /**
   * Called at intervals for a command that waits for data. A sequence that has not moved since the last time is given up and asked for
   * again (RFC 7143 §7.1.4.1: sequence reception timeout). Says how many bytes stand out then; -1: too often already.
   */
  watch(command: TargetCommand): number {
    const transfer = command.unsolicitedOpen ? this.#unsolicited(command) : command.outstanding[0];
    if (transfer === undefined || command.finished || command.aborted) return 0;
    if (transfer.watchedBytes !== transfer.nextBytes) {
      transfer.watchedBytes = transfer.nextBytes;
      return 0;
    }
    const recovery = recoveryOf(command);
    if (recovery.retries === RETRIES_MAX) return -1;
    recovery.retries += 1;
    const missing = transfer.endBytes - transfer.nextBytes;
    this.#giveUp(command, transfer);
    this.#proceed(command);
    this.#carrier.flushOutside();
    return missing;
  }

  /** The command came over from another connection: all that is missing is asked for here (RFC 7143 §7.2.2). */
  adopt(command: TargetCommand, nextSequenceNumber: number): void {
    if (command.unsolicitedOpen) this.#giveUp(command, this.#unsolicited(command));
    while (command.outstanding.length !== 0) this.#giveUp(command, command.outstanding[0]!);
    const recovery = recoveryOf(command);
    recovery.superseded.length = 0;
    recovery.retries = 0;
    // A number it can't be is ignored (RFC 7143 §11.5.7), and counting begins anew.
    command.readyToTransferSequenceNumber = nextSequenceNumber <= command.readyToTransferSequenceNumber ? nextSequenceNumber : 0;
    if (command.receiving) this.#proceed(command);
  }

  /** The connection is gone while the command lives on: bytes that a kernel may still write must not meet those of the next connection. */
  abandon(): void {
    const command = this.#arriving?.command;
    this.#arriving = undefined;
    command?.moveStaging();
  }
}

/** All that is wanted of a command's data has come. */
function isComplete(command: TargetCommand): boolean {
  return (
    command.wantedBytes >= 0 &&
    command.receivedBytes >= command.wantedBytes &&
    !command.unsolicitedOpen &&
    command.outstanding.length === 0 &&
    (command.recovery === undefined || !command.recovery.gaps.some((gap) => gap.from < command.wantedBytes))
  );
}

/** Where a Data-Out ends against what its sequence allows. */
function misplaced(offset: number, dataBytes: number, end: number, final: boolean, solicited: boolean): string | undefined {
  if (offset + dataBytes > end) return `data up to ${offset + dataBytes} where it may go to ${end}`;
  // RFC 7143 §11.7.1: the final PDU of a solicited sequence must bring all that the R2T asked for.
  if (solicited && final !== (offset + dataBytes === end)) return 'a sequence that ends too early or too late';
  return undefined;
}

function addGap(command: TargetCommand, from: number, to: number): void {
  if (from >= to) return;
  const { gaps } = recoveryOf(command);
  const last = gaps.at(-1);
  if (last === undefined || gaps.length < GAPS_MAX) gaps.push({ from, to });
  else gaps[gaps.length - 1] = { from: Math.min(last.from, from), to: Math.max(last.to, to) };
}

/** The next gap to ask for, at most `bytesMax` of it; undefined: there is none in what is wanted. */
function takeGap(gaps: Gap[], wantedBytes: number, bytesMax: number): Gap | undefined {
  while (gaps.length !== 0) {
    const { from, to: last } = gaps.shift()!;
    const to = Math.min(last, wantedBytes);
    if (from >= to) continue;
    const end = Math.min(to, from + bytesMax);
    if (end < to) gaps.unshift({ from: end, to });
    return { from, to: end };
  }
  return undefined;
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
