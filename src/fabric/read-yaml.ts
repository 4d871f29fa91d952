/** YAML 1.2 (core schema) to plain values, with the place of each. Every mistake is a problem; nothing is thrown. */
import { type Document, LineCounter, parseDocument } from 'yaml';
import { noPositions, type Positions, positionsOf, START } from './positions.ts';
import { type Problem, RULE_TOO_LARGE, RULE_YAML, type Span } from './problem.ts';
import { tooMuch } from './yaml-bounds.ts';
import { syntaxProblems } from './yaml-syntax.ts';
import { walkYaml } from './yaml-walker.ts';

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
    positions: noPositions(file),
    problems,
    usable: false,
  });
  const excess = tooMuch(text);
  if (excess !== undefined) return failed([problem(START, RULE_TOO_LARGE, ...excess)]);

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

  const { value, placement, problems, gaveUp } = walkYaml(document.contents, file, spanOf);
  return { value, positions: positionsOf(file, placement, spanOf), problems, usable: !gaveUp };
}
