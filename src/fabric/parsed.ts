/** What the small readers (sizes, addresses, names) give back: a value, or what is wrong and what to write instead. */

export interface Mistake {
  readonly wrong: string;
  readonly remedy: string;
}

export type Parsed<T> = { readonly value: T } | Mistake;

export const isMistake = (parsed: Parsed<unknown>): parsed is Mistake => 'wrong' in parsed;

export const mistake = (wrong: string, remedy: string): Mistake => ({ wrong, remedy });

/** For texts that the schema has already accepted. */
export function accepted<T>(parsed: Parsed<T>): T {
  if (isMistake(parsed)) throw new Error(`assertion failed: the schema let through: ${parsed.wrong}`);
  return parsed.value;
}
