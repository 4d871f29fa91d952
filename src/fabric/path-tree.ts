/** Paths by their steps: whether one of them begins or ends somewhere takes as long as the path is, however many there are. */
import type { Path } from './problem.ts';

export interface PathTree {
  /** A path ends here. */
  readonly isEnd: boolean;
  readonly inner: ReadonlyMap<string | number, PathTree>;
}

interface Growing extends PathTree {
  isEnd: boolean;
  readonly inner: Map<string | number, Growing>;
}

export function pathTree(paths: Iterable<Path>): PathTree {
  const top: Growing = { isEnd: false, inner: new Map() };
  for (const path of paths) {
    let at = top;
    for (const step of path) {
      const next = at.inner.get(step) ?? { isEnd: false, inner: new Map() };
      at.inner.set(step, next);
      at = next;
    }
    at.isEnd = true;
  }
  return top;
}
