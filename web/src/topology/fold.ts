/**
 * A large fabric with a core is drawn with its core in the middle and its racks above and below: half as wide as with all racks in one row. Racks with arrays go
 * below, so that storage is found where small fabrics have it.
 */
import type { Graph } from './graph.ts';

/** The graph with other rows; the same if there is nothing to fold. */
export function folded(graph: Graph): Graph {
  const core = coreOf(graph);
  if (core.size === 0) return graph;
  const coreRows = [...core].map((id) => graph.rows.get(id)!);
  const [top, bottom] = [Math.min(...coreRows), Math.max(...coreRows)];
  const racks = racksOf(graph, core);
  if (racks.length < 4) return graph;
  const sizes = racks.map((rack) => rack.length);
  const all = sizes.reduce((sum, size) => sum + size, 0);
  const hasArray = (rack: readonly string[]): boolean => rack.some((id) => graph.nodes.get(id)!.kind === 'array');
  // Those with arrays first, then as many others as it takes for the half; in the order declared.
  const below = new Set<readonly string[]>();
  let count = 0;
  for (const rack of [...racks.filter(hasArray), ...racks.filter((rack) => !hasArray(rack)).reverse()]) {
    if (count + rack.length / 2 > all / 2) break;
    below.add(rack);
    count += rack.length;
  }
  const rows = new Map(graph.rows);
  for (const rack of racks) {
    for (const id of rack) {
      const { kind } = graph.nodes.get(id)!;
      const row = graph.rows.get(id)!;
      // An array stands with the hosts of its rack.
      const above = kind === 'array' ? 1 : Math.min(row, top - 1);
      rows.set(id, below.has(rack) ? bottom + (top - above) : above);
    }
  }
  return { ...graph, rows };
}

/** Switches that nothing but switches is plugged into. */
function coreOf(graph: Graph): Set<string> {
  const core = new Set<string>();
  for (const [id, node] of graph.nodes) {
    const joints = graph.jointsOf.get(id)!;
    if (node.kind !== 'switch' || joints.length === 0) continue;
    if (joints.every(({ from, to }) => graph.nodes.get(from)!.kind === 'switch' && graph.nodes.get(to)!.kind === 'switch')) core.add(id);
  }
  return core;
}

/** What hangs together without the core; in the order declared. */
function racksOf(graph: Graph, core: ReadonlySet<string>): string[][] {
  const racks: string[][] = [];
  const seen = new Set(core);
  for (const start of graph.nodes.keys()) {
    if (seen.has(start)) continue;
    seen.add(start);
    const rack = [start];
    for (const id of rack) {
      for (const { from, to } of graph.jointsOf.get(id)!) {
        const other = from === id ? to : from;
        if (!seen.has(other)) {
          seen.add(other);
          rack.push(other);
        }
      }
    }
    racks.push(rack);
  }
  return racks;
}
