/**
 * Places cards in rows, at once: blocks of cards with the same neighbours, ordered by the centre of what they are linked to, each as near to it as its row has
 * room. This is what is shown first; of small fabrics ELK then makes a picture with fewer crossings, and of large ones this is the picture: ELK's layered layout
 * puts all of a tier into one row, which for 400 hosts is a line 80,000 pixels long (and takes seconds to draw it).
 */
import { type Card, type Density, MEASURES } from './cards.ts';
import { type Graph, otherEnd } from './graph.ts';
import type { Box } from './plane.ts';

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

/** Of width to height: that of the pane, mostly. */
const RATIO_LEAST = 0.45;
/** A row of more is drawn as blocks. */
const BLOCKS_FROM = 13;
const SWEEPS = 8;

interface Block {
  readonly ids: readonly string[];
  readonly columns: number;
  readonly width: number;
  readonly height: number;
  readonly row: number;
  /** Of its middle. */
  x: number;
}

export function place(graph: Graph, cards: ReadonlyMap<string, Card>, density: Density, ratio: number): Places {
  const wanted = Math.max(ratio, RATIO_LEAST);
  let best: { places: Places; off: number } | undefined;
  const rowSizes = new Map<number, number>();
  for (const row of graph.rows.values()) rowSizes.set(row, (rowSizes.get(row) ?? 0) + 1);
  const columnChoices = Math.max(0, ...rowSizes.values()) < BLOCKS_FROM ? [1] : [1, 2, 3, 4, 6, 8];
  for (const columns of columnChoices) {
    const { places, width, height } = placeWith(graph, cards, density, columns);
    const off = Math.abs(Math.log(width / Math.max(1, height) / wanted));
    if (best === undefined || off < best.off) best = { places, off };
  }
  return best!.places;
}

function placeWith(graph: Graph, cards: ReadonlyMap<string, Card>, density: Density, columns: number) {
  const measures = MEASURES[density];
  const rows = rowsOfBlocks(graph, cards, density, columns);
  const blockOf = new Map(rows.flat().flatMap((block) => block.ids.map((id) => [id, block] as const)));
  pack(rows, measures.columnGap);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    const order = sweep % 2 === 0 ? rows : [...rows].reverse();
    for (const row of order) {
      const wishes = new Map(row.map((block) => [block, wish(graph, block, blockOf)]));
      row.sort((a, b) => wishes.get(a)! - wishes.get(b)!);
      settle(row, wishes, measures.columnGap);
    }
  }
  spread(rows, graph, blockOf, measures.columnGap);
  return standing(rows, graph, cards, density);
}

function rowsOfBlocks(graph: Graph, cards: ReadonlyMap<string, Card>, density: Density, columns: number): Block[][] {
  const { columnGap } = MEASURES[density];
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
      return groups.map((group): Block => {
        const width = Math.max(...group.map((id) => cards.get(id)!.width));
        const across = Math.min(columns, group.length);
        const down = Math.ceil(group.length / across);
        const { height } = cards.get(group[0]!)!;
        return {
          ids: group,
          columns: across,
          width: across * width + (across - 1) * columnGap,
          height: down * height + (down - 1) * gapWithin(density),
          row,
          x: 0,
        };
      });
    });
}

const gapWithin = (density: Density): number => 2 * MEASURES[density].tabDepth + 8;

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

function pack(rows: readonly Block[][], gap: number): void {
  for (const row of rows) {
    const width = row.reduce((sum, block) => sum + block.width + gap, -gap);
    let x = -width / 2;
    for (const block of row) {
      block.x = x + block.width / 2;
      x += block.width + gap;
    }
  }
}

/** Where it would like to be: at the mean of what it is linked to in other rows. */
function wish(graph: Graph, block: Block, blockOf: ReadonlyMap<string, Block>): number {
  let [sum, count] = [0, 0];
  for (const id of block.ids) {
    for (const joint of graph.jointsOf.get(id)!) {
      const other = blockOf.get(otherEnd(joint, id))!;
      if (other.row === block.row) continue;
      // A host of two links says more about where its switch belongs than a spine of sixty.
      const weight = 1 / graph.jointsOf.get(otherEnd(joint, id))!.length;
      sum += other.x * weight;
      count += weight;
    }
  }
  return count === 0 ? block.x : sum / count;
}

