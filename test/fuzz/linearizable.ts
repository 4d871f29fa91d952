/**
 * Whether what happened to one block could have happened one thing after the other (Herlihy and Wing: linearizability): a search for an
 * order in which every read gives what was written last, and nothing comes before what had ended when it began.
 */
export type BlockOperation =
  | { readonly type: 'read'; readonly value: number }
  | { readonly type: 'write'; readonly value: number }
  /** Compares with `expected` and, if equal, writes `value`. */
  | { readonly type: 'exchange'; readonly expected: number; readonly value: number; readonly succeeded: boolean };

export interface Happening {
  readonly operation: BlockOperation;
  readonly begin: number;
  /** Infinity: nobody was told how it ended; it may have happened, now or later, or not at all. */
  readonly end: number;
}

/** The value after the operation, or undefined if it can't come out as it did. */
function after(operation: BlockOperation, value: number): number | undefined {
  if (operation.type === 'write') return operation.value;
  if (operation.type === 'read') return operation.value === value ? value : undefined;
  if (operation.succeeded !== (operation.expected === value)) return undefined;
  return operation.succeeded ? operation.value : value;
}

export function isLinearizable(history: readonly Happening[], initial: number): boolean {
  const seen = new Set<string>();
  const search = (left: readonly Happening[], value: number): boolean => {
    if (left.every(({ end }) => end === Number.POSITIVE_INFINITY)) return true;
    const state = `${value}:${left.map(({ begin }) => begin).join()}`;
    if (seen.has(state)) return false;
    seen.add(state);
    const firstEnd = Math.min(...left.map(({ end }) => end));
    return left.some((happening, index) => {
      if (happening.begin > firstEnd) return false;
      const next = after(happening.operation, value);
      return next !== undefined && search([...left.slice(0, index), ...left.slice(index + 1)], next);
    });
  };
  return search(history, initial);
}
