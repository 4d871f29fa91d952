/** Reads both ends again and compares them, several pieces at once. */
import type { CopyDestination, CopySource } from './ends.ts';
import { cutter } from './extents.ts';
import { runPieces, type Piece } from './pieces.ts';
import { isZero } from './zero-runs.ts';

export interface CompareOptions {
  readonly startBytes: number;
  readonly endBytes: number;
  readonly pieceBytes: number;
  readonly depth: number;
  readonly unitBytes: number;
  readonly stop: AbortSignal;
  readonly advanced: (positionBytes: number) => void;
}

export interface Difference {
  /** Of the first byte that differs. */
  readonly atBytes: number;
  readonly source: number;
  readonly destination: number;
}

/** The first difference; undefined: there is none, or it was stopped before one was found. */
export async function compare(source: CopySource, destination: CopyDestination, options: CompareOptions): Promise<Difference | undefined> {
  const { startBytes, endBytes, pieceBytes, depth, unitBytes, stop, advanced } = options;
  const cut = cutter(source, startBytes, endBytes, { pieceBytes, zeroPieceBytes: pieceBytes, unitBytes });
  // A last block that the source fills in part is read as a whole.
  const roomBytes = Math.ceil(pieceBytes / destination.unitBytes) * destination.unitBytes;
  const buffers: { readonly ours: Buffer; readonly theirs: Buffer }[] = [];
  const found: Difference[] = [];
  const work = async (piece: Piece, slot: number): Promise<void> => {
    buffers[slot] ??= { ours: Buffer.allocUnsafeSlow(pieceBytes), theirs: Buffer.allocUnsafeSlow(roomBytes) };
    const bytes = piece.endBytes - piece.startBytes;
    const wholeBytes = Math.ceil(bytes / destination.unitBytes) * destination.unitBytes;
    const ours = buffers[slot]!.ours.subarray(0, bytes);
    const theirs = buffers[slot]!.theirs.subarray(0, wholeBytes);
    const reads = [destination.read(piece.startBytes, theirs)];
    if (!piece.zeros) reads.push(source.read(piece.startBytes, ours));
    for (const one of await Promise.allSettled(reads)) if (one.status === 'rejected') throw one.reason;
    const whole = theirs.subarray(0, bytes);
    if (piece.zeros ? isZero(whole) : ours.equals(whole)) return;
    if (piece.zeros) ours.fill(0);
    const at = ours.findIndex((byte, index) => byte !== whole[index]);
    found.push({ atBytes: piece.startBytes + at, source: ours[at]!, destination: whole[at]! });
  };
  const next = async (): Promise<Piece | undefined> => (stop.aborted || found.length > 0 ? undefined : cut());
  await runPieces(next, depth, work, advanced);
  // Pieces end in any order, and all before the first that differs have been compared.
  return found.toSorted((a, b) => a.atBytes - b.atBytes)[0];
}
