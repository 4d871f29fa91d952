/** Reads a fabric: from the text of a file, or from a value that code made. Mistakes are data; only `parseFabric` throws. */
import { buildModel } from './build-model.ts';
import { ConfigError } from './config-error.ts';
import type { Fabric } from './model.ts';
import { noPositions, type Positions } from './positions.ts';
import { type Path, type Problem, sortProblems } from './problem.ts';
import { readDeclaration } from './read-declaration.ts';
import { readYaml } from './read-yaml.ts';

export interface Loaded {
  /** The fabric; undefined if there are problems. */
  readonly fabric: Fabric | undefined;
  readonly problems: readonly Problem[];
  readonly positions: Positions;
  /** What could be read in spite of the problems, for the rules: `removed` lists what is missing from it. */
  readonly sound: { readonly fabric: Fabric; readonly removed: readonly Path[] } | undefined;
}

export function loadFabric(text: string, fileName: string): Loaded {
  const { value, positions, problems, usable } = readYaml(text, fileName);
  if (!usable) return { fabric: undefined, problems: sortProblems(problems), positions, sound: undefined };
  return load(value, positions, problems);
}

/** For a declaration made by code; `origin` stands where a file's name would. */
export const loadDeclaration = (value: unknown, origin: string): Loaded => load(value, noPositions(origin), []);

function load(value: unknown, positions: Positions, before: readonly Problem[]): Loaded {
  const { declaration, problems: found, removed, original } = readDeclaration(value, positions);
  const problems = sortProblems([...before, ...found]);
  if (declaration === undefined) return { fabric: undefined, problems, positions, sound: undefined };
  const fabric = buildModel(declaration, original);
  return { fabric: problems.length === 0 ? fabric : undefined, problems, positions, sound: { fabric, removed } };
}

/** The fabric, or a ConfigError with everything that is wrong with it. */
export function parseFabric(text: string, fileName: string): Fabric {
  const { fabric, problems } = loadFabric(text, fileName);
  if (fabric === undefined) throw new ConfigError(problems);
  return fabric;
}
