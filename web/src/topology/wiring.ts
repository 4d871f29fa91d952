/** Where ports sit on their cards and how links run between them, once cards have their places. */
import { type Card, MEASURES, type Density, portOf, SIDE_TAB_HEIGHT, SIDE_TABS_MAX, tabWidth } from './cards.ts';
import { type Graph, isOutside, type Joint, otherEnd } from './graph.ts';
import type { Placed, Places } from './placement.ts';
import { type Box, centre, type Point, type Side } from './plane.ts';
import { boundsOf, type Run } from './run.ts';

/** A port, where a link is plugged in. */
export interface Tab {
  readonly port: string;
  /** In `Topology.links`. */
  readonly link: number;
  readonly side: Side;
  /** Relative to the card's corner at the top left. */
  readonly box: Box;
}

export interface Wiring {
  readonly tabs: ReadonlyMap<string, readonly Tab[]>;
  /** By index in `Topology.links`. */
  readonly runs: readonly (Run | undefined)[];
}

interface Plug {
  readonly joint: Joint;
  readonly node: string;
  side: Side;
  /** Along its side. */
  at: number;
  /** How far it sticks out. */
  depth: number;
}

const NORMAL: Readonly<Record<Side, Point>> = {
  top: { x: 0, y: -1 },
  bottom: { x: 0, y: 1 },
  left: { x: -1, y: 0 },
  right: { x: 1, y: 0 },
};

export function wire(graph: Graph, cards: ReadonlyMap<string, Card>, places: Places, density: Density): Wiring {
  const plugs = new Map<string, Plug[]>([...graph.nodes.keys()].map((id) => [id, []]));
  const pairs = new Map<Joint, readonly [Plug, Plug]>();
  const beside = besideEachOther(graph, places);
  for (const joint of graph.joints) {
    const pair = [joint.from, joint.to].map((node) => ({ joint, node, side: sideOf(graph, places, beside, joint, node), at: 0, depth: 0 }));
    for (const plug of pair) plugs.get(plug.node)!.push(plug);
    pairs.set(joint, [pair[0]!, pair[1]!]);
  }
  const tabs = new Map<string, Tab[]>();
  for (const [id, ofNode] of plugs) tabs.set(id, tabsOf(id, ofNode, cards.get(id)!, places, density, isOutside(graph.nodes.get(id)!.kind)));
  const runs: (Run | undefined)[] = graph.topology.links.map(() => undefined);
  for (const [joint, pair] of pairs) {
    const points = path(pair, places, density);
    runs[joint.index] = { joint, points, bounds: boundsOf(points) };
  }
  return { tabs, runs };
}

/** Pairs of nodes with nothing between them in their row, and few enough cables. */
function besideEachOther(graph: Graph, places: Places): Set<string> {
  const levels = new Map<number, string[]>();
  for (const [id, { y, lane }] of places) {
    if (lane !== undefined) continue;
    const key = Math.round(y);
    const found = levels.get(key);
    if (found === undefined) levels.set(key, [id]);
    else found.push(id);
  }
  const found = new Set<string>();
  for (const ids of levels.values()) {
    ids.sort((a, b) => places.get(a)!.x - places.get(b)!.x);
    for (const [index, left] of ids.entries()) {
      const right = ids[index + 1];
      if (right === undefined) continue;
      const cables = graph.jointsOf.get(left)!.filter((joint) => otherEnd(joint, left) === right).length;
      if (cables > 0 && cables <= SIDE_TABS_MAX) found.add(pairKey(left, right));
    }
  }
  return found;
}

const pairKey = (one: string, other: string): string => JSON.stringify(one < other ? [one, other] : [other, one]);

function sideOf(graph: Graph, places: Places, beside: ReadonlySet<string>, joint: Joint, node: string): Side {
  const other = otherEnd(joint, node);
  const [mine, theirs] = [places.get(node)!, places.get(other)!];
  const isRight = centre(theirs).x > centre(mine).x || (centre(theirs).x === centre(mine).x && joint.from === node);
  if (beside.has(pairKey(node, other))) return isRight ? 'right' : 'left';
  const [row, otherRow] = [graph.rows.get(node)!, graph.rows.get(other)!];
  if (mine.lane !== undefined && row !== otherRow) return laneSide(graph, places, joint, node);
  return otherRow < row ? 'top' : 'bottom';
}

/** Links of a card in a stack leave by turns to the left and the right: that to the leftmost neighbour to the left. */
function laneSide(graph: Graph, places: Places, joint: Joint, node: string): Side {
  const joints = [...graph.jointsOf.get(node)!].sort(
    (a, b) => centre(places.get(otherEnd(a, node))!).x - centre(places.get(otherEnd(b, node))!).x,
  );
  return joints.indexOf(joint) * 2 < joints.length ? 'left' : 'right';
}

