/**
 * Problems in the order that people mend them: under the value that most of them have to do with, and those that are alike told once. No rule by
 * itself can know that value: it is the place that turns up in most findings, as where they are, as their cause, or beside them.
 */
import { addTo } from '../base/grouped.ts';
import { describeWhere, START } from '../fabric/positions.ts';
import { type Problem, sameSpan, type Span } from '../fabric/problem.ts';

/** So many of a kind are told one by one, of problems and of groups. */
const ALIKE_MAX = 3;

export interface Told {
  readonly problem: Problem;
  /** Others that differ from it only in names. */
  readonly alike: readonly Problem[];
}

export interface Heading extends Span {
  /** `mtu` of switch `tor1`. */
  readonly description: string;
  readonly where: string;
  /** Each problem of the group says that this is behind it, or stands there itself. */
  readonly isCause: boolean;
}

export interface ProblemGroup {
  /** Undefined: they are all at one place, which is that of the first. */
  readonly heading: Heading | undefined;
  readonly members: readonly Told[];
  /** Groups that differ from it only in names. */
  readonly alike: readonly ProblemGroup[];
}

/** By place in the file. `all`: nothing is left out for being alike. */
export function groupProblems(problems: readonly Problem[], all = false): ProblemGroup[] {
  const together = new Map<string, Problem[]>();
  const places = sharedPlaces(problems);
  for (const [index, problem] of problems.entries()) {
    const key = places[index]?.key ?? keyOf(problem.file, problem, problem.where);
    addTo(together, key, problem);
  }
  const headings = new Map(places.flatMap((place) => (place === undefined ? [] : [[place.key, place.heading] as const])));
  const alone: Problem[] = [];
  const groups: ProblemGroup[] = [];
  for (const [key, members] of together) {
    const heading = headings.get(key);
    // What stands at one place needs nothing above it.
    if (heading !== undefined && members.some((one) => keyOf(one.file, one, one.where) !== key))
      groups.push({
        heading: { ...heading, isCause: members.every((one) => comesFrom(one, key)) },
        members: collapse(members, all),
        alike: [],
      });
    else if (members.length === 1) alone.push(members[0]!);
    else groups.push({ heading: undefined, members: collapse(members, all), alike: [] });
  }
  for (const told of collapse(alone, all)) groups.push({ heading: undefined, members: [told], alike: [] });
  const sorted = groups.sort((a, b) => byPlace(placeOf(a), placeOf(b)));
  return all ? sorted : collapseGroups(sorted);
}

interface SharedPlace {
  readonly key: string;
  readonly heading: Omit<Heading, 'isCause'>;
}

const comesFrom = (problem: Problem, place: string): boolean => {
  const { file, where, cause } = problem;
  return keyOf(file, problem, where) === place || (cause !== undefined && keyOf(file, cause, cause.where) === place);
};

/** A value that aliases repeat is one value, at one place of the file. What has no place there is told apart by its path. */
const keyOf = (file: string, span: Span, where: string): string =>
  sameSpan(span, START) ? JSON.stringify([file, where]) : JSON.stringify([file, span.line, span.column, span.endLine, span.endColumn]);

/** For each problem the place that most others share with it; undefined: nobody shares one. */
function sharedPlaces(problems: readonly Problem[]): readonly (SharedPlace | undefined)[] {
  const involved = new Map<string, { readonly place: SharedPlace; readonly problems: Set<number>; rank: number }>();
  for (const [index, problem] of problems.entries())
    for (const { span, where, rank } of placesOf(problem)) {
      const key = keyOf(problem.file, span, where);
      const known = involved.get(key);
      if (known === undefined) {
        const { line, column, endLine, endColumn } = span;
        const heading = { line, column, endLine, endColumn, description: describeWhere(where), where };
        involved.set(key, { place: { key, heading }, problems: new Set([index]), rank });
      } else {
        known.problems.add(index);
        known.rank = Math.max(known.rank, rank);
      }
    }
  // The place that most have to do with comes first; what it takes is missing from the others, which fall behind then.
  const chosen: (SharedPlace | undefined)[] = problems.map(() => undefined);
  const waiting = [...involved.values()].filter((one) => one.problems.size > 1);
  const bySize: (typeof waiting)[] = [];
  const put = (one: (typeof waiting)[number]): void => void (bySize[one.problems.size] ??= []).push(one);
  for (const one of waiting.toSorted((a, b) => a.rank - b.rank || byPlace(b.place.heading, a.place.heading))) put(one);
  const involvedBy = problems.map((problem) => placesOf(problem).map(({ span, where }) => involved.get(keyOf(problem.file, span, where))!));
  for (let size = bySize.length - 1; size > 1; ) {
    const one = bySize[size]?.pop();
    if (one === undefined) size -= 1;
    else if (one.problems.size < size) put(one);
    else
      for (const index of one.problems) {
        chosen[index] = one.place;
        for (const other of involvedBy[index]!) other.problems.delete(index);
      }
  }
  return chosen;
}

