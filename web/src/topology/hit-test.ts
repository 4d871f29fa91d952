/** Which link is under a finger or a pointer: links are painted, so nobody else knows. */
import type { Run } from './run.ts';
import type { Point } from './plane.ts';

const CELL = 160;

export interface HitTest {
  /** The nearest link within the reach; the index in `Topology.links`. */
  linkAt(point: Point, reach: number): number | undefined;
}

/** Pieces of links, by the squares of a grid that they pass. */
export function makeHitTest(runs: readonly (Run | undefined)[]): HitTest {
  const cells = new Map<string, { readonly run: Run; readonly at: number }[]>();
  for (const run of runs) {
    if (run === undefined) continue;
    for (let at = 2; at < run.points.length; at += 2) {
      const [x0, y0, x1, y1] = [run.points[at - 2]!, run.points[at - 1]!, run.points[at]!, run.points[at + 1]!];
      for (let column = cellOf(Math.min(x0, x1)); column <= cellOf(Math.max(x0, x1)); column += 1) {
        for (let row = cellOf(Math.min(y0, y1)); row <= cellOf(Math.max(y0, y1)); row += 1) {
          const key = `${column} ${row}`;
          const found = cells.get(key);
          if (found === undefined) cells.set(key, [{ run, at }]);
          else found.push({ run, at });
        }
      }
    }
  }
  return {
    linkAt(point, reach) {
      let best: { link: number; distance: number } | undefined;
      for (let column = cellOf(point.x - reach); column <= cellOf(point.x + reach); column += 1) {
        for (let row = cellOf(point.y - reach); row <= cellOf(point.y + reach); row += 1) {
          for (const { run, at } of cells.get(`${column} ${row}`) ?? []) {
            const distance = distanceTo(point, run.points, at);
            if (distance <= reach && (best === undefined || distance < best.distance)) best = { link: run.joint.index, distance };
          }
        }
      }
      return best?.link;
    },
  };
}

const cellOf = (value: number): number => Math.floor(value / CELL);

/** From the piece that ends with the point at `at`. */
export function distanceTo({ x, y }: Point, points: Float64Array, at: number): number {
  const [x0, y0] = [points[at - 2]!, points[at - 1]!];
  const [dx, dy] = [points[at]! - x0, points[at + 1]! - y0];
  const square = dx * dx + dy * dy;
  const part = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - x0) * dx + (y - y0) * dy) / square));
  return Math.hypot(x - x0 - part * dx, y - y0 - part * dy);
}