function tabsOf(id: string, plugs: readonly Plug[], card: Card, places: Places, density: Density, isOutside: boolean): Tab[] {
  const { tabDepth, tabGap } = MEASURES[density];
  const tabs: Tab[] = [];
  for (const side of ['top', 'bottom', 'left', 'right'] as const) {
    const mine = plugs.filter((plug) => plug.side === side);
    const isFlat = side === 'top' || side === 'bottom';
    // In the order of what they lead to, so that links leave without crossing; parallel cables in the order of the declaration on both ends.
    const towards = (plug: Plug): number => {
      const there = centre(places.get(otherEnd(plug.joint, id))!);
      return isFlat ? there.x : there.y;
    };
    mine.sort((a, b) => towards(a) - towards(b) || a.joint.index - b.joint.index);
    const length = isFlat ? card.width : card.height;
    const widths = mine.map(({ joint }) => tabWidth(portOf(joint, id), card.hasPortNames, density));
    const sizes = isFlat ? widths : mine.map(() => (density === 'dense' ? 4 : SIDE_TAB_HEIGHT));
    const taken = sizes.reduce((sum, size) => sum + size, 0);
    // Ports of a wide card stand apart, but not as far as its corners.
    const gap = Math.min(tabGap + 22, Math.max(0, (length - 12 - taken) / Math.max(1, mine.length)));
    let along = (length - taken - gap * (mine.length - 1)) / 2;
    for (const [index, plug] of mine.entries()) {
      // What is outside has no port that had a name.
      const port = isOutside ? '' : portOf(plug.joint, id);
      const size = sizes[index]!;
      plug.depth = port === '' || density === 'dense' ? 0 : isFlat ? tabDepth : widths[index]!;
      plug.at = along + size / 2;
      const outside = side === 'top' || side === 'left' ? -plug.depth : isFlat ? card.height : card.width;
      const box = isFlat
        ? { x: along, y: outside, width: size, height: plug.depth }
        : { x: outside, y: along, width: plug.depth, height: size };
      tabs.push({ port, link: plug.joint.index, side, box });
      along += size + gap;
    }
  }
  return tabs;
}

function anchor({ side, at, node, depth }: Plug, places: Places): Point {
  const box = places.get(node)!;
  if (side === 'top') return { x: box.x + at, y: box.y - depth };
  if (side === 'bottom') return { x: box.x + at, y: box.y + box.height + depth };
  return { x: side === 'left' ? box.x - depth : box.x + box.width + depth, y: box.y + at };
}

/** From port to port, by the lanes beside stacks. */
function path(pair: readonly [Plug, Plug], places: Places, density: Density): Float64Array {
  const ends = pair.map((plug) => leave(plug, places, density));
  const [from, to] = [ends[0]!, ends[1]!];
  const points: number[] = [];
  for (const { x, y } of from.lead) points.push(x, y);
  bezier(points, from.last, from.normal, to.last, to.normal, density === 'dense' ? 8 : 16, isArc(pair));
  for (const { x, y } of [...to.lead].reverse()) points.push(x, y);
  return Float64Array.from(points);
}

const isArc = (pair: readonly [Plug, Plug]): boolean =>
  pair[0].side === pair[1].side && (pair[0].side === 'bottom' || pair[0].side === 'top');

interface Leave {
  /** Before the curve. */
  readonly lead: readonly Point[];
  readonly last: Point;
  readonly normal: Point;
}

function leave(plug: Plug, places: Places, density: Density): Leave {
  const box: Placed = places.get(plug.node)!;
  const isSide = plug.side === 'left' || plug.side === 'right';
  const start = anchor(plug, places);
  if (box.lane === undefined || !isSide) return { lead: [], last: start, normal: NORMAL[plug.side] };
  const other = places.get(otherEnd(plug.joint, plug.node))!;
  const goesDown = other.y > box.y;
  const x = plug.side === 'left' ? box.lane.left : box.lane.right;
  // Each card of the stack has a track of its own in the lane.
  const track = ((box.y - box.lane.top) / Math.max(1, box.lane.bottom - box.lane.top) - 0.5) * MEASURES[density].columnGap * 0.3;
  const last = { x: x + track, y: goesDown ? box.lane.bottom : box.lane.top };
  const corner = { x: last.x, y: start.y };
  const rounding = Math.min(4, Math.abs(last.y - start.y));
  return {
    lead: [
      start,
      { x: corner.x - Math.sign(corner.x - start.x) * Math.min(3, Math.abs(corner.x - start.x)), y: corner.y },
      { x: corner.x, y: corner.y + (goesDown ? rounding : -rounding) },
    ],
    last,
    normal: goesDown ? NORMAL.bottom : NORMAL.top,
  };
}

function bezier(points: number[], from: Point, fromNormal: Point, to: Point, toNormal: Point, steps: number, isArc: boolean): void {
  const distance = Math.hypot(to.x - from.x, to.y - from.y);
  const isFlat = fromNormal.y === 0;
  const [across, down] = [Math.abs(to.x - from.x), Math.abs(to.y - from.y)];
  // A long way across is gone straight: curves would all run along the middle between the rows.
  const bend = Math.min(1, Math.max(0.2, (1.4 * down) / Math.max(1, across)));
  const reach = isArc ? Math.min(90, 30 + distance * 0.12) : isFlat ? distance * 0.4 : Math.min(260, Math.max(16, down * 0.5 * bend));
  const [a, b] = [
    { x: from.x + fromNormal.x * reach, y: from.y + fromNormal.y * reach },
    { x: to.x + toNormal.x * reach, y: to.y + toNormal.y * reach },
  ];
  for (let step = 0; step <= steps; step += 1) {
    const t = step / steps;
    const u = 1 - t;
    const [w0, w1, w2, w3] = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
    points.push(w0 * from.x + w1 * a.x + w2 * b.x + w3 * to.x, w0 * from.y + w1 * a.y + w2 * b.y + w3 * to.y);
  }
}
