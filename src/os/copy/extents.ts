/** Cuts a source into pieces to copy or to compare: along its holes, and at multiples of a length. */
import type { CopySource, Extent } from './ends.ts';
import type { Piece } from './pieces.ts';

export interface CutOptions {
  /** The length of a piece that may hold data; a multiple of `unitBytes`. */
  readonly pieceBytes: number;
  readonly zeroPieceBytes: number;
  /** Pieces begin at multiples of it. */
  readonly unitBytes: number;
}

/** Gives one piece after the other, from `startBytes` to `endBytes`; undefined: that was the last. */
export function cutter(source: CopySource, startBytes: number, endBytes: number, options: CutOptions): () => Promise<Piece | undefined> {
  const { pieceBytes, zeroPieceBytes, unitBytes } = options;
  let at = startBytes;
  let extent: Extent = { endBytes: startBytes, zeros: false };
  return async () => {
    if (at >= endBytes) return undefined;
    if (extent.endBytes <= at) extent = await source.extentAt(at);
    const start = at;
    // A hole that ends within a unit leaves this unit to the data behind it.
    const holeEnd = extent.endBytes >= endBytes ? endBytes : Math.floor(extent.endBytes / unitBytes) * unitBytes;
    if (extent.zeros && holeEnd > start) at = Math.min(holeEnd, start + zeroPieceBytes);
    else {
      const dataEnd = extent.zeros ? start + unitBytes : Math.ceil(extent.endBytes / unitBytes) * unitBytes;
      at = Math.min(dataEnd, (Math.floor(start / pieceBytes) + 1) * pieceBytes, endBytes);
    }
    return { startBytes: start, endBytes: at, zeros: extent.zeros && holeEnd > start };
  };
}
