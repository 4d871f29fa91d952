/** Makes room between neighbours of a row for the cables between them, and their labels. */
import { type Card, type Density, MEASURES } from './cards.ts';
import { type Graph, otherEnd } from './graph.ts';
import { LABEL_WIDTH } from './labels.ts';
import type { Placed, Places } from './placement.ts';

export function widened(graph: Graph, cards: ReadonlyMap<string, Card>, places: Places, density: Density): Places {
  const rows = new Map<number, string[]>();
  for (const [id, { y, lane }] of places) {
    if (lane !== undefined) continue;
    const found = rows.get(Math.round(y));
    if (found === undefined) rows.set(Math.round(y), [id]);
    else found.push(id);
  }
  const found = new Map<string, Placed>(places);
  for (const row of rows.values()) {
    row.sort((a, b) => places.get(a)!.x - places.get(b)!.x);
    let shift = 0;
    const shifts = row.map((id, index) => {
      const before = row[index - 1];
      if (before === undefined) return 0;
      const gap = places.get(id)!.x - places.get(before)!.x - places.get(before)!.width;
      const areLinked = graph.jointsOf.get(id)!.some((joint) => otherEnd(joint, id) === before);
      if (areLinked) shift += Math.max(0, roomFor(cards.get(before)!, cards.get(id)!, density) - gap);
      return shift;
    });
    // The row stays in the middle of where it was.
    for (const [index, id] of row.entries()) found.set(id, { ...places.get(id)!, x: places.get(id)!.x + shifts[index]! - shift / 2 });
  }
  return found;
}

const roomFor = (left: Card, right: Card, density: Density): number =>
  density === 'dense' ? 2 * MEASURES.dense.columnGap : left.tabWidth + right.tabWidth + LABEL_WIDTH + 24;
