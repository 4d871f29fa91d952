/** Work on pieces of a long range: several at once, finished in any order, and how far all of it has come. */

export interface Piece {
  readonly startBytes: number;
  readonly endBytes: number;
  readonly zeros: boolean;
}

/** How many pieces may be finished ahead of one that takes long, for each that is under way. */
const AHEAD = 32;

/**
 * Takes pieces until there are no more, or one of them fails; then waits for those under way. `work` is given a slot from 0 to `depth - 1`
 * that nobody else has meanwhile. `advanced` is told up to where everything is done.
 */
export async function runPieces(
  next: () => Promise<Piece | undefined>,
  depth: number,
  work: (piece: Piece, slot: number) => Promise<void>,
  advanced: (positionBytes: number) => void,
): Promise<void> {
  const order: { readonly endBytes: number; done: boolean }[] = [];
  const free = Array.from({ length: depth }, (_, slot) => slot);
  const failure: { readonly errors: unknown[] } = { errors: [] };
  let wake: (() => void) | undefined;
  const finished = (): void => {
    let end: number | undefined;
    while (order[0]?.done === true) end = order.shift()!.endBytes;
    if (end !== undefined && failure.errors.length === 0) advanced(end);
    wake?.();
  };
  const start = async (piece: Piece, slot: number): Promise<void> => {
    const place = { endBytes: piece.endBytes, done: false };
    order.push(place);
    try {
      await work(piece, slot);
      place.done = true;
    } catch (error) {
      failure.errors.push(error);
    }
    free.push(slot);
    finished();
  };
  const until = async (ready: () => boolean): Promise<void> => {
    while (!ready()) await new Promise<void>((resolve) => (wake = resolve));
  };
  try {
    for (;;) {
      await until(() => failure.errors.length > 0 || (free.length > 0 && order.length < depth * AHEAD));
      const piece = failure.errors.length > 0 ? undefined : await next();
      if (piece === undefined) break;
      void start(piece, free.shift()!);
    }
  } catch (error) {
    failure.errors.push(error);
  }
  await until(() => free.length === depth);
  if (failure.errors.length > 0) throw failure.errors[0];
}
