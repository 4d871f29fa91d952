/** Where a value can't be read, that is all there is to tell: no rule takes for missing what is only spoilt. In every passing example, at every value. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkDeclaration } from '../../src/check/check-fabric.ts';
import { STORIES } from '../../src/check/rules.ts';

type Tree = Record<string, unknown> | unknown[];
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null;

/** Each value of the tree, by its path. */
const pathsOf = (tree: Tree): string[][] =>
  Object.entries(tree).flatMap(([key, value]) => [[key], ...(isTree(value) ? pathsOf(value).map((path) => [key, ...path]) : [])]);

/** A copy in which nobody can read what is at the path: there is no place for lists in lists in lists. */
function spoilt(tree: Tree, path: readonly string[]): Tree {
  const copy = structuredClone(tree);
  const owner = path.slice(0, -1).reduce((at, step) => at[step] as Record<string, unknown>, copy as Record<string, unknown>);
  owner[path.at(-1)!] = [[[]]];
  return copy;
}

const stories = STORIES.flatMap(({ rules }) => rules).map((story) => [`${story.id} ${story.name}`, story] as const);

describe.each(stories)('%s', (_, { examples }) => {
  it('of a spoilt passing example nothing else is told', () => {
    const tree = parse(examples.pass) as Tree;
    // What is accepted where nobody can read it is not accepted.
    const misled = pathsOf(tree).flatMap((path) => {
      if (path[0] === 'accept') return [];
      const { problems } = checkDeclaration(spoilt(tree, path), 'example');
      const others = problems.filter(({ rule }) => rule >= 'SW-1000');
      const told = others.map(({ rule, where, message }) => `${path.join('.')} spoilt: ${rule} ${where}: ${message}`);
      return problems.length > 0 ? told : [`${path.join('.')} spoilt: nothing is told`];
    });
    expect(misled).toEqual([]);
  });
});
