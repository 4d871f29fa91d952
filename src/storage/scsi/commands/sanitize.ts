/**
 * SANITIZE (SBC-4 §4.11, §5.28): OVERWRITE, BLOCK ERASE, CRYPTOGRAPHIC ERASE and EXIT FAILURE MODE. The operation survives whatever
 * happens to the command that began it: aborts, resets, lost sessions. While it runs all but a few commands are refused, with
 * its progress in the sense data; one that failed keeps them out until it is repeated, or given up where AUSE allowed that.
 */
import { be16 } from '../../../base/bytes.ts';
import { type Sense, sense } from '../../../wire/scsi/sense.ts';
import type { StoreDone, StoreError } from '../../block/backing-store.ts';
import type { Command } from '../command.ts';
import type { CommandDefinition } from '../command-definition.ts';
import type { LogicalUnit } from '../logical-unit.ts';
import { PIECE_BYTES, repeated, tile } from './block-data.ts';
import { inPieces } from './in-pieces.ts';

const OVERWRITE = 0x01;
const BLOCK_ERASE = 0x02;
const CRYPTOGRAPHIC_ERASE = 0x03;
const EXIT_FAILURE_MODE = 0x1f;

const IMMED = 0x80;
/** ALLOW UNRESTRICTED SANITIZE EXIT: a failed operation may be given up. */
const AUSE = 0x20;

const HEADER_BYTES = 4;
/** OVERWRITE goes in at least so many pieces, so that its progress says something, and in pieces no longer than the limit. */
const OVERWRITE_PIECES_MIN = 128;
const OVERWRITE_PIECE_BYTES_MAX = 16 * PIECE_BYTES;
/** A multiple of every block size. */
const OVERWRITE_PIECE_BYTES_MIN = 65_536;
/** Unmapping is quick: more of it in one turn. */
const ERASE_PIECE_BYTES = 4096 * PIECE_BYTES;

/** One way over the whole medium. */
interface Pass {
  readonly pieceBytes: number;
  step(offsetBytes: number, lengthBytes: number, next: StoreDone): void;
}

function overwrite(unit: LogicalUnit, command: Command): void {
  const length = be16(command.cdb, 7);
  const { blockBytes } = unit.config;
  // SBC-4 §5.28.2.2: a header, and a pattern from one byte to one block.
  if (length <= HEADER_BYTES || length > HEADER_BYTES + blockBytes) return command.invalidCdbField(7);
  command.receiveList(length, (list) => {
    if (list.length < length) return command.fail('ILLEGAL REQUEST', 'PARAMETER_LIST_LENGTH_ERROR');
    const count = list[0]! & 0x1f;
    const patternBytes = be16(list, 2);
    // TEST asks for tests of the vendor's own, of which there are none.
    if ((list[0]! & 0x60) !== 0) return command.invalidListField(0, 6);
    if (count === 0) return command.invalidListField(0, 4);
    if (list[1] !== 0) return command.invalidListField(1);
    if (patternBytes === 0 || patternBytes > list.length - HEADER_BYTES) return command.invalidListField(2);
    const block = new Uint8Array(blockBytes);
    // In each block the pattern starts anew, and is cut where it doesn't fit (SBC-4 §5.28.2.2).
    for (let index = 0; index < blockBytes; index += 1) block[index] = list[HEADER_BYTES + (index % patternBytes)]!;
    const inverted = block.map((byte) => ~byte);
    const invert = (list[0]! & 0x80) !== 0;
    const passes = Array.from({ length: count }, (_, index) => overwritePass(unit, invert && index % 2 === 1 ? inverted : block));
    begin(unit, command, passes);
  });
}

function overwritePass(unit: LogicalUnit, block: Uint8Array): Pass {
  const pattern = tile(block, unit.blockCount);
  const wanted = Math.ceil(unit.store.sizeBytes / OVERWRITE_PIECES_MIN / OVERWRITE_PIECE_BYTES_MIN) * OVERWRITE_PIECE_BYTES_MIN;
  return {
    pieceBytes: Math.min(OVERWRITE_PIECE_BYTES_MAX, wanted),
    step: (offset, length, next) => unit.store.write(offset, repeated(pattern, length), { fua: false, stable: true }, next),
  };
}

/**
 * Block and cryptographic erase are the same here. The medium is not encrypted, so that there is no key to destroy; what a
 * cryptographic erase promises (nothing of the data can be read again through this unit) is kept by deallocating all of it.
 */
