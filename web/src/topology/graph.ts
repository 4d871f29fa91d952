/** The topology as its drawing sees it: which links join which cards, and in which row each node stands. */
import type { Topology, TopologyLink, TopologyNode } from '../../../src/server/page.ts';

export interface Joint {
  /** In `Topology.links`. */
  readonly index: number;
  readonly link: TopologyLink;
  readonly from: string;
  readonly to: string;
}

export interface Graph {
  readonly topology: Topology;
  readonly nodes: ReadonlyMap<string, TopologyNode>;
  /** Without links of a node to itself, or to a node that there is not. */
  readonly joints: readonly Joint[];
  readonly jointsOf: ReadonlyMap<string, readonly Joint[]>;
  /** From the top down. */
  readonly rows: ReadonlyMap<string, number>;
}

export const otherEnd = (joint: Joint, node: string): string => (joint.from === node ? joint.to : joint.from);

export function graphOf(topology: Topology): Graph {
  const nodes = new Map(topology.nodes.map((node) => [node.id, node]));
  const joints: Joint[] = [];
  const jointsOf = new Map<string, Joint[]>(topology.nodes.map(({ id }) => [id, []]));
  for (const [index, link] of topology.links.entries()) {
    const [{ node: from }, { node: to }] = link.ends;
    if (from === to || !nodes.has(from) || !nodes.has(to)) continue;
    const joint = { index, link, from, to };
    joints.push(joint);
    jointsOf.get(from)!.push(joint);
    jointsOf.get(to)!.push(joint);
  }
  return { topology, nodes, joints, jointsOf, rows: rowsOf(topology, jointsOf) };
}

/**
 * Hosts at the top, then switches, arrays at the bottom. What is outside stands where its cable is short: beside hosts if it is plugged into a switch, above
 * hosts and below arrays if it belongs to one of these.
 */
function rowsOf(topology: Topology, jointsOf: ReadonlyMap<string, readonly Joint[]>): Map<string, number> {
  const inside = topology.nodes.filter((node) => !isOutside(node.kind));
  const tiers = [...new Set(inside.map(({ tier }) => tier))].sort((a, b) => a - b);
  // Room is left for a row above and one below; empty rows are drawn as none.
  const rows = new Map(inside.map(({ id, tier }) => [id, tiers.indexOf(tier) + 1]));
  const kinds = new Map(topology.nodes.map(({ id, kind }) => [id, kind]));
  for (const { id, kind } of topology.nodes) {
    if (!isOutside(kind)) continue;
    const joint = jointsOf.get(id)![0];
    const beside = joint === undefined ? undefined : otherEnd(joint, id);
    const row = beside === undefined ? undefined : rows.get(beside);
    if (row === undefined) rows.set(id, 0);
    else rows.set(id, kinds.get(beside!) === 'array' ? row + 1 : Math.max(0, row - 1));
  }
  return rows;
}

/** How many nodes stand in the fullest row. */
export function widestRow(graph: Graph): number {
  const sizes = new Map<number, number>();
  for (const row of graph.rows.values()) sizes.set(row, (sizes.get(row) ?? 0) + 1);
  return Math.max(0, ...sizes.values());
}

export const isOutside = (kind: TopologyNode['kind']): boolean => kind === 'world' || kind === 'published';
