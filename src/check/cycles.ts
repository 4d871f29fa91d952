/** Which edges of a graph lie on a cycle: all but its bridges, found in one walk (R. E. Tarjan, 1974). */

export type Edge = readonly [string, string];

/** Indexes of the edges. Two edges between the same nodes are a cycle, and so is one from a node to itself. */
export function cyclicEdges(edges: readonly Edge[]): Set<number> {
  const cyclic = new Set(edges.keys());
  const around = new Map<string, number[]>();
  for (const [index, ends] of edges.entries())
    for (const end of new Set(ends))
      around
        .set(end, around.get(end) ?? [])
        .get(end)!
        .push(index);
  const order = new Map<string, number>();
  /** The earliest node that is reached from here, and from where the walk goes on to, without the edge it came by. */
  const earliest = new Map<string, number>();
  const enter = (node: string): void => {
    earliest.set(node, order.size);
    order.set(node, order.size);
  };
  for (const root of around.keys()) {
    if (order.has(root)) continue;
    enter(root);
    // Not by calls: a chain of switches may be long.
    const walk = [{ node: root, by: -1, next: 0 }];
    while (walk.length > 0) {
      const here = walk.at(-1)!;
      const edge = around.get(here.node)![here.next];
      here.next += 1;
      if (edge !== undefined) {
        if (edge === here.by) continue;
        const [one, other] = edges[edge]!;
        const to = one === here.node ? other : one;
        const seen = order.get(to);
        if (seen !== undefined) earliest.set(here.node, Math.min(earliest.get(here.node)!, seen));
        else {
          enter(to);
          walk.push({ node: to, by: edge, next: 0 });
        }
        continue;
      }
      walk.pop();
      const before = walk.at(-1);
      if (before === undefined) continue;
      if (earliest.get(here.node)! > order.get(before.node)!) cyclic.delete(here.by);
      earliest.set(before.node, Math.min(earliest.get(before.node)!, earliest.get(here.node)!));
    }
  }
  return cyclic;
}