/** Where sizes are the same, a cause goes before where a problem is, and that before what is beside it. */
function placesOf(problem: Problem): readonly { readonly span: Span; readonly where: string; readonly rank: number }[] {
  const { where, cause, related = [] } = problem;
  return [
    ...(cause === undefined ? [] : [{ span: cause, where: cause.where, rank: 2 }]),
    ...(where === '' ? [] : [{ span: problem, where, rank: 1 }]),
    ...related.flatMap((span) => (span.where === undefined ? [] : [{ span, where: span.where, rank: 0 }])),
  ];
}

function collapse(problems: readonly Problem[], all: boolean): Told[] {
  if (all) return problems.map((problem) => ({ problem, alike: [] }));
  return alikeOf(problems, ({ file, rule, message }) => JSON.stringify([file, rule, withoutNames(message)])).map(([problem, alike]) => ({
    problem,
    alike,
  }));
}

const collapseGroups = (groups: readonly ProblemGroup[]): ProblemGroup[] =>
  alikeOf(groups, (group) =>
    JSON.stringify([
      withoutOwner((group.heading ?? group.members[0]!.problem).where),
      group.heading?.isCause,
      group.members.map(({ problem: { file, rule, message } }) => [file, rule, withoutNames(message)]),
    ]),
  ).map(([group, alike]) => ({ ...group, alike }));

/** The first few of each kind, the last of them with the others. To say "and 1 more" takes as much room as to tell it. */
function alikeOf<T>(all: readonly T[], kindOf: (one: T) => string): (readonly [T, readonly T[]])[] {
  const kinds = new Map<string, T[]>();
  for (const one of all) {
    const kind = kindOf(one);
    addTo(kinds, kind, one);
  }
  const told = new Map<T, readonly T[]>();
  for (const alike of kinds.values()) {
    const shown = alike.length <= ALIKE_MAX + 1 ? alike : alike.slice(0, ALIKE_MAX);
    for (const [index, one] of shown.entries()) told.set(one, index === shown.length - 1 ? alike.slice(shown.length) : []);
  }
  return all.flatMap((one) => {
    const alike = told.get(one);
    return alike === undefined ? [] : [[one, alike] as const];
  });
}

const withoutNames = (message: string): string => message.replace(/`[^`]*`/g, '`');

/** `switches.*.ports.#.mtu`. */
const withoutOwner = (where: string): string =>
  where.replace(/^(hosts|arrays|switches)(?:\.[A-Za-z0-9_-]+|\["[^"]*"\])/, '$1.*').replace(/\d+/g, '#');

const placeOf = ({ heading, members }: ProblemGroup): Span => heading ?? members[0]!.problem;

const byPlace = (a: Span, b: Span): number => a.line - b.line || a.column - b.column;

/** All of a group, also those that are not told one by one. */
export const problemsOf = ({ members, alike }: ProblemGroup): readonly Problem[] => [
  ...members.flatMap(({ problem, alike: others }) => [problem, ...others]),
  ...alike.flatMap(problemsOf),
];

/** Whose problem it is: the host, array or switch, or else its line. */
export function ownerOf({ where, line }: { readonly where: string; readonly line: number }): string {
  const [, plain, quoted] = /^(?:hosts|arrays|switches)(?:\.([A-Za-z_][A-Za-z0-9_-]*)|\["([^"]*)"\])/.exec(where) ?? [];
  return plain ?? quoted ?? `line ${line}`;
}
