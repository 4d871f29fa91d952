/** What the parser says of a text that is no YAML, in our words. */
import type { YAMLError } from 'yaml';
import { type Problem, RULE_YAML, type Span } from './problem.ts';

/** Nobody mends more of them at once. */
const ERRORS_MAX = 500;

/** One slip gives a trail of complaints on its line: the first says it best. */
export function syntaxProblems(
  text: string,
  errors: readonly YAMLError[],
  spanOf: (start: number, end: number) => Span,
  problem: (span: Span, rule: string, message: string, remedy: string) => Problem,
): Problem[] {
  const byLine = new Map<number, Problem>();
  for (const error of errors.slice(0, ERRORS_MAX)) {
    const span = spanOf(...written(text, error.pos));
    const [message, remedy] = sentences(error);
    if (!byLine.has(span.line)) byLine.set(span.line, problem(span, RULE_YAML, message, remedy));
  }
  return [...byLine.values()];
}

/** What the parser misses on an empty line, or at the end, is missing after the last thing written. */
function written(text: string, [start, end]: readonly [number, number]): [number, number] {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', start);
  if (text.slice(lineStart, lineEnd === -1 ? text.length : lineEnd).trim() !== '') return [start, end];
  const last = text.slice(0, lineStart).trimEnd().length;
  return last === 0 ? [start, end] : [last - 1, last];
}

function sentences({ code, message }: YAMLError): readonly [string, string] {
  if (code === 'BAD_INDENT' && message.startsWith('Flow')) return ['A bracket is opened and not closed.', 'Close it with `}` or `]`.'];
  return SYNTAX[code] ?? [`This is not YAML: ${message}.`, 'See the line, and the ones above it.'];
}

const SYNTAX: Readonly<Partial<Record<YAMLError['code'], readonly [string, string]>>> = {
  TAB_AS_INDENT: ['A tab indents this line, and YAML allows only spaces.', 'Replace the tab with spaces (two a level).'],
  BAD_INDENT: ['This line is indented differently from the ones it belongs to.', 'Start it in the same column as its neighbours.'],
  BLOCK_AS_IMPLICIT_KEY: [
    'There is a second `: ` on this line.',
    'Put the value in quotes, or the inner key on a line of its own, indented.',
  ],
  MULTILINE_IMPLICIT_KEY: ['This line is no `key: value`.', 'Write a colon and a space after the key.'],
  MISSING_CHAR: ['A quote, bracket, comma or colon is missing here.', 'Close what was opened, and write a space after each colon.'],
  BAD_SCALAR_START: ["A plain text can't start with this character.", 'Put the text in quotes.'],
  MULTIPLE_DOCS: ['A second document starts here (`---`).', 'Keep one fabric in a file.'],
  TAG_RESOLVE_FAILED: ['A tag (`!...`) has no meaning here.', 'Leave it out, or put the text in quotes.'],
  BAD_DIRECTIVE: ['A directive (`%...`) has no meaning here.', 'Leave it out.'],
  RESOURCE_EXHAUSTION: ['The file is nested too deeply.', 'Write it without so many brackets.'],
};
