/** Settings as the mappings that they are in a fabric file, before the few that are written otherwise there. */
import type { Setting, SettingValue } from '../core/setting.ts';

export type Leaf = SettingValue;
export interface Tree {
  [name: string]: Leaf | Tree;
}

export const isTree = (one: Leaf | Tree | undefined): one is Tree => typeof one === 'object' && !Array.isArray(one);

/** Below a name that is none of its own, as `__proto__` would be. */
const emptyTree = (): Tree => Object.create(null) as Tree;

export function treeOf(settings: readonly Setting[]): Tree {
  const root = emptyTree();
  for (const { key, value } of settings) {
    let place = root;
    for (const step of key.slice(0, -1)) {
      const next = place[step];
      place = isTree(next) ? next : (place[step] = emptyTree());
    }
    const last = key.at(-1)!;
    // `present` says that the thing around it is there.
    if (last !== 'present') place[last] = value;
  }
  return root;
}

export const treeIn = (tree: Tree | undefined, name: string): Tree | undefined => {
  const found = tree?.[name];
  return isTree(found) ? found : undefined;
};

/** By name, in the order that they came in; numbers first, as JavaScript has it. */
export const entriesIn = (tree: Tree | undefined): readonly (readonly [string, Leaf | Tree])[] => Object.entries(tree ?? {});

/** Applies to every tree in a tree, the innermost first. */
export function everywhere(tree: Tree, change: (tree: Tree, path: readonly string[]) => void, path: readonly string[] = []): void {
  for (const [name, inner] of Object.entries(tree)) if (isTree(inner)) everywhere(inner, change, [...path, name]);
  change(tree, path);
}
