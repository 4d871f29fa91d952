/** YAML 1.2 (core schema) to plain values, with the place of each. Every mistake is a problem; nothing is thrown. */
import { type Document, isAlias, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError, type YAMLMap } from 'yaml';
import { describePath, type Placement, type Positions, positionsOf, START } from './positions.ts';
import { type Path, pathKey, type Problem, RULE_DUPLICATE_KEY, RULE_TOO_LARGE, RULE_YAML, type Span } from './problem.ts';

/** Larger than any fabric written by hand; what is longer isn't one. */
export const TEXT_CHARACTERS_MAX = 1024 * 1024;
/** Values after aliases are followed, so that a few lines can't stand for billions. */
const VALUES_MAX = 50_000;
const DEPTH_MAX = 32;
/** Of indentation and indicators, before anything is known of what they mean; few enough for any stack. */
const BLOCK_DEPTH_MAX = 256;

export interface YamlReading {
  readonly value: unknown;
  readonly positions: Positions;
  /** With any of these, `value` is not worth reading further, unless `usable`. */
  readonly problems: readonly Problem[];
  readonly usable: boolean;
}

export function readYaml(text: string, file: string): YamlReading {
  const problem = (span: Span, rule: string, message: string, remedy: string): Problem => ({
    ...span,
    rule,
    severity: 'error',
    message,
    remedy,
    file,
    where: '',
  });
  const failed = (problems: readonly Problem[]): YamlReading => ({
    value: undefined,
    positions: positionsOf(file, new Map()),
    problems,
    usable: false,
  });
  if (text.length > TEXT_CHARACTERS_MAX)
    return failed([problem(START, RULE_TOO_LARGE, 'The file is larger than 1 MiB.', 'A fabric file is a text of a few pages.')]);
  // The parser recurses, and where its stack ends nothing can be caught any more: what is too deep is not shown to it.
  if (bracketDepth(text) > DEPTH_MAX)
    return failed([problem(START, RULE_TOO_LARGE, 'The file is nested too deeply.', 'Write it without so many brackets.')]);
  if (blockDepth(text) > BLOCK_DEPTH_MAX)
    return failed([problem(START, RULE_TOO_LARGE, 'The file is nested too deeply.', 'Write it with less indentation.')]);

  const lineCounter = new LineCounter();
  const spanOf = (start: number, end: number): Span => {
    const from = lineCounter.linePos(Math.min(start, text.length));
    const to = lineCounter.linePos(Math.min(Math.max(start, end), text.length));
    return { line: Math.max(1, from.line), column: Math.max(1, from.col), endLine: Math.max(1, to.line), endColumn: Math.max(1, to.col) };
  };
  let document: Document.Parsed;
  try {
    document = parseDocument(text, {
      lineCounter,
      prettyErrors: false,
      uniqueKeys: false,
      stringKeys: false,
      logLevel: 'error',
      resolveKnownTags: false,
    });
  } catch (error) {
    return failed([
      problem(
        START,
        RULE_YAML,
        `The file can't be read as YAML: ${String(error instanceof Error ? error.message : error)}.`,
        'Write plain YAML.',
      ),
    ]);
  }
  const syntax = [...document.errors, ...document.warnings];
  if (syntax.length > 0) return failed(syntaxProblems(text, syntax, spanOf, problem));

  const walker = new Walker(file, spanOf);
  const value = walker.read(document.contents, [], undefined, 0);
  return { value, positions: positionsOf(file, walker.placements), problems: walker.problems, usable: !walker.gaveUp };
}

/** One slip gives a trail of complaints on its line: the first says it best. */
function syntaxProblems(
  text: string,
  errors: readonly YAMLError[],
  spanOf: (start: number, end: number) => Span,
  problem: (span: Span, rule: string, message: string, remedy: string) => Problem,
): Problem[] {
  const byLine = new Map<number, Problem>();
  for (const error of errors) {
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

const isBlank = (line: string, index: number): boolean => index >= line.length || line[index] === ' ' || line[index] === '\t';

class Walker {
  readonly placements = new Map<string, Placement>();
  readonly problems: Problem[] = [];
  gaveUp = false;
  readonly #file: string;
  readonly #spanOf: (start: number, end: number) => Span;
  readonly #anchors = new Map<string, Node>();
  readonly #open = new Set<Node>();
  #values = 0;

  constructor(file: string, spanOf: (start: number, end: number) => Span) {
    this.#file = file;
    this.#spanOf = spanOf;
  }

  read(node: Node | null | undefined, path: Path, key: Span | undefined, depth: number): unknown {
    if (this.gaveUp) return undefined;
    this.#values += 1;
    const span = this.#spanOfNode(node) ?? key ?? START;
    this.placements.set(pathKey(path), key === undefined ? { value: span } : { value: span, key });
    if (this.#values > VALUES_MAX || depth > DEPTH_MAX) {
      this.gaveUp = true;
      this.#problem(path, span, RULE_TOO_LARGE, 'The declaration is too large or nested too deeply from here on.', 'Split it.');
      return undefined;
    }
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.#follow(node.source, path, key, span, depth);
    if ('anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, node);
    if (isScalar(node)) return node.value;
    this.#open.add(node);
    const value = isSeq(node)
      ? node.items.map((item, index) => this.read(item as Node | null, [...path, index], undefined, depth + 1))
      : this.#readMap(node as YAMLMap, path, depth);
    this.#open.delete(node);
    return value;
  }

  #follow(name: string, path: Path, key: Span | undefined, span: Span, depth: number): unknown {
    const target = this.#anchors.get(name);
    if (target === undefined || this.#open.has(target)) {
      const why =
        target === undefined ? `No \`&${name}\` stands above this \`*${name}\`.` : `\`*${name}\` stands inside of what it refers to.`;
      this.#problem(path, span, RULE_YAML, why, 'Name an anchor that is complete above this line.');
      this.gaveUp = true;
      return undefined;
    }
    return this.read(target, path, key, depth + 1);
  }

  #readMap(map: YAMLMap, path: Path, depth: number): unknown {
    const result: Record<string, unknown> = {};
    const seen = new Map<string, Span>();
    for (const pair of map.items) {
      const keyNode = pair.key as Node | null;
      const keySpan = this.#spanOfNode(keyNode) ?? START;
      const name = isScalar(keyNode) ? String(keyNode.value) : undefined;
      if (name === undefined || name === '__proto__') {
        this.#problem(path, keySpan, RULE_YAML, 'This key is not a word.', 'Write a plain name before the colon.');
        continue;
      }
      const first = seen.get(name);
      if (first !== undefined) {
        this.#problem([...path, name], keySpan, RULE_DUPLICATE_KEY, `\`${shorten(name)}\` is written twice here.`, 'Keep one of them.', [
          { ...first, message: 'the first one' },
        ]);
        continue;
      }
      seen.set(name, keySpan);
      result[name] = this.read(pair.value as Node | null, [...path, name], keySpan, depth + 1);
    }
    return result;
  }

  #spanOfNode(node: Node | null | undefined): Span | undefined {
    const range = node?.range;
    return range === null || range === undefined ? undefined : this.#spanOf(range[0], range[1]);
  }

  #problem(path: Path, span: Span, rule: string, message: string, remedy: string, related?: Problem['related']): void {
    const problem = { ...span, rule, severity: 'error' as const, message, remedy, file: this.#file, where: describePath(path) };
    this.problems.push(related === undefined ? problem : { ...problem, related });
  }
}

const shorten = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);
