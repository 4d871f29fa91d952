/** Writes zeros where the platform has no cheaper way to make them, in pieces, so that nothing else waits long for a thread. */
import { type CallError, type FileCalls, nodeFileCalls, writeAll } from './file-calls.ts';

const PIECE_BYTES = 1024 * 1024;
let zeros: Uint8Array | undefined;

export function fillWithZeros(
  fd: number,
  position: number,
  lengthBytes: number,
  done: (error: CallError, moved: number) => void,
  calls: FileCalls = nodeFileCalls,
): void {
  zeros ??= new Uint8Array(PIECE_BYTES);
  const piece = zeros;
  const next = (moved: number): void => {
    if (moved === lengthBytes) return done(null, moved);
    const part = piece.subarray(0, Math.min(PIECE_BYTES, lengthBytes - moved));
    writeAll(calls, fd, [part], position + moved, (error, count) => {
      if (error !== null) return done(error, moved + count);
      next(moved + count);
    });
  };
  next(0);
}
