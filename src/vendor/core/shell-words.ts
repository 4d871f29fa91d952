/** Words of a line as a POSIX shell takes them, and as it wants them. */

/** Undefined: a quote or a substitution is left open. A substitution such as `$(ls /sys/class/net)` stays as it is written. */
export function shellWords(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '\\' && isEscape(quote, text[at + 1])) {
      at += 1;
      word = (word ?? '') + text[at]!;
    } else if (character === '$' && text[at + 1] === '(' && quote !== "'") {
      const end = endOfSubstitution(text, at + 1);
      if (end === -1) return undefined;
      word = (word ?? '') + text.slice(at, end + 1);
      at = end;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === ' ' || character === '\t') {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (word !== undefined) words.push(word);
  return quote === undefined ? words : undefined;
}

/** POSIX.1-2017 Shell Command Language §2.2: a backslash is itself in single quotes, and in double ones before most characters. */
const isEscape = (quote: string | undefined, next: string | undefined): boolean =>
  next !== undefined && (quote === undefined || (quote === '"' && '"\\$`'.includes(next)));

function endOfSubstitution(text: string, open: number): number {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return at;
  }
  return -1;
}

/** A word as a shell wants it: brackets of `node.conn[0]` and of IPv6 would be patterns. */
export const shellQuoted = (text: string): string => (/^[A-Za-z0-9_.,:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);
