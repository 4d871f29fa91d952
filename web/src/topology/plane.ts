/** Where things are on the map. Its unit is a CSS pixel at a zoom of 1. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** By its corner at the top left. */
export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

export type Side = 'top' | 'right' | 'bottom' | 'left';

export const centre = (box: Box): Point => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });

export const overlaps = (one: Box, other: Box): boolean =>
  one.x < other.x + other.width && other.x < one.x + one.width && one.y < other.y + other.height && other.y < one.y + one.height;

/** The smallest box around all of them; of none: empty, at the origin. */
export function around(boxes: Iterable<Box>): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of boxes) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + width);
    bottom = Math.max(bottom, y + height);
  }
  return left === Infinity ? { x: 0, y: 0, width: 0, height: 0 } : { x: left, y: top, width: right - left, height: bottom - top };
}

/** The key of the box with the nearest middle. */
export function nearest(boxes: ReadonlyMap<string, Box>, { x, y }: Point): string | undefined {
  let best: { key: string; distance: number } | undefined;
  for (const [key, box] of boxes) {
    const middle = centre(box);
    const distance = Math.hypot(middle.x - x, middle.y - y);
    if (best === undefined || distance < best.distance) best = { key, distance };
  }
  return best?.key;
}
