/**
 * Plain values to a declaration the schema accepts. Where it doesn't, what it refuses is left out and the rest is read again, so that
 * one run finds every mistake, also those that hide behind others, and the rules of `check/` still see what is sound.
 */
import { explain } from './explain.ts';
import { nameProblems } from './names.ts';
import { type PathTree, pathTree } from './path-tree.ts';
import type { Positions } from './positions.ts';
import { type Path, pathKey, type Problem } from './problem.ts';
import { type FabricDeclaration, fabricSchema } from './schema/fabric.ts';

/** Mistakes hide behind mistakes only so deep. */
const PASSES_MAX = 8;
/** One for each host of a large fabric; nobody reads more. */
const PROBLEMS_MAX = 5000;

/** In the place of top-level values that are missing or wrong, so that the others can be looked at. */
const STAND_INS: Readonly<Record<string, unknown>> = {
  version: 1,
  name: 'unnamed',
  arrays: {},
  hosts: {},
  switches: {},
  distributedSwitches: {},
  vxlan: {},
  links: [],
};

export interface DeclarationReading {
  readonly problems: readonly Problem[];
  /** What is sound of the declaration; undefined if nothing is. */
  readonly declaration: FabricDeclaration | undefined;
  /** Paths that were left out, and those that were probably meant by keys that were. None: the declaration is whole. */
  readonly removed: readonly Path[];
  /** From a path in `declaration` to the path in the file. */
  original(path: Path): Path;
}

export function readDeclaration(value: unknown, positions: Positions): DeclarationReading {
  const problems = new Map<string, Problem>();
  const removed = new Map<string, Path>();
  const misspelled: Path[] = [];
  const reading = (declaration: FabricDeclaration | undefined, original: (path: Path) => Path): DeclarationReading => ({
    problems: [...problems.values()],
    declaration,
    removed: [...removed.values(), ...misspelled],
    original,
  });
  const add = (problem: Problem): void => {
    const key = `${problem.rule} ${problem.where} ${problem.message}`;
    if (problems.size < PROBLEMS_MAX && !problems.has(key)) problems.set(key, problem);
  };
  for (const problem of nameProblems({ root: value, positions, original: (path) => path })) add(problem);
  for (let pass = 0; pass < PASSES_MAX; pass += 1) {
    const { root, original } = prune(value, removed);
    const about = { root, positions, original };
    const result = fabricSchema.safeParse(root);
    if (result.success) return reading(result.data, original);
    const before = removed.size;
    const explanations = explain(result.error.issues, about);
    misspelled.push(...explanations.map((explanation) => explanation.meant).filter((path) => path !== undefined));
    const meant = new Set(misspelled.map(pathKey));
    const gaps = new Set([...removed.values()].map((path) => pathKey(path.slice(0, -1))));
    for (const { problem, remove, missing } of explanations) {
      // What is missing because it was left out, or misspelled, has been told; so has a list that is empty now.
      const isTold = missing === undefined ? gaps.has(pathKey(remove)) : removed.has(pathKey(missing)) || meant.has(pathKey(missing));
      if (!isTold) add(problem);
      if (remove.length === 0) return reading(undefined, original);
      removed.set(pathKey(remove), remove);
    }
    if (removed.size === before) break;
  }
  return reading(undefined, (path) => path);
}

/** A copy without the removed paths, and the way back from its paths to the original ones. What nothing is removed from is not copied. */
function prune(value: unknown, removed: ReadonlyMap<string, Path>): { root: unknown; original: (path: Path) => Path } {
  if (removed.size === 0) return { root: value, original: (path) => path };
  const kept = new Map<string, readonly number[]>();
  const copy = (part: unknown, path: Path, tree: PathTree | undefined): unknown => {
    if (tree === undefined || typeof part !== 'object' || part === null) return part;
    const isKept = (step: string | number): boolean => tree.inner.get(step)?.isEnd !== true;
    const inner = (step: string | number, one: unknown): unknown => copy(one, [...path, step], tree.inner.get(step));
    if (Array.isArray(part)) {
      const indexes = part.map((_, index) => index).filter(isKept);
      kept.set(pathKey(path), indexes);
      return indexes.map((index) => inner(index, part[index]));
    }
    const entries = Object.entries(part).filter(([key]) => isKept(key));
    return Object.fromEntries(entries.map(([key, one]) => [key, inner(key, one)]));
  };
  const root = copy(value, [], pathTree(removed.values())) as Record<string, unknown>;
  for (const path of removed.values()) {
    const [key] = path;
    if (path.length === 1 && Object.hasOwn(STAND_INS, key!)) root[key!] = STAND_INS[key!];
  }
  const original = (path: Path): Path => {
    // Most are the same; those that are not go through lists that have lost something.
    if (kept.size === 0 || !path.some((step) => typeof step === 'number')) return path;
    const result: (string | number)[] = [];
    for (const step of path) result.push(typeof step === 'number' ? (kept.get(pathKey(result))?.[step] ?? step) : step);
    return result;
  };
  return { root, original };
}
