/** The map of a topology: placed at once, and better as soon as the layout engine has looked at it. */
import { useEffect, useMemo, useState } from 'react';
import type { Topology } from '../../../src/server/page.ts';
import { withOutsideBeside } from './beside.ts';
import { type Bundle, bundlesOf } from './bundles.ts';
import { type Card, cardsOf, type Density, densityOf } from './cards.ts';
import { crossings } from './crossings.ts';
import { folded } from './fold.ts';
import { type Graph, graphOf, widestRow } from './graph.ts';
import { type HitTest, makeHitTest } from './hit-test.ts';
import { labelPoints } from './labels.ts';
import { type Places, place, placeAs } from './placement.ts';
import { around, type Point } from './plane.ts';
import { makeSteps, type Steps } from './steps.ts';
import { pointAlong } from './run.ts';
import { type Wiring, wire } from './wiring.ts';

export interface Layout {
  readonly graph: Graph;
  readonly density: Density;
  readonly cards: ReadonlyMap<string, Card>;
  readonly places: Places;
  readonly wiring: Wiring;
  readonly bundles: readonly Bundle[];
  /** The middle of a link's label. */
  readonly labelAt: (link: number) => Point | undefined;
  readonly steps: Steps;
  /** Made when it is first asked for. */
  readonly hitTest: () => HitTest;
}

/** Up to here ELK's picture is better; above, see placement.ts. */
const ELK_NODES_MAX = 60;
const ELK_LINKS_MAX = 400;
const ELK_ROW_MAX = 12;
const MOVE_MILLISECONDS = 320;
/** Shapes of panes, width to height. */
const RATIOS = [0.5, 0.7, 1, 1.4, 1.9, 2.4, 3] as const;

interface Base {
  readonly graph: Graph;
  readonly density: Density;
  /** Of the pane: its width to its height, roughly. */
  readonly ratio: number;
  readonly cards: ReadonlyMap<string, Card>;
  readonly quick: Places;
  /** By ELK: kept as long as the topology is. */
  better: Places | undefined;
}

const graphs = new WeakMap<Topology, Graph>();
const bases = new WeakMap<Topology, Map<string, Base>>();

function plainGraph(topology: Topology): Graph {
  const graph = graphs.get(topology) ?? graphOf(topology);
  graphs.set(topology, graph);
  return graph;
}

function baseOf(topology: Topology, paneWidth: number, paneHeight: number): Base {
  const plain = plainGraph(topology);
  const density = densityOf(topology.nodes.length, widestRow(plain), paneWidth);
  const ratio = ratioOf(paneWidth, paneHeight, density);
  const key = `${density} ${ratio}`;
  const known = bases.get(topology) ?? new Map<string, Base>();
  bases.set(topology, known);
  const found = known.get(key);
  if (found !== undefined) return found;
  const base = largest(density === 'dense' ? [folded(plain)] : [...new Set([plain, withOutsideBeside(plain)])], density, ratio);
  known.set(key, base);
  return base;
}

/** Of the ways to arrange it the one that is drawn largest in a pane of this shape. */
function largest(graphs: readonly Graph[], density: Density, ratio: number): Base {
  const bases = graphs.map((graph): Base => {
    const cards = cardsOf(graph, density);
    return { graph, density, ratio, cards, quick: place(graph, cards, density, ratio), better: undefined };
  });
  const zoomOf = ({ quick }: Base): number => {
    const { width, height } = around(quick.values());
    return 1 / Math.max(width / ratio, height);
  };
  return bases.reduce((best, base) => (zoomOf(base) > zoomOf(best) ? base : best));
}

/** Not by the pixel: a map does not change because something beside it is a little larger. */
function ratioOf(width: number, height: number, density: Density): number {
  if (density === 'dense') return width < height ? 0.7 : 1.9;
  const ratio = width / height;
  return RATIOS.reduce((best, one) => (Math.abs(Math.log(one / ratio)) < Math.abs(Math.log(best / ratio)) ? one : best));
}

function isForElk({ graph }: Base): boolean {
  return (
    graph.nodes.size > 1 && graph.nodes.size <= ELK_NODES_MAX && graph.joints.length <= ELK_LINKS_MAX && widestRow(graph) <= ELK_ROW_MAX
  );
}

function layoutOf({ graph, density, cards }: Base, places: Places): Layout {
  const wiring = wire(graph, cards, places, density);
  let hitTest: HitTest | undefined;
  return {
    graph,
    density,
    cards,
    places,
    wiring,
    bundles: bundlesOf(wiring.runs),
    labelAt: labelsOf(wiring, places, density),
    steps: makeSteps(places, wiring),
    hitTest: () => (hitTest ??= makeHitTest(wiring.runs)),
  };
}

/** Of hundreds of nodes only few labels are ever shown, which need not make room for all the others. */
function labelsOf({ runs }: Wiring, places: Places, density: Density): Layout['labelAt'] {
  if (density !== 'dense') {
    const points = labelPoints(runs, places.values());
    return (link) => points[link];
  }
  const known = new Map<number, Point>();
  return (link) => {
    const run = runs[link];
    if (run === undefined || known.has(link)) return known.get(link);
    const { x, y } = pointAlong(run.points, 0.5);
    known.set(link, { x, y });
    return known.get(link);
  };
}

/** Undefined: the pane has no size yet. */
export function useLayout(topology: Topology, paneWidth: number, paneHeight: number): Layout | undefined {
  const base = paneWidth > 0 && paneHeight > 0 ? baseOf(topology, paneWidth, paneHeight) : undefined;
  const [shown, setShown] = useState<{ readonly base: Base; readonly places: Places }>();
  useEffect(() => {
    if (base === undefined || base.better !== undefined || !isForElk(base)) return undefined;
    let frame = 0;
    let isGone = false;
    const move = async (): Promise<void> => {
      const { elkOrder } = await import('./elk-layout.ts');
      const order = await elkOrder(base.graph, base.cards, base.density);
      const better = placeAs(base.graph, base.cards, base.density, base.ratio, order);
      // Without fewer crossings, the order of the declaration is the better one.
      if (crossings(base.graph, better) >= crossings(base.graph, base.quick)) {
        base.better = base.quick;
        return;
      }
      base.better = better;
      if (isGone) return;
      const from = base.quick;
      const began = performance.now();
      const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches;
      const step = (now: number): void => {
        const share = isStill ? 1 : Math.min(1, Math.max(0, now - began) / MOVE_MILLISECONDS);
        setShown({ base, places: share === 1 ? better : between(from, better, share * share * (3 - 2 * share)) });
        if (share < 1) frame = requestAnimationFrame(step);
      };
      step(began);
    };
    // Without it, the first picture stays.
    move().catch(() => undefined);
    return () => {
      isGone = true;
      cancelAnimationFrame(frame);
    };
  }, [base]);
  const places = base === undefined ? undefined : shown?.base === base ? shown.places : (base.better ?? base.quick);
  return useMemo(() => (base === undefined || places === undefined ? undefined : layoutOf(base, places)), [base, places]);
}

function between(from: Places, to: Places, share: number): Places {
  return new Map(
    [...to].map(([id, there]) => {
      const here = from.get(id) ?? there;
      return [id, { ...there, x: here.x + (there.x - here.x) * share, y: here.y + (there.y - here.y) * share }];
    }),
  );
}
