/**
 * The order of cards in their rows, by ELK (Eclipse Layout Kernel): its layered layout has few crossings. How far apart they then stand is settled by ourselves,
 * who know of ports and labels. ELK runs in a worker, and both are loaded when they are first needed: they are no part of what the page takes to be seen.
 */
import Elk from 'elkjs/lib/elk-api.js';
import workerAddress from 'elkjs/lib/elk-worker.min.js?url';
import { isBesideItsNode } from './beside.ts';
import { type Card, type Density, MEASURES } from './cards.ts';
import type { Graph } from './graph.ts';
import type { Point } from './plane.ts';

const PATIENCE_MILLISECONDS = 10_000;

/** Rejects when it takes too long. */
export async function elkOrder(graph: Graph, cards: ReadonlyMap<string, Card>, density: Density): Promise<ReadonlyMap<string, Point>> {
  const elk = new Elk({ workerUrl: workerAddress, algorithms: ['layered'] });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the layout took too long')), PATIENCE_MILLISECONDS);
  });
  try {
    const result = await Promise.race([elk.layout(elkGraph(graph, cards, density)), patience]);
    return new Map((result.children ?? []).map(({ id, x = 0, y = 0 }) => [id, { x, y }]));
  } finally {
    clearTimeout(timer);
    elk.terminateWorker();
  }
}

function elkGraph(graph: Graph, cards: ReadonlyMap<string, Card>, density: Density) {
  const { columnGap, rowGap, tabDepth } = MEASURES[density];
  return {
    id: 'map',
    layoutOptions: {
      'elk.algorithm': 'layered',
      'elk.direction': 'DOWN',
      'elk.partitioning.activate': 'true',
      'elk.separateConnectedComponents': 'false',
      'elk.spacing.nodeNode': `${columnGap}`,
      'elk.layered.spacing.nodeNodeBetweenLayers': `${rowGap}`,
      'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
      'elk.layered.considerModelOrder.strategy': 'NODES_AND_EDGES',
      'elk.spacing.edgeNode': `${tabDepth}`,
      // Links are drawn from port to port by ourselves.
      'elk.edgeRouting': 'POLYLINE',
    },
    children: [...cards.values()].flatMap(({ id, row, width, height }) =>
      isBesideItsNode(graph, id) ? [] : [{ id, width, height, layoutOptions: { 'elk.partitioning.partition': `${row}` } }],
    ),
    edges: graph.joints.flatMap(({ index, from, to }) => {
      const [fromRow, toRow] = [graph.rows.get(from)!, graph.rows.get(to)!];
      // Links within a row would put one of their ends below the other.
      if (fromRow === toRow) return [];
      return [{ id: `${index}`, sources: [fromRow < toRow ? from : to], targets: [fromRow < toRow ? to : from] }];
    }),
  };
}
