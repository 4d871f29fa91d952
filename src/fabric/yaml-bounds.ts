/** How large and how deep a text may be that is shown to the parser: it recurses, and where its stack or its memory ends nothing can be caught. */

/** Larger than a fabric of a thousand hosts; what is longer isn't one. */
export const TEXT_CHARACTERS_MAX = 4 * 1024 * 1024;
/** Of line breaks, commas, brackets and indicators: there are no more values than that, and each takes about a kilobyte. */
const MARKS_MAX = 500_000;
const BRACKETS_MAX = 32;
/** Of indentation and indicators, before anything is known of what they mean; few enough for any stack. */
const BLOCK_DEPTH_MAX = 256;

/** A sentence on what is too much, and one on what to do; undefined: the parser may see it. */
export function tooMuch(text: string): readonly [string, string] | undefined {
  if (text.length > TEXT_CHARACTERS_MAX) return ['The file is larger than 4 MiB.', 'Split the fabric.'];
  if (markCount(text) > MARKS_MAX) return ['The file holds too many values.', 'Split the fabric.'];
  if (bracketDepth(text) > BRACKETS_MAX) return ['The file is nested too deeply.', 'Write it without so many brackets.'];
  if (blockDepth(text) > BLOCK_DEPTH_MAX) return ['The file is nested too deeply.', 'Write it with less indentation.'];
  return undefined;
}

/** Everything that a value can stand behind. */
function markCount(text: string): number {
  let count = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const isMark = code === 0x0a || code === 0x0d || code === 0x2c || code === 0x5b || code === 0x7b;
    if (isMark || ((code === 0x2d || code === 0x3a || code === 0x3f) && isBlank(text, index + 1))) count += 1;
  }
  return count;
}

/** The most brackets open at once, quotes and comments not considered: only ever too high. */
function bracketDepth(text: string): number {
  let depth = 0;
  let most = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x5b || code === 0x7b) most = Math.max(most, (depth += 1));
    else if ((code === 0x5d || code === 0x7d) && depth > 0) depth -= 1;
  }
  return most;
}

/**
 * The most levels of block structure open at once: steps of indentation, and indicators (`- `, `? `, `: `) behind each other in a line.
 * Texts and comments count as if they were structure, so this too is only ever too high.
 */
function blockDepth(text: string): number {
  const columns: number[] = [];
  let most = 0;
  for (const line of text.split(/[\r\n]/)) {
    const column = line.search(/[^ ]/);
    if (column === -1) continue;
    while (columns.length > 0 && columns.at(-1)! >= column) columns.pop();
    columns.push(column);
    let indicators = 0;
    let brackets = 0;
    for (let index = column; index < line.length; index += 1) {
      const code = line[index]!;
      if (code === '[' || code === '{') brackets += 1;
      else if (code === ']' || code === '}') brackets -= 1;
      else if (brackets <= 0 && (code === '-' || code === '?' || code === ':') && isBlank(line, index + 1)) indicators += 1;
    }
    most = Math.max(most, columns.length + indicators);
  }
  return most;
}

/** Also at the end of a line. */
function isBlank(text: string, index: number): boolean {
  if (index >= text.length) return true;
  const code = text.charCodeAt(index);
  return code === 0x20 || code === 0x09 || code === 0x0a || code === 0x0d;
}
