/**
 * Moves the bytes. Several pieces are under way at once, out of order; what is told as durable was flushed after every piece before it was
 * written, and is never taken back. Should the destination lose what it had not flushed, it is written again from there.
 */
import type { CopyDestination, CopySource } from './ends.ts';
import { cutter } from './extents.ts';
import { runPieces, type Piece } from './pieces.ts';
import { zeroRuns } from './zero-runs.ts';

export interface TransferOptions {
  /** Where to begin: everything before is durable at the destination already. */
  readonly startBytes: number;
  /** Bytes of the source to copy. */
  readonly bytes: number;
  readonly pieceBytes: number;
  readonly depth: number;
  /** A multiple of what both ends count in. */
  readonly unitBytes: number;
  /** Zeros are not written as data. */
  readonly sparse: boolean;
  /** How often what was written is made durable, and told. */
  readonly checkpointMilliseconds: number;
  /** Everything before this position is durable. */
  readonly checkpoint: (positionBytes: number) => Promise<void>;
  readonly stop: AbortSignal;
  readonly progress: TransferProgress;
  /** Milliseconds. */
  readonly now: () => number;
}

export interface TransferProgress {
  positionBytes: number;
  dataBytes: number;
  zeroBytes: number;
  /** How often the destination lost what it had not flushed. */
  losses: number;
}

/** Holes are taken in pieces, so that how far one has come is known. */
const ZERO_PIECE_BYTES = 64 * 1024 * 1024;

/** Resolves when everything is durable, or after `stop` when everything written until then is. */
export async function transfer(
  source: CopySource,
  destination: CopyDestination,
  options: TransferOptions,
): Promise<'complete' | 'stopped'> {
  const { bytes, stop, progress } = options;
  const state = { durable: options.startBytes, lost: false };
  const unsubscribe = destination.onLoss(() => {
    state.lost = true;
  });
  const isLost = (): boolean => state.lost;
  /** False: what was to be made durable is gone. */
  const makeDurable = async (positionBytes: number): Promise<boolean> => {
    if (isLost()) return false;
    if (positionBytes <= state.durable) return true;
    await destination.flush();
    if (isLost()) return false;
    await options.checkpoint(positionBytes);
    state.durable = positionBytes;
    return true;
  };
  try {
    for (;;) {
      state.lost = false;
      progress.positionBytes = state.durable;
      await pass(source, destination, options, isLost, makeDurable);
      if (await makeDurable(progress.positionBytes)) return stop.aborted && progress.positionBytes < bytes ? 'stopped' : 'complete';
      progress.losses += 1;
    }
  } finally {
    unsubscribe();
  }
}

/** From where the progress stands, until all is written, or somebody stops it, or something is lost. */
async function pass(
  source: CopySource,
  destination: CopyDestination,
  options: TransferOptions,
  isLost: () => boolean,
  makeDurable: (positionBytes: number) => Promise<boolean>,
): Promise<void> {
  const { bytes, depth, pieceBytes, unitBytes, stop, progress, now } = options;
  const cut = cutter(source, progress.positionBytes, bytes, { pieceBytes, zeroPieceBytes: ZERO_PIECE_BYTES, unitBytes });
  const buffers: (Buffer | undefined)[] = Array.from({ length: depth });
  const checkpoint: { running: Promise<void> | undefined; failure: { readonly error: unknown } | undefined; at: number } = {
    running: undefined,
    failure: undefined,
    at: now(),
  };
  const advanced = (positionBytes: number): void => {
    progress.positionBytes = positionBytes;
    if (checkpoint.running !== undefined || now() - checkpoint.at < options.checkpointMilliseconds) return;
    const failed = (error: unknown): void => {
      checkpoint.failure = { error };
    };
    checkpoint.running = makeDurable(positionBytes)
      .then(() => {}, failed)
      .finally(() => {
        checkpoint.running = undefined;
        checkpoint.at = now();
      });
  };
  const next = async (): Promise<Piece | undefined> => {
    if (checkpoint.failure !== undefined) throw checkpoint.failure.error;
    return stop.aborted || isLost() ? undefined : cut();
  };
  const work = (piece: Piece, slot: number): Promise<void> => {
    if (piece.zeros && options.sparse) return zeroPiece(destination, piece, progress);
    buffers[slot] ??= Buffer.allocUnsafeSlow(padded(pieceBytes, destination));
    return copyPiece(source, destination, piece, buffers[slot]!, options);
  };
  try {
    await runPieces(next, depth, work, advanced);
  } finally {
    await checkpoint.running;
  }
  if (checkpoint.failure !== undefined) throw checkpoint.failure.error;
}

/** Up to the end of the destination's unit: a last block that the source fills in part ends with zeros. */
const padded = (endBytes: number, { unitBytes }: CopyDestination): number => Math.ceil(endBytes / unitBytes) * unitBytes;

async function zeroPiece(destination: CopyDestination, piece: Piece, progress: TransferProgress): Promise<void> {
  const { startBytes, endBytes } = piece;
  await destination.zero(startBytes, padded(endBytes, destination) - startBytes);
  progress.zeroBytes += endBytes - startBytes;
}

/** A hole that has to be written is longer than the buffer. */
async function copyPiece(
  source: CopySource,
  destination: CopyDestination,
  piece: Piece,
  buffer: Buffer,
  { pieceBytes, sparse, progress }: TransferOptions,
): Promise<void> {
  for (let at = piece.startBytes; at < piece.endBytes; at += pieceBytes) {
    const bytes = Math.min(pieceBytes, piece.endBytes - at);
    if (piece.zeros) buffer.fill(0);
    else {
      await source.read(at, buffer.subarray(0, bytes));
      buffer.fill(0, bytes);
    }
    const data = buffer.subarray(0, padded(at + bytes, destination) - at);
    const runs = sparse
      ? zeroRuns(data, at, Math.max(destination.unitBytes, destination.zeroUnitBytes))
      : [{ start: 0, end: data.length, zeros: false }];
    const settled = await Promise.allSettled(
      runs.map(({ start, end, zeros }) =>
        zeros ? destination.zero(at + start, end - start) : destination.write(at + start, data.subarray(start, end)),
      ),
    );
    // Nobody reads from the buffer any more, which is used again.
    for (const one of settled) if (one.status === 'rejected') throw one.reason;
    let zeroBytes = 0;
    for (const run of runs) if (run.zeros) zeroBytes += Math.min(run.end, bytes) - Math.min(run.start, bytes);
    progress.zeroBytes += zeroBytes;
    progress.dataBytes += bytes - zeroBytes;
  }
}
