/** Long work in pieces, so that nobody else has to wait for all of it. */
import type { StoreDone } from '../../block/backing-store.ts';

export interface Work {
  readonly totalBytes: number;
  readonly pieceBytes: number;
  /** Asked before each piece: true ends the work early, as if it were done. */
  readonly stop?: () => boolean;
  /** Takes one piece on; calls `next` once, at once or later. */
  step(offsetBytes: number, lengthBytes: number, next: StoreDone): void;
}

/**
 * Runs the pieces one after the other, with `defer` between them, and then `done`: with the first error, or without. A piece that
 * completes at once comes back to the loop below instead of deepening the stack.
 */
export function inPieces(work: Work, defer: (action: () => void) => void, done: StoreDone): void {
  let at = 0;
  let looping = false;
  let again = false;
  const advance = (): void => {
    again = true;
    if (looping) return;
    looping = true;
    while (again) {
      again = false;
      if (at >= work.totalBytes || work.stop?.() === true) {
        looping = false;
        return done(undefined);
      }
      const length = Math.min(work.pieceBytes, work.totalBytes - at);
      work.step(at, length, (error) => {
        if (error !== undefined) return done(error);
        at += length;
        if (at >= work.totalBytes) advance();
        else defer(advance);
      });
    }
    looping = false;
  };
  advance();
}
