/** Problems in the order that people mend them: under what they come from, and those that are alike told once. */
import type { Cause, Problem } from '../fabric/problem.ts';

/** So many of a kind are told one by one. */
const ALIKE_MAX = 3;

export interface Told {
  readonly problem: Problem;
  /** Others that differ from it only in names. */
  readonly alike: readonly Problem[];
}

/** Problems of one place, or of one cause. */
export interface ProblemGroup {
  /** Undefined: they are all at the place of the first. */
  readonly cause: Cause | undefined;
  readonly members: readonly Told[];
}

/** By place in the file. `all`: those that are alike are told one by one too. */
export function groupProblems(problems: readonly Problem[], all = false): ProblemGroup[] {
  const causes = new Map<string, Cause>();
  for (const { file, cause } of problems) if (cause !== undefined) causes.set(placeKey(file, cause.where), cause);
  const groups = new Map<string, { readonly cause: Cause | undefined; readonly members: Told[] }>();
  for (const told of all ? problems.map((problem) => ({ problem, alike: [] })) : collapse(problems, (key) => causes.has(key))) {
    const key = keyOf(told.problem);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { cause: causes.get(key), members: [told] });
    else group.members.push(told);
  }
  return [...groups.values()].map(alone).sort(byPlace);
}

/** A cause with a single consequence is no heading: the problem itself says it. */
const alone = (group: ProblemGroup): ProblemGroup =>
  group.members.length === 1 && group.members[0]!.alike.length === 0 ? { ...group, cause: undefined } : group;

function collapse(problems: readonly Problem[], isCause: (key: string) => boolean): Told[] {
  const kinds = new Map<string, Problem[]>();
  for (const problem of problems) {
    const key = keyOf(problem);
    const kind = JSON.stringify([problem.file, problem.rule, withoutNames(problem.message), isCause(key) ? key : '']);
    const before = kinds.get(kind);
    if (before === undefined) kinds.set(kind, [problem]);
    else before.push(problem);
  }
  const told = new Map<Problem, readonly Problem[]>();
  for (const alike of kinds.values()) {
    // To say "and 1 more" takes as much room as to tell it.
    const shown = alike.length <= ALIKE_MAX + 1 ? alike : alike.slice(0, ALIKE_MAX);
    for (const [index, problem] of shown.entries()) told.set(problem, index === shown.length - 1 ? alike.slice(shown.length) : []);
  }
  return problems.flatMap((problem) => {
    const alike = told.get(problem);
    return alike === undefined ? [] : [{ problem, alike }];
  });
}

/** What a problem is told under: its cause, which may be at its own place. */
const keyOf = ({ file, where, cause }: Problem): string => placeKey(file, cause?.where ?? where);

const placeKey = (file: string, where: string): string => `${file}\n${where}`;

const withoutNames = (message: string): string => message.replace(/`[^`]*`/g, '`');

function byPlace(a: ProblemGroup, b: ProblemGroup): number {
  const [one, other] = [a.cause ?? a.members[0]!.problem, b.cause ?? b.members[0]!.problem];
  return one.line - other.line || one.column - other.column;
}

/** Whose problem it is: the host, array or switch, or else its line. */
export function ownerOf({ where, line }: Problem): string {
  const [, plain, quoted] = /^(?:hosts|arrays|switches)(?:\.([A-Za-z_][A-Za-z0-9_-]*)|\["([^"]*)"\])/.exec(where) ?? [];
  return plain ?? quoted ?? `line ${line}`;
}
