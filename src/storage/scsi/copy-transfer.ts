/** Moves bytes from one logical unit to another in bounded pieces, as a copy manager does (SPC-4 §5.17.7). */
import { concat, EMPTY_BYTES } from '../../base/bytes.ts';
import type { StoreDone, StoreError } from '../block/backing-store.ts';
import type { LogicalUnit } from './logical-unit.ts';

/** Most bytes read and written in one go, and so the most a copy keeps in memory. */
export const PIECE_BYTES = 1024 * 1024;

export interface Transfer {
  readonly source: LogicalUnit;
  readonly destination: LogicalUnit;
  /** Byte addresses on either medium; ranges have been checked. */
  readonly sourceAt: number;
  readonly destinationAt: number;
  readonly sourceBytes: number;
  /** Bytes to write: what the carry and the source give, completed with zeros where they give less. */
  readonly destinationBytes: number;
  /** Bytes that come before the source's: what an earlier segment left over. */
  readonly carry: Uint8Array;
}

export interface TransferControl {
  /** Asked before every piece. */
  cancelled(): boolean;
  wrote(lengthBytes: number): void;
}

export type TransferDone = (error: StoreError | undefined, leftOver: Uint8Array) => void;

/** Calls `step` again whenever it asks to, without growing the stack where it asks before it returns. */
function repeat(step: (again: () => void) => void): void {
  let running = false;
  let wanted = false;
  const again = (): void => {
    wanted = true;
    if (running) return;
    running = true;
    while (wanted) {
      wanted = false;
      step(again);
    }
    running = false;
  };
  again();
}

/**
 * Copies in ascending order. Where source and destination overlap on one medium, each piece is read whole before it is written.
 * `done` gets what was read and not asked to be written.
 */
export function runTransfer(transfer: Transfer, control: TransferControl, done: TransferDone): void {
  let pending = transfer.carry;
  let readBytes = 0;
  let writtenBytes = 0;

  const write = (views: readonly Uint8Array[], lengthBytes: number, again: () => void): void => {
    writeBytes(transfer.destination, transfer.destinationAt + writtenBytes, views, lengthBytes, (error) => {
      if (error !== undefined) return done(error, EMPTY_BYTES);
      writtenBytes += lengthBytes;
      control.wrote(lengthBytes);
      // Others get their turn between pieces, where the stores complete at once and never wait.
      transfer.destination.defer(again);
    });
  };

  repeat((again) => {
    if (control.cancelled()) return done(undefined, EMPTY_BYTES);
    const sourceLeft = transfer.sourceBytes - readBytes;
    const destinationLeft = transfer.destinationBytes - writtenBytes;
    if (sourceLeft === 0) {
      if (destinationLeft === 0) return done(undefined, pending);
      // The carry alone is left, and zeros behind it.
      const last = new Uint8Array(destinationLeft);
      const used = Math.min(pending.length, destinationLeft);
      last.set(pending.subarray(0, used));
      pending = pending.subarray(used);
      return write([last], last.length, again);
    }
    readPiece(
      transfer,
      transfer.sourceAt + readBytes,
      pieceBytes(transfer, writtenBytes, pending.length, sourceLeft),
      (error, views, length) => {
        if (error !== undefined) return done(error, EMPTY_BYTES);
        readBytes += length;
        const all = pending.length === 0 ? views : [pending, ...views];
        const writable = writableBytes(transfer, writtenBytes, pending.length + length);
        pending = tail(all, writable);
        if (writable === 0) again();
        else write(head(all, writable), writable, again);
      },
    );
  });
}

/** Ends pieces on block boundaries of the destination, so that no block is written twice. */
function pieceBytes(transfer: Transfer, writtenBytes: number, pendingBytes: number, sourceLeft: number): number {
  const into = (transfer.destinationAt + writtenBytes + pendingBytes) % transfer.destination.config.blockBytes;
  return Math.min(sourceLeft, PIECE_BYTES - into);
}

