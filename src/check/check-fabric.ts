/** Runs the rules over a fabric and places what they find. */
import type { Fabric } from '../fabric/model.ts';
import { loadDeclaration, type Loaded, loadFabric } from '../fabric/load.ts';
import { describePath, describeWhere, type Positions } from '../fabric/positions.ts';
import { type Path, type Problem, sortProblems, type Span } from '../fabric/problem.ts';
import { withoutAccepted } from './accepted.ts';
import { removedPlaces } from './removed.ts';
import type { Finding, Rule } from './rule.ts';
import { RULES } from './rules.ts';

/** `removed` lists what could not be read and is not in the fabric: a rule can't know anything about those places. */
export function checkFabric(fabric: Fabric, positions: Positions, removed: readonly Path[] = []): Problem[] {
  const isMissing = removedPlaces(removed);
  const problems = RULES.flatMap((rule) =>
    rule
      .check(fabric)
      .filter(({ at, restsOn = [] }) => !isMissing(at) && !restsOn.some(isMissing))
      .map((finding) => place(rule, finding, positions)),
  );
  return sortProblems(problems);
}

export interface Checked {
  /** The fabric; undefined if there are errors. */
  readonly fabric: Fabric | undefined;
  /** Errors and warnings, of the reading and of the rules. */
  readonly problems: readonly Problem[];
}

/** Reads the text of a fabric file and runs the rules: everything there is to say about it. */
export const checkText = (text: string, fileName: string): Checked => check(loadFabric(text, fileName));

/** The same for a declaration made by code. */
export const checkDeclaration = (value: unknown, origin: string): Checked => check(loadDeclaration(value, origin));

function check(loaded: Loaded): Checked {
  const found = loaded.sound === undefined ? [] : checkFabric(loaded.sound.fabric, loaded.positions, loaded.sound.removed);
  const told = loaded.sound === undefined ? found : withoutAccepted(found, loaded.sound.fabric.accepted, loaded.positions);
  const problems = sortProblems([...loaded.problems, ...told]);
  return { fabric: problems.some((problem) => problem.severity === 'error') ? undefined : loaded.fabric, problems };
}

function place(rule: Rule, finding: Finding, positions: Positions): Problem {
  const span = finding.missingFrom === undefined ? positions.value(finding.at) : positions.key(finding.missingFrom);
  const { cause, related } = finding;
  return {
    ...span,
    rule: rule.id,
    severity: rule.severity,
    message: finding.message,
    remedy: finding.remedy,
    file: positions.file,
    where: describePath(finding.at),
    ...(related === undefined
      ? {}
      : { related: related.map(({ at, message }) => ({ ...shortSpan(at, positions), message, where: describePath(at) })) }),
    ...(cause === undefined ? {} : { cause: { ...shortSpan(cause, positions), ...placeWords(cause) } }),
  };
}

/** What goes over several lines is shown by its key: its first line may be about anything. */
function shortSpan(at: Path, positions: Positions): Span {
  const value = positions.value(at);
  return value.line === value.endLine ? value : positions.key(at);
}

function placeWords(path: Path): { readonly description: string; readonly where: string } {
  const where = describePath(path);
  return { description: describeWhere(where), where };
}
