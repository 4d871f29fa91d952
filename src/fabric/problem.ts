/** A mistake in the declaration, as data: what is wrong, what to write instead, and where. */

/** How to get from the top of the declaration to a value: keys of mappings, positions in lists. */
export type Path = readonly (string | number)[];

/** A stretch of the file; lines and columns count from 1, the end is not included. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

export const sameSpan = (a: Span, b: Span): boolean =>
  a.line === b.line && a.column === b.column && a.endLine === b.endLine && a.endColumn === b.endColumn;

export type ProblemSeverity = 'error' | 'warning';

export interface RelatedSpan extends Span {
  readonly message: string;
  /** Its path as text. */
  readonly where?: string;
}

/** One value that several problems come from. */
export interface Cause extends Span {
  /** `mtu` of switch `tor1`. */
  readonly description: string;
  /** Its path as text. */
  readonly where: string;
}

export interface Problem extends Span {
  /** The rule's id, for life: `SW-1001`. */
  readonly rule: string;
  readonly severity: ProblemSeverity;
  /** What is wrong. */
  readonly message: string;
  /** What to write instead. */
  readonly remedy: string;
  readonly file: string;
  /** The path to the value as text, also for declarations that came from code: `arrays.array1.portals[0]`. */
  readonly where: string;
  readonly related?: readonly RelatedSpan[];
  readonly cause?: Cause;
  /** A stretch that may hold a secret: whoever prints the source must blot it out. */
  readonly secret?: Span;
}

/** The rules that the reading itself enforces; those of `check/` count from SW-1001. */
export const RULE_YAML = 'SW-0001';
export const RULE_DUPLICATE_KEY = 'SW-0002';
export const RULE_UNKNOWN_KEY = 'SW-0003';
export const RULE_MISSING_KEY = 'SW-0004';
export const RULE_WRONG_TYPE = 'SW-0005';
export const RULE_BAD_VALUE = 'SW-0006';
export const RULE_SECRET_IN_FILE = 'SW-0007';
export const RULE_TOO_LARGE = 'SW-0008';
export const RULE_IDLE_ACCEPT = 'SW-0009';

export const pathKey = (path: Path): string => JSON.stringify(path);

/** By place in the file, errors before warnings where they meet. */
export function sortProblems(problems: readonly Problem[]): Problem[] {
  const rank = (problem: Problem): number => (problem.severity === 'error' ? 0 : 1);
  return [...problems].sort((a, b) => a.line - b.line || a.column - b.column || rank(a) - rank(b));
}
