/** A broken promise inside our own code (never a peer's doing: those get a DecodeError, an event or an answer). */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Ends an exhaustive switch: the compiler proves that `value` cannot be here. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