function erase(unit: LogicalUnit, command: Command): void {
  if (be16(command.cdb, 7) !== 0) return command.invalidCdbField(7);
  begin(unit, command, [{ pieceBytes: ERASE_PIECE_BYTES, step: (offset, length, next) => unit.store.unmap(offset, length, next) }]);
}

function exitFailureMode(unit: LogicalUnit, command: Command): void {
  if (be16(command.cdb, 7) !== 0) return command.invalidCdbField(7);
  // SBC-4 §5.28.2.5: an operation begun without AUSE can only be repeated.
  if (unit.sanitize === 'failed' && !unit.sanitizeExit) return command.invalidCdbField(1, 4);
  end(unit);
  command.good();
}

function begin(unit: LogicalUnit, command: Command, passes: readonly Pass[]): void {
  const immediate = (command.cdb[1]! & IMMED) !== 0;
  unit.sanitizeExit = (command.cdb[1]! & AUSE) !== 0;
  unit.sanitize = 'pending';
  tell(unit, 0);
  if (immediate) command.good();
  else command.detach();
  // What was already running may still write: only then is the medium ours.
  unit.tasks.whenOthersEnd(command, () => {
    unit.sanitize = 'erasing';
    run(unit, passes, (error) => {
      if (error === undefined) end(unit);
      else fail(unit);
      if (immediate || command.aborted) return;
      if (error === undefined) command.good();
      else command.checkCondition(unit.refusal!);
    });
  });
}

/** Pass after pass; each is on the medium before the next begins, or a cache would make one of them all. */
function run(unit: LogicalUnit, passes: readonly Pass[], done: StoreDone): void {
  const total = unit.store.sizeBytes;
  const onePass = (index: number, _: number, next: StoreDone): void => {
    const { pieceBytes, step } = passes[index]!;
    const told: Pass['step'] = (offset, length, then) => {
      tell(unit, (index + offset / total) / passes.length);
      step(offset, length, then);
    };
    inPieces({ totalBytes: total, pieceBytes, step: told }, unit.pause, (error: StoreError | undefined) => {
      if (error !== undefined) next(error);
      else unit.store.flush(next);
    });
  };
  inPieces({ totalBytes: passes.length, pieceBytes: 1, step: onePass }, unit.defer, done);
}

function tell(unit: LogicalUnit, done: number): void {
  refuse(unit, sense('NOT READY', 'NOT_READY_SANITIZE', { progress: Math.min(0xffff, Math.floor(done * 0x1_0000)) }));
}

function fail(unit: LogicalUnit): void {
  unit.sanitize = 'failed';
  refuse(unit, sense('MEDIUM ERROR', 'SANITIZE_FAILED'));
}

function end(unit: LogicalUnit): void {
  unit.sanitize = 'no';
  refuse(unit, undefined);
}

function refuse(unit: LogicalUnit, why: Sense | undefined): void {
  unit.refusal = why;
  unit.backgroundSense = why;
}

const common = {
  operationCode: 0x48,
  reservation: 'write',
  needsMedium: true,
  writesMedium: true,
  endsSanitizeFailure: true,
} as const;

/** ZNR (byte 1 bit 6) is zero: there are no zones. */
const usage = (serviceAction: number, flags: number): readonly number[] => [0x48, flags | serviceAction, 0, 0, 0, 0, 0, 0xff, 0xff, 0x04];

export const sanitizeCommands: readonly CommandDefinition[] = [
  { name: 'SANITIZE OVERWRITE', serviceAction: OVERWRITE, usage: usage(OVERWRITE, IMMED | AUSE), ...common, execute: overwrite },
  {
    name: 'SANITIZE BLOCK ERASE',
    serviceAction: BLOCK_ERASE,
    usage: usage(BLOCK_ERASE, IMMED | AUSE),
    ...common,
    // SBC-4 §4.11.2.3: it leaves blocks deallocated, which only a thin unit has.
    supports: (unit) => unit.config.thin,
    execute: erase,
  },
  {
    name: 'SANITIZE CRYPTOGRAPHIC ERASE',
    serviceAction: CRYPTOGRAPHIC_ERASE,
    usage: usage(CRYPTOGRAPHIC_ERASE, IMMED | AUSE),
    ...common,
    supports: (unit) => unit.config.thin,
    execute: erase,
  },
  {
    name: 'SANITIZE EXIT FAILURE MODE',
    serviceAction: EXIT_FAILURE_MODE,
    usage: usage(EXIT_FAILURE_MODE, AUSE),
    ...common,
    execute: exitFailureMode,
  },
];
