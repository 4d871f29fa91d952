/** The line of a link on the map: what wiring draws, and labels and marks stand on. */
import type { Joint } from './graph.ts';
import type { Box, Point } from './plane.ts';

export interface Run {
  readonly joint: Joint;
  /** x, y, x, y, ...: from the first end to the second. */
  readonly points: Float64Array;
  readonly bounds: Box;
}

export function boundsOf(points: Float64Array): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i]!, points[i + 1]!];
    if (x < left) left = x;
    if (x > right) right = x;
    if (y < top) top = y;
    if (y > bottom) bottom = y;
  }
  return { x: left, y: top, width: right - left, height: bottom - top };
}

/** The point of a run that is this share of its length along (by its points, which is near enough), and which way it runs there. */
export function pointAlong(points: Float64Array, share: number): Point & { readonly angle: number } {
  let length = 0;
  for (let i = 2; i < points.length; i += 2) length += Math.hypot(points[i]! - points[i - 2]!, points[i + 1]! - points[i - 1]!);
  let left = length * share;
  for (let i = 2; i < points.length; i += 2) {
    const [x, y, dx, dy] = [points[i - 2]!, points[i - 1]!, points[i]! - points[i - 2]!, points[i + 1]! - points[i - 1]!];
    const step = Math.hypot(dx, dy);
    if (left <= step || i === points.length - 2) {
      const part = step === 0 ? 0 : Math.min(1, left / step);
      return { x: x + dx * part, y: y + dy * part, angle: Math.atan2(dy, dx) };
    }
    left -= step;
  }
  return { x: points[0] ?? 0, y: points[1] ?? 0, angle: 0 };
}
