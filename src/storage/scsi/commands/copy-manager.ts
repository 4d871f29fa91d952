/** Copy manager (SPC-4 §5.17): carries out the segments of an EXTENDED COPY one after the other, with the rights of the nexus that asked. */
import { bytesEqual, EMPTY_BYTES } from '../../../base/bytes.ts';
import { type AdditionalSense, type Sense, type SenseKey, sense } from '../../../wire/scsi/sense.ts';
import type { StoreError } from '../../block/backing-store.ts';
import type { Command } from '../command.ts';
import type { CopyProgress } from '../copy-results.ts';
import { runTransfer, type Transfer } from '../copy-transfer.ts';
import { COPY_SEGMENT_BYTES_MAX } from './copy-limits.ts';
import type { CopyPlan, CopySegment, CopyTarget } from './copy-parameters.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import type { ReservationClass } from '../reservation-class.ts';

export type CopyDone = (failure: Sense | undefined) => void;

/** COPY ABORTED, pointing at the descriptor in the parameter list (SPC-4 §5.17.7.4: the segment pointer of the sense data). */
const aborted = (code: AdditionalSense, listByte: number, key: SenseKey = 'COPY ABORTED'): Sense =>
  sense(key, code, { field: { inCdb: false, byte: listByte } });

const isSense = <Value extends object>(value: Value | Sense): value is Sense => 'key' in value && 'code' in value;

/** Runs the segments; `done` is called once, with why it stopped if it did. */
export function runCopy(manager: LogicalUnit, command: Command, plan: CopyPlan, progress: CopyProgress, done: CopyDone): void {
  let carry: Uint8Array = EMPTY_BYTES;
  const control = {
    cancelled: () => command.aborted,
    wrote: (lengthBytes: number) => {
      progress.writtenBytes += lengthBytes;
    },
  };
  const next = (index: number): void => {
    const segment = plan.segments[index];
    if (segment === undefined) return done(undefined);
    const transfer = transferOf(manager, command, plan, segment, carry);
    if (isSense(transfer)) return done(transfer);
    runTransfer(transfer, control, (error, leftOver) => {
      if (error !== undefined) return done(aborted(storeCode(error), segment.listByte));
      // An answer to an aborted command goes nowhere; this one is for RECEIVE COPY RESULTS.
      if (command.aborted) return done(aborted('NONE', segment.listByte));
      carry = segment.concatenates ? leftOver : EMPTY_BYTES;
      progress.segmentsProcessed += 1;
      next(index + 1);
    });
  };
  next(0);
}

function storeCode(error: StoreError): AdditionalSense {
  if (error.fault === 'read') return 'UNRECOVERED_READ_ERROR';
  return error.fault === 'no-space' ? 'SPACE_ALLOCATION_FAILED' : 'WRITE_ERROR';
}

/** What a segment comes to, once everything it names has been found and checked. */
function transferOf(manager: LogicalUnit, command: Command, plan: CopyPlan, segment: CopySegment, carry: Uint8Array): Transfer | Sense {
  const sourceTarget = plan.targets[segment.source];
  const destinationTarget = plan.targets[segment.destination];
  // SPC-4 §6.4.6.1: an index behind the last descriptor.
  if (sourceTarget === undefined || destinationTarget === undefined) return aborted('UNREACHABLE_COPY_TARGET', segment.listByte);
  const source = reach(manager, command, sourceTarget, 'read');
  if (isSense(source)) return source;
  const destination = reach(manager, command, destinationTarget, 'write');
  if (isSense(destination)) return destination;
  const lengths = lengthsOf(segment, source, destination, carry.length);
  if (Math.max(lengths.sourceBytes, lengths.destinationBytes) > COPY_SEGMENT_BYTES_MAX)
    return aborted('INVALID_FIELD_IN_PARAMETER_LIST', segment.listByte, 'ILLEGAL REQUEST');
  const { sourceBytes, excessBytes } = lengths;
  let { destinationBytes } = lengths;
  if (excessBytes !== 0 && !segment.concatenates) {
    // SPC-4 table 143: what does not fill blocks exactly is padded or dropped if the target says so, and otherwise an error.
    const countsSource = segment.length.unit === 'source blocks';
    if (!(countsSource ? destinationTarget : sourceTarget).pads) return aborted('UNEXPECTED_INEXACT_SEGMENT', segment.listByte);
    if (countsSource) destinationBytes += destination.config.blockBytes;
  }
  const offsets = segment.length.unit === 'bytes' ? segment.length : { sourceOffset: 0, destinationOffset: 0 };
  if (offsets.sourceOffset >= source.config.blockBytes || offsets.destinationOffset >= destination.config.blockBytes)
    return aborted('INVALID_FIELD_IN_PARAMETER_LIST', segment.listByte, 'ILLEGAL REQUEST');
  if (
    !holds(source, segment.sourceLba, offsets.sourceOffset + sourceBytes) ||
    !holds(destination, segment.destinationLba, offsets.destinationOffset + destinationBytes)
  )
    return aborted('NONE', segment.listByte);
  return {
    source,
    destination,
    sourceAt: segment.sourceLba * source.config.blockBytes + offsets.sourceOffset,
    destinationAt: segment.destinationLba * destination.config.blockBytes + offsets.destinationOffset,
    sourceBytes,
    destinationBytes,
    carry: segment.length.unit === 'bytes' ? EMPTY_BYTES : carry,
  };
}