/** How much of what there is can be written now: all if it is the end, whole destination blocks before. */
function writableBytes(transfer: Transfer, writtenBytes: number, availableBytes: number): number {
  const left = transfer.destinationBytes - writtenBytes;
  if (availableBytes >= left) return left;
  const end = transfer.destinationAt + writtenBytes + availableBytes;
  return Math.max(0, availableBytes - (end % transfer.destination.config.blockBytes));
}

type PieceDone = (error: StoreError | undefined, views: readonly Uint8Array[], lengthBytes: number) => void;

function readPiece(transfer: Transfer, at: number, lengthBytes: number, done: PieceDone): void {
  const { blockBytes } = transfer.source.config;
  const lba = Math.floor(at / blockBytes);
  const blocks = Math.ceil((at + lengthBytes) / blockBytes) - lba;
  transfer.source.readRange(lba, blocks, (error, data) => {
    if (data === undefined) return done(error, [], 0);
    const skipped = at - lba * blockBytes;
    const views = head(drop(data.views, skipped), lengthBytes);
    // Views may show the medium itself: on the same medium they must not change under the writer's hands.
    done(undefined, transfer.source === transfer.destination ? [concat(views).slice()] : views, lengthBytes);
  });
}

function writeBytes(unit: LogicalUnit, at: number, views: readonly Uint8Array[], lengthBytes: number, done: StoreDone): void {
  const { blockBytes } = unit.config;
  const lba = Math.floor(at / blockBytes);
  const blocks = Math.ceil((at + lengthBytes) / blockBytes) - lba;
  // Never `owned`: the buffers may be the source's medium, which the destination must not adopt.
  if (at % blockBytes === 0 && lengthBytes % blockBytes === 0) {
    return unit.writeRange(lba, { views: [...views], lengthBytes, owned: false }, false, done);
  }
  mergeBytes(unit, lba, blocks, at - lba * blockBytes, concat(views).slice(), done);
}

/** SPC-4 §6.4.6.8: of a block that is written in part, the rest keeps its content. Nobody comes between reading and writing it. */
function mergeBytes(unit: LogicalUnit, lba: number, blocks: number, offset: number, bytes: Uint8Array, done: StoreDone): void {
  const { blockBytes } = unit.config;
  unit.exclusively(lba, blocks, (release) => {
    // As for any other write that a sanitize operation must not be mixed with.
    if (unit.sanitize === 'erasing') {
      release();
      return done({ fault: 'write', message: 'sanitize in progress' });
    }
    const finish: StoreDone = (error) => {
      release();
      done(error);
    };
    unit.store.read(lba * blockBytes, blocks * blockBytes, (error, data) => {
      if (data === undefined) return finish(error);
      const merged = concat(data.views).slice();
      merged.set(bytes, offset);
      const fua = unit.store.writeBack && !unit.modes.writeCacheEnabled;
      unit.store.write(lba * blockBytes, [merged], { fua, stable: true }, finish);
    });
  });
}

/** The views without their first `lengthBytes`. */
function drop(views: readonly Uint8Array[], lengthBytes: number): readonly Uint8Array[] {
  const out: Uint8Array[] = [];
  let left = lengthBytes;
  for (const view of views) {
    if (left < view.length) out.push(left === 0 ? view : view.subarray(left));
    left = Math.max(0, left - view.length);
  }
  return out;
}

/** The first `lengthBytes` of the views. */
function head(views: readonly Uint8Array[], lengthBytes: number): readonly Uint8Array[] {
  const out: Uint8Array[] = [];
  let left = lengthBytes;
  for (const view of views) {
    if (left === 0) break;
    out.push(view.length <= left ? view : view.subarray(0, left));
    left -= Math.min(left, view.length);
  }
  return out;
}

/** A copy of what comes behind the first `lengthBytes`: less than a block. */
function tail(views: readonly Uint8Array[], lengthBytes: number): Uint8Array {
  const rest = drop(views, lengthBytes);
  return rest.length === 0 ? EMPTY_BYTES : concat(rest).slice();
}