/**
 * In this order, without overlaps, as near to the wishes as can be (in the least squares): neighbours that are in each other's way become one cluster, which
 * stands where the mean of its members' wishes is.
 */
function settle(row: readonly Block[], wishes: ReadonlyMap<Block, number>, gap: number): void {
  const clusters: { from: number; count: number; sum: number; width: number }[] = [];
  for (const [index, block] of row.entries()) {
    let cluster = { from: index, count: 1, sum: wishes.get(block)! - block.width / 2, width: block.width + gap };
    for (
      let last = clusters.at(-1);
      last !== undefined && last.sum / last.count + last.width > cluster.sum / cluster.count;
      last = clusters.at(-1)
    ) {
      clusters.pop();
      cluster = {
        from: last.from,
        count: last.count + cluster.count,
        sum: last.sum + cluster.sum - cluster.count * last.width,
        width: last.width + cluster.width,
      };
    }
    clusters.push(cluster);
  }
  for (const { from, count, sum } of clusters) {
    let x = sum / count;
    for (const block of row.slice(from, from + count)) {
      block.x = x + block.width / 2;
      x += block.width + gap;
    }
  }
}

/** A row that is linked to all of a far wider one (a spine) takes half of that width, so that its links don't all come from one spot. */
function spread(rows: readonly Block[][], graph: Graph, blockOf: ReadonlyMap<string, Block>, gap: number): void {
  const widest = Math.max(...rows.map((row) => widthOf(row)));
  for (const row of rows) {
    const width = widthOf(row);
    if (row.length < 2 || width > widest * 0.5) continue;
    const wishes = row.map((block) => wish(graph, block, blockOf));
    if (Math.max(...wishes) - Math.min(...wishes) > width) continue;
    const more = Math.min(row[0]!.width * 1.5, (widest * 0.6 - width) / (row.length - 1));
    if (more < gap) continue;
    const middle = (row[0]!.x + row.at(-1)!.x) / 2;
    const step = (row.at(-1)!.x - row[0]!.x) / (row.length - 1) + more;
    for (const [index, block] of row.entries()) block.x = middle + (index - (row.length - 1) / 2) * step;
  }
}

const widthOf = (row: readonly Block[]): number => row.at(-1)!.x + row.at(-1)!.width / 2 - (row[0]!.x - row[0]!.width / 2);

function standing(rows: readonly Block[][], graph: Graph, cards: ReadonlyMap<string, Card>, density: Density) {
  const { columnGap, rowGap } = MEASURES[density];
  const gapInside = gapWithin(density);
  const places = new Map<string, Placed>();
  const width = Math.max(...rows.map((row) => widthOf(row)), 1);
  // Long links at a flat angle run into each other: the wider, the higher.
  const gap = Math.max(rowGap, Math.min(600, width * 0.07));
  let y = 0;
  for (const row of rows) {
    const height = Math.max(...row.map((block) => block.height));
    for (const block of row) {
      const top = y + (looksDown(graph, block) ? height - block.height : 0);
      const across = (block.width - (block.columns - 1) * columnGap) / block.columns;
      const left = block.x - block.width / 2;
      const isStack = block.ids.length > block.columns;
      for (const [index, id] of block.ids.entries()) {
        const card = cards.get(id)!;
        const column = index % block.columns;
        const x = left + column * (across + columnGap);
        places.set(id, {
          x: x + (across - card.width) / 2,
          y: top + Math.floor(index / block.columns) * (card.height + gapInside),
          width: card.width,
          height: card.height,
          ...(isStack && { lane: { left: x - columnGap / 2, right: x + across + columnGap / 2, top, bottom: top + block.height } }),
        });
      }
    }
    y += height + gap;
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