const holds = (unit: LogicalUnit, lba: number, lengthBytes: number): boolean =>
  lba <= unit.blockCount && Math.ceil(lengthBytes / unit.config.blockBytes) <= unit.blockCount - lba;

/** Whole source and destination blocks that a segment moves, and the bytes they don't have in common. */
function lengthsOf(
  { length }: CopySegment,
  source: LogicalUnit,
  destination: LogicalUnit,
  carryBytes: number,
): { readonly sourceBytes: number; readonly destinationBytes: number; readonly excessBytes: number } {
  if (length.unit === 'bytes') return { sourceBytes: length.count, destinationBytes: length.count, excessBytes: 0 };
  if (length.unit === 'source blocks') {
    const sourceBytes = length.count * source.config.blockBytes;
    const excessBytes = (carryBytes + sourceBytes) % destination.config.blockBytes;
    return { sourceBytes, destinationBytes: carryBytes + sourceBytes - excessBytes, excessBytes };
  }
  const destinationBytes = length.count * destination.config.blockBytes;
  const missingBytes = Math.max(0, destinationBytes - carryBytes);
  const sourceBytes = Math.ceil(missingBytes / source.config.blockBytes) * source.config.blockBytes;
  return { sourceBytes, destinationBytes, excessBytes: carryBytes + sourceBytes - destinationBytes };
}

/** The logical unit of a target descriptor, if the nexus may use it there as it means to. */
function reach(manager: LogicalUnit, command: Command, target: CopyTarget, access: ReservationClass): LogicalUnit | Sense {
  const unit = findUnit(manager, target.naa);
  if (unit === undefined) return aborted('COPY_TARGET_DEVICE_NOT_REACHABLE', target.listByte);
  const { nexus } = command.link;
  const state = unit.accessStates.of(nexus.targetPort.groupId);
  const ready = unit.medium === 'ready' && unit.sanitize === 'no' && (state === 'active-optimized' || state === 'active-nonoptimized');
  if (!ready) return aborted('COPY_TARGET_DEVICE_NOT_REACHABLE', target.listByte);
  // SPC-4 §6.4.4.4: zero from initiators that leave the length open.
  if (target.blockBytes !== 0 && target.blockBytes !== unit.config.blockBytes)
    return aborted('INVALID_FIELD_IN_PARAMETER_LIST', target.listByte, 'ILLEGAL REQUEST');
  if (unit.reservations.active && unit.reservations.conflicts(unit.link(nexus), access)) return aborted('NONE', target.listByte);
  if (access === 'write' && unit.writeProtected) return aborted('WRITE_PROTECTED', target.listByte);
  return unit;
}

function findUnit(manager: LogicalUnit, naa: Uint8Array | undefined): LogicalUnit | undefined {
  if (naa === undefined) return undefined;
  if (bytesEqual(naa, manager.config.identity.naa)) return manager;
  return [...manager.device.units.values()].find((unit) => bytesEqual(naa, unit.config.identity.naa));
}
