/** Links between the same two nodes, which are one line with a count when there is no room for each. */
import type { Run } from './run.ts';

export interface Bundle {
  /** In `Topology.links`, the first of them being the one that is drawn. */
  readonly links: readonly number[];
}

export function bundlesOf(runs: readonly (Run | undefined)[]): Bundle[] {
  const bundles = new Map<string, number[]>();
  for (const run of runs) {
    if (run === undefined) continue;
    const { from, to, index } = run.joint;
    const key = JSON.stringify(from < to ? [from, to] : [to, from]);
    const found = bundles.get(key);
    if (found === undefined) bundles.set(key, [index]);
    else found.push(index);
  }
  // The one in the middle stands for all.
  return [...bundles.values()].map((links) => ({ links: middleFirst(links) }));
}

function middleFirst(links: readonly number[]): number[] {
  const middle = links[(links.length - 1) >> 1]!;
  return [middle, ...links.filter((link) => link !== middle)];
}
