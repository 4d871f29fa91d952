/** What is outside, in the row of the host or array that it belongs to instead of in a row of its own: for panes that are wider than high. */
import { type Graph, isOutside, otherEnd } from './graph.ts';

/** More at one node stay in a row of their own: only two can stand next to it. */
const BESIDE_MAX = 2;

/** The graph with other rows; the same if nothing changes. */
export function withOutsideBeside(graph: Graph): Graph {
  const outside = new Map<string, string[]>();
  for (const [id, { kind }] of graph.nodes) {
    const node = isOutside(kind) ? anchorOf(graph, id) : undefined;
    if (node === undefined || graph.nodes.get(node)!.kind === 'switch') continue;
    const found = outside.get(node);
    if (found === undefined) outside.set(node, [id]);
    else found.push(id);
  }
  const moved = [...outside].filter(([, ids]) => ids.length <= BESIDE_MAX);
  if (moved.length === 0) return graph;
  const rows = new Map(graph.rows);
  for (const [node, ids] of moved) for (const id of ids) rows.set(id, rows.get(node)!);
  return { ...graph, rows };
}

/** The only node that something of the outside is linked to. */
function anchorOf(graph: Graph, id: string): string | undefined {
  const joints = graph.jointsOf.get(id)!;
  return joints.length === 1 ? otherEnd(joints[0]!, id) : undefined;
}

/** It stands in the row of its node, and goes where that goes. */
export function isBesideItsNode(graph: Graph, id: string): boolean {
  const anchor = isOutside(graph.nodes.get(id)!.kind) ? anchorOf(graph, id) : undefined;
  return anchor !== undefined && graph.rows.get(anchor) === graph.rows.get(id);
}

/** Puts what is outside next to its node, where both are in this row: on the outer side first. */
export function gather<T>(graph: Graph, row: T[], idOf: (one: T) => string | undefined): void {
  const present = new Map(row.flatMap((one) => (idOf(one) === undefined ? [] : [[idOf(one)!, one] as const])));
  for (const [id, one] of present) {
    const anchor = isOutside(graph.nodes.get(id)!.kind) ? present.get(anchorOf(graph, id) ?? '') : undefined;
    if (anchor === undefined) continue;
    row.splice(row.indexOf(one), 1);
    const at = row.indexOf(anchor);
    const isTaken = (index: number): boolean => {
      const there = row[index] === undefined ? undefined : idOf(row[index]!);
      return there !== undefined && isOutside(graph.nodes.get(there)!.kind) && anchorOf(graph, there) === idOf(anchor);
    };
    const isLeft = isTaken(at - 1) ? false : isTaken(at + 1) || at < (row.length - 1) / 2;
    row.splice(isLeft ? at : at + 1, 0, one);
  }
}
