/** What could not be read of a declaration: a rule can't know anything about those places, nor about what is around them. */
import type { Path } from '../fabric/problem.ts';

interface Step {
  readonly inner: Map<string | number, Step>;
  isRemoved: boolean;
}

/** Whether something at the path, around it or in it is missing. Each answer takes as long as the path is, however many were removed. */
export function removedPlaces(removed: readonly Path[]): (path: Path) => boolean {
  const top: Step = { inner: new Map(), isRemoved: false };
  for (const path of removed) {
    let step = top;
    for (const key of path) {
      const next = step.inner.get(key) ?? { inner: new Map(), isRemoved: false };
      step.inner.set(key, next);
      step = next;
    }
    step.isRemoved = true;
  }
  return (path) => {
    let step: Step | undefined = top;
    for (const key of path) {
      if (step.isRemoved) return true;
      step = step.inner.get(key);
      if (step === undefined) return false;
    }
    return step.isRemoved || step.inner.size > 0;
  };
}
