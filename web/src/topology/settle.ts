/** Where blocks stand along their rows: each as near as can be to the middle of what it is linked to. */
import { gather } from './beside.ts';
import type { Block } from './blocks.ts';
import { type Graph, otherEnd } from './graph.ts';

export type Gap = (left: Block, right: Block) => number;

/** Wishes that differ by less than this share of their row's width say nothing of an order: all are linked to all. */
const SAME_SHARE = 0.2;

const idOf = ({ ids }: Block): string | undefined => (ids.length === 1 ? ids[0] : undefined);

/** Begins with the blocks in the order given, and changes it where that makes links shorter, unless it is to be kept. */
export function settleRows(graph: Graph, rows: readonly Block[][], gap: Gap, sweeps: number, keepsOrder: boolean): void {
  const blockOf = new Map(rows.flat().flatMap((block) => block.ids.map((id) => [id, block] as const)));
  for (const row of rows) {
    gather(graph, row, idOf);
    settle(row, new Map(row.map((block) => [block, 0])), gap);
  }
  for (let sweep = 0; sweep < sweeps; sweep += 1) {
    for (const row of sweep % 2 === 0 ? rows : [...rows].reverse()) {
      const wishes = new Map(row.map((block) => [block, wish(graph, block, blockOf, gap)]));
      const range = Math.max(...wishes.values()) - Math.min(...wishes.values());
      if (!keepsOrder && range > widthOf(row) * SAME_SHARE) {
        row.sort((a, b) => wishes.get(a)! - wishes.get(b)!);
        gather(graph, row, idOf);
      }
      settle(row, wishes, gap);
    }
  }
  spread(rows, graph, blockOf, gap);
}

function wish(graph: Graph, block: Block, blockOf: ReadonlyMap<string, Block>, gap: Gap): number {
  let [sum, count] = [0, 0];
  let beside: Block | undefined;
  for (const id of block.ids) {
    for (const joint of graph.jointsOf.get(id)!) {
      const other = blockOf.get(otherEnd(joint, id))!;
      if (other.row === block.row) {
        beside = other;
        continue;
      }
      // A host of two links says more about where its switch belongs than a spine of sixty.
      const weight = 1 / graph.jointsOf.get(otherEnd(joint, id))!.length;
      sum += other.x * weight;
      count += weight;
    }
  }
  if (count > 0) return sum / count;
  if (beside === undefined) return block.x;
  // What has nothing but a neighbour in its row follows it, on the side where it is.
  return block.x < beside.x
    ? beside.x - beside.width / 2 - gap(block, beside) - block.width / 2
    : beside.x + beside.width / 2 + gap(beside, block) + block.width / 2;
}

/**
 * In this order, without overlaps, as near to the wishes as can be (in the least squares): neighbours that are in each other's way become one cluster, which
 * stands where the mean of its members' wishes is.
 */
export function settle(row: readonly Block[], wishes: ReadonlyMap<Block, number>, gap: Gap): void {
  // How far each would be from the first if all stood close together: without that, it is a regression of growing values.
  const offsets: number[] = [];
  for (const [index, block] of row.entries()) {
    const before = row[index - 1];
    offsets.push(before === undefined ? 0 : offsets[index - 1]! + before.width / 2 + gap(before, block) + block.width / 2);
  }
  const clusters: { count: number; sum: number }[] = [];
  for (const [index, block] of row.entries()) {
    let cluster = { count: 1, sum: wishes.get(block)! - offsets[index]! };
    for (let last = clusters.at(-1); last !== undefined && last.sum / last.count > cluster.sum / cluster.count; last = clusters.at(-1)) {
      clusters.pop();
      cluster = { count: last.count + cluster.count, sum: last.sum + cluster.sum };
    }
    clusters.push(cluster);
  }
  let index = 0;
  for (const { count, sum } of clusters) {
    for (const end = index + count; index < end; index += 1) row[index]!.x = sum / count + offsets[index]!;
  }
}

/** A row that is linked to all of a far wider one (a spine) takes more than half of that width, so that its links don't all come from one spot. */
function spread(rows: readonly Block[][], graph: Graph, blockOf: ReadonlyMap<string, Block>, gap: Gap): void {
  const widest = Math.max(...rows.map((row) => widthOf(row)));
  for (const row of rows) {
    const width = widthOf(row);
    if (row.length < 2 || width > widest * 0.5) continue;
    const wishes = row.map((block) => wish(graph, block, blockOf, gap));
    if (Math.max(...wishes) - Math.min(...wishes) > width) continue;
    const more = Math.min(row[0]!.width * 1.5, (widest * 0.6 - width) / (row.length - 1));
    if (more < gap(row[0]!, row[1]!)) continue;
    const middle = (row[0]!.x + row.at(-1)!.x) / 2;
    const step = (row.at(-1)!.x - row[0]!.x) / (row.length - 1) + more;
    for (const [index, block] of row.entries()) block.x = middle + (index - (row.length - 1) / 2) * step;
  }
}

export const widthOf = (row: readonly Block[]): number => row.at(-1)!.x + row.at(-1)!.width / 2 - (row[0]!.x - row[0]!.width / 2);
