/** What is placed: cards each for itself, or in a block with others that have the same neighbours. */
import { type Card, type Density, MEASURES } from './cards.ts';
import { type Graph, otherEnd } from './graph.ts';
import { LABEL_WIDTH } from './labels.ts';

export interface Block {
  readonly ids: readonly string[];
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly row: number;
  /** Of its middle. */
  x: number;
}

/** A row of more is drawn as blocks. */
export const BLOCKS_FROM = 13;

/** By rows, from the top; within a row as declared. */
export function rowsOfBlocks(graph: Graph, cards: ReadonlyMap<string, Card>, density: Density, columns: number): Block[][] {
  const rows = new Map<number, string[]>();
  for (const id of graph.nodes.keys()) {
    const row = graph.rows.get(id)!;
    const found = rows.get(row);
    if (found === undefined) rows.set(row, [id]);
    else found.push(id);
  }
  return [...rows]
    .sort(([a], [b]) => a - b)
    .map(([row, ids]) => {
      const groups = ids.length < BLOCKS_FROM ? ids.map((id) => [id]) : alike(graph, ids);
      return groups.map((group) => blockOf(group, row, cards, density, columns));
    });
}

function blockOf(ids: readonly string[], row: number, cards: ReadonlyMap<string, Card>, density: Density, columnsMax: number): Block {
  const { columnGap } = MEASURES[density];
  const width = Math.max(...ids.map((id) => cards.get(id)!.width));
  const { height } = cards.get(ids[0]!)!;
  const columns = Math.min(columnsMax, ids.length);
  const lines = Math.ceil(ids.length / columns);
  return {
    ids,
    columns,
    width: columns * width + (columns - 1) * columnGap,
    height: lines * height + (lines - 1) * gapWithin(density),
    row,
    x: 0,
  };
}

/** Between cards that stand on each other. */
export const gapWithin = (density: Density): number => 2 * MEASURES[density].tabDepth + 8;

/** Those with the same neighbours together; of switches each for itself. */
function alike(graph: Graph, ids: readonly string[]): string[][] {
  const groups = new Map<string, string[]>();
  for (const id of ids) {
    const neighbours = graph.jointsOf.get(id)!.map((joint) => otherEnd(joint, id));
    const key = graph.nodes.get(id)!.kind === 'switch' ? id : JSON.stringify([...new Set(neighbours)].sort());
    const found = groups.get(key);
    if (found === undefined) groups.set(key, [id]);
    else found.push(id);
  }
  return [...groups.values()];
}

/** Between neighbours of a row: room for cables between them, and for their labels. */
export function gapBetween(graph: Graph, cards: ReadonlyMap<string, Card>, density: Density): (left: Block, right: Block) => number {
  const { columnGap } = MEASURES[density];
  return (left, right) => {
    const [one, other] = [left.ids[0]!, right.ids[0]!];
    if (left.ids.length > 1 || right.ids.length > 1) return columnGap;
    if (!graph.jointsOf.get(other)!.some((joint) => otherEnd(joint, other) === one)) return columnGap;
    return density === 'dense' ? 2 * columnGap : cards.get(one)!.sideDepth + cards.get(other)!.sideDepth + LABEL_WIDTH + 24;
  };
}
