/** "Did you mean": the known word nearest to what was written. */
import { closest, distance } from 'fastest-levenshtein';

/** Longer words are not compared: nobody mistypes a key by so much, and distance costs the product of the lengths. */
const WORD_MAX = 64;

const plain = (word: string): string => word.toLowerCase().replace(/[-_\s]/g, '');

/** The known word that `written` is probably a slip of; undefined if none is near. */
export function suggest(written: string, known: readonly string[]): string | undefined {
  if (known.length === 0 || written.length === 0 || written.length > WORD_MAX) return undefined;
  const exact = known.find((word) => plain(word) === plain(written));
  if (exact !== undefined) return exact;
  const lowered = written.toLowerCase();
  const beginning = known.filter((word) => lowered.length >= 3 && word.toLowerCase().startsWith(lowered));
  if (beginning.length === 1) return beginning[0];
  const nearest = closest(
    lowered,
    known.map((word) => word.toLowerCase()),
  );
  const word = known.find((candidate) => candidate.toLowerCase() === nearest)!;
  // A third of the letters may be wrong, and two swapped ones (which count as two) in a short word.
  return distance(lowered, nearest) <= Math.max(2, Math.floor(word.length / 3)) && word.length > 2 ? word : undefined;
}

/** `a`, `b` or `c`, each in backquotes. */
export function alternatives(words: readonly (string | number | boolean)[]): string {
  const quoted = words.map((word) => `\`${String(word)}\``);
  if (quoted.length <= 1) return quoted.join('');
  return `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)!}`;
}
