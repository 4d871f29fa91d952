/**
 * Places cards in rows, at once. This is what is shown first; of small fabrics ELK then finds an order with fewer crossings, and of large ones this is the
 * picture: ELK's layered layout puts all of a tier into one row. 500 nodes and 2,000 links took it 2 to 4 s of a processor, and came out 54,000 pixels wide
 * and 6,800 high; here they take 0.05 s, and have about the shape of the pane.
 */
import { type Block, BLOCKS_FROM, gapBetween, gapWithin, rowsOfBlocks } from './blocks.ts';
import { type Card, type Density, MEASURES } from './cards.ts';
import { type Graph, otherEnd, widestRow } from './graph.ts';
import type { Box, Point } from './plane.ts';
import { settleRows, widthOf } from './settle.ts';

export interface Placed extends Box {
  /** Cards that stand on each other: links leave by the gaps beside them. */
  readonly lane?: Lane;
}

export interface Lane {
  readonly left: number;
  readonly right: number;
  /** Where the block begins and ends. */
  readonly top: number;
  readonly bottom: number;
}

export type Places = ReadonlyMap<string, Placed>;

const COLUMNS = [1, 2, 3, 4, 6, 8] as const;
const SWEEPS = 8;

/** The ratio of width to height is that of the pane, more or less. */
export function place(graph: Graph, cards: ReadonlyMap<string, Card>, density: Density, ratio: number): Places {
  let best: { places: Places; off: number } | undefined;
  for (const columns of widestRow(graph) < BLOCKS_FROM ? [1] : COLUMNS) {
    const rows = rowsOfBlocks(graph, cards, density, columns);
    settleRows(graph, rows, gapBetween(graph, cards, density), SWEEPS, false);
    const { places, width, height } = standing(rows, graph, cards, density, ratio);
    const off = Math.abs(Math.log(width / Math.max(1, height) / ratio));
    // More columns make it ever narrower: once it fits worse, it goes on to.
    if (best !== undefined && off > best.off) break;
    best = { places, off };
  }
  return best!.places;
}

/** The same, with cards in the order that they have elsewhere. */
export function placeAs(
  graph: Graph,
  cards: ReadonlyMap<string, Card>,
  density: Density,
  ratio: number,
  model: ReadonlyMap<string, Point>,
): Places {
  const rows = rowsOfBlocks(graph, cards, density, 1);
  const xOf = ({ ids }: Block): number => model.get(ids[0]!)?.x ?? 0;
  for (const row of rows) row.sort((a, b) => xOf(a) - xOf(b));
  settleRows(graph, rows, gapBetween(graph, cards, density), SWEEPS, true);
  return standing(rows, graph, cards, density, ratio).places;
}

function standing(rows: readonly Block[][], graph: Graph, cards: ReadonlyMap<string, Card>, density: Density, ratio: number) {
  const { columnGap, rowGap } = MEASURES[density];
  const gapInside = gapWithin(density);
  const places = new Map<string, Placed>();
  const left = Math.min(0, ...rows.map((row) => row[0]!.x - row[0]!.width / 2));
  const width = Math.max(1, ...rows.map((row) => row.at(-1)!.x + row.at(-1)!.width / 2 - left), ...rows.map(widthOf));
  const heights = rows.map((row) => Math.max(...row.map((block) => block.height)));
  // Long links at a flat angle run into each other: what height there is is used.
  const room = (width / ratio - heights.reduce((sum, height) => sum + height, 0)) / Math.max(1, rows.length - 1);
  const gap = Math.max(rowGap, Math.min(rowGap * 2, room), Math.min(600, width * 0.07, room * 2));
  let y = 0;
  for (const [level, row] of rows.entries()) {
    for (const block of row) {
      const top = y + (looksDown(graph, block) ? heights[level]! - block.height : 0);
      const across = (block.width - (block.columns - 1) * columnGap) / block.columns;
      const isStack = block.ids.length > block.columns;
      for (const [index, id] of block.ids.entries()) {
        const card = cards.get(id)!;
        const x = block.x - block.width / 2 + (index % block.columns) * (across + columnGap);
        places.set(id, {
          x: x + (across - card.width) / 2,
          y: top + Math.floor(index / block.columns) * (card.height + gapInside),
          width: card.width,
          height: card.height,
          ...(isStack && { lane: { left: x - columnGap / 2, right: x + across + columnGap / 2, top, bottom: top + block.height } }),
        });
      }
    }
    y += heights[level]! + gap;
  }
  return { places, width, height: y - gap };
}

/** A block stands at that edge of its row from where its links leave. */
function looksDown(graph: Graph, block: Block): boolean {
  let down = 0;
  for (const id of block.ids) {
    for (const joint of graph.jointsOf.get(id)!) down += Math.sign(graph.rows.get(otherEnd(joint, id))! - block.row);
  }
  return down > 0;
}
