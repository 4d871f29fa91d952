/** How many links cross each other, taken as straight between the middles of their cards. */
import type { Graph } from './graph.ts';
import type { Places } from './placement.ts';
import { centre } from './plane.ts';

/** Of links between the same two rows; those within a row cross nothing. */
export function crossings({ joints, rows }: Graph, places: Places): number {
  const between = new Map<string, [number, number][]>();
  for (const { from, to } of joints) {
    const isDown = rows.get(from)! < rows.get(to)!;
    if (rows.get(from) === rows.get(to)) continue;
    const [above, below] = isDown ? [from, to] : [to, from];
    const key = `${rows.get(above)} ${rows.get(below)}`;
    const line: [number, number] = [centre(places.get(above)!).x, centre(places.get(below)!).x];
    const found = between.get(key);
    if (found === undefined) between.set(key, [line]);
    else found.push(line);
  }
  let count = 0;
  for (const lines of between.values()) {
    for (const [index, [above, below]] of lines.entries()) {
      for (const [otherAbove, otherBelow] of lines.slice(index + 1)) if ((above - otherAbove) * (below - otherBelow) < 0) count += 1;
    }
  }
  return count;
}
