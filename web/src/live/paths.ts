/** How many of some paths can't be used, and why: counted and worded in one place. `Totals.pathsDown` counts the same as down. */
import type { PathReport } from '../../../src/server/page.ts';

export interface PathCounts {
  /** Dead, or in a group that is unavailable. */
  readonly down: number;
  /** By hand. */
  readonly off: number;
  readonly all: number;
}

export function pathCounts(paths: readonly Pick<PathReport, 'state'>[]): PathCounts {
  return {
    down: paths.filter(({ state }) => state === 'dead' || state === 'unavailable').length,
    off: paths.filter(({ state }) => state === 'off').length,
    all: paths.length,
  };
}

export const isLost = ({ down, off, all }: PathCounts): boolean => all > 0 && down + off === all;

/** `1 of 4 paths down`, `2 of 4 paths switched off`; nothing: all can be used. */
export function pathTroubles({ down, off, all }: PathCounts): string[] {
  const paths = all === 1 ? '1 path' : `${all} paths`;
  const of = (count: number): string => (count < all ? `${count} of ${paths}` : all === 1 ? 'its only path' : `all ${paths}`);
  return [...(down === 0 ? [] : [`${of(down)} down`]), ...(off === 0 ? [] : [`${of(off)} switched off`])];
}
