/** Nodes by what somebody types: names that begin so, then names that have it, then descriptions. */
import type { TopologyNode } from '../../../src/server/page.ts';

export function found(nodes: readonly TopologyNode[], text: string): TopologyNode[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  const ranks = nodes.map((node) => ({ node, rank: rankOf(node, wanted) })).filter(({ rank }) => rank < 4);
  return ranks.sort((a, b) => a.rank - b.rank).map(({ node }) => node);
}

function rankOf({ id, name, description }: TopologyNode, wanted: string): number {
  const lower = name.toLowerCase();
  if (lower === wanted) return 0;
  if (lower.startsWith(wanted)) return 1;
  if (lower.includes(wanted) || id.toLowerCase().includes(wanted)) return 2;
  return description.toLowerCase().includes(wanted) ? 3 : 4;
}
