/** Where on its link the label of each stands: in the middle, unless another one or a card is there. */
import { type Box, overlaps, type Point } from './plane.ts';
import { pointAlong, type Run } from './run.ts';

export const LABEL_WIDTH = 66;
export const LABEL_HEIGHT = 20;

const SHARES = [0.5, 0.4, 0.6, 0.3, 0.7, 0.22, 0.78, 0.14, 0.86] as const;
/** Labels are looked for in squares of this size: no label reaches further than the next. */
const CELL = 200;

/** The middle of each label, by index in `Topology.links`. */
export function labelPoints(runs: readonly (Run | undefined)[], obstacles: Iterable<Box>): (Point | undefined)[] {
  const taken = new Map<string, Box[]>();
  const put = (box: Box): void => {
    for (const key of cellsOf(box)) {
      const found = taken.get(key);
      if (found === undefined) taken.set(key, [box]);
      else found.push(box);
    }
  };
  for (const box of obstacles) put(box);
  return runs.map((run) => {
    if (run === undefined) return undefined;
    const points = SHARES.map((share) => pointAlong(run.points, share));
    const isFree = (point: Point): boolean => {
      const box = labelBox(point);
      return cellsOf(box).every((key) => (taken.get(key) ?? []).every((other) => !overlaps(box, other)));
    };
    const chosen = points.find(isFree) ?? points[0]!;
    put(labelBox(chosen));
    return { x: chosen.x, y: chosen.y };
  });
}

export const labelBox = ({ x, y }: Point): Box => ({
  x: x - LABEL_WIDTH / 2,
  y: y - LABEL_HEIGHT / 2,
  width: LABEL_WIDTH,
  height: LABEL_HEIGHT,
});

function cellsOf({ x, y, width, height }: Box): string[] {
  const keys: string[] = [];
  for (let column = Math.floor(x / CELL); column <= Math.floor((x + width) / CELL); column += 1) {
    for (let row = Math.floor(y / CELL); row <= Math.floor((y + height) / CELL); row += 1) keys.push(`${column} ${row}`);
  }
  return keys;
}
