/** What could not be read of a declaration: a rule can't know anything about those places, nor about what is around them. */
import { type PathTree, pathTree } from '../fabric/path-tree.ts';
import type { Path } from '../fabric/problem.ts';

/** Whether something at the path, around it or in it is missing. */
export function removedPlaces(removed: readonly Path[]): (path: Path) => boolean {
  const top = pathTree(removed);
  return (path) => {
    let at: PathTree | undefined = top;
    for (const step of path) {
      if (at.isEnd) return true;
      at = at.inner.get(step);
      if (at === undefined) return false;
    }
    return at.isEnd || at.inner.size > 0;
  };
}
