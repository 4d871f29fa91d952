/** How large the card of each node is: known before it is placed, since it follows from how many links leave above and below. */
import type { Graph, Joint } from './graph.ts';
import { isOutside, otherEnd } from './graph.ts';

/** `roomy`: ports have their names. `compact`: narrow screens. `dense`: hundreds of nodes. */
export type Density = 'roomy' | 'compact' | 'dense';

export interface Measures {
  readonly cardWidth: number;
  readonly cardHeight: number;
  /** How far ports stick out. */
  readonly tabDepth: number;
  readonly tabGap: number;
  /** Between cards of a row. */
  readonly columnGap: number;
  readonly rowGap: number;
}

export const MEASURES: Readonly<Record<Density, Measures>> = {
  roomy: { cardWidth: 188, cardHeight: 54, tabDepth: 15, tabGap: 4, columnGap: 48, rowGap: 100 },
  compact: { cardWidth: 128, cardHeight: 54, tabDepth: 15, tabGap: 3, columnGap: 18, rowGap: 100 },
  // No ports are drawn: links end at the card.
  dense: { cardWidth: 118, cardHeight: 36, tabDepth: 0, tabGap: 1, columnGap: 18, rowGap: 150 },
};

/** Names of ports are written in monospace of this width. */
const CHARACTER_WIDTH = 6;
const TAB_WIDTH_MAX = 56;
const TAB_WIDTH_UNNAMED = 10;
/** More on one edge have no names: the map would be all ports. */
const NAMED_MAX = 16;
export const SIDE_TAB_HEIGHT = 15;
/** More cables between two neighbours of a row go below them instead of between. */
export const SIDE_TABS_MAX = 3;

export interface Card {
  readonly id: string;
  readonly row: number;
  readonly width: number;
  readonly height: number;
  /** How far ports at its left and right stick out. */
  readonly sideDepth: number;
  readonly hasPortNames: boolean;
}

const DENSE_FROM = 81;

/** As large as can be read without much zooming. */
export function densityOf(nodes: number, widestRow: number, paneWidth: number): Density {
  if (nodes >= DENSE_FROM) return 'dense';
  const { cardWidth, columnGap } = MEASURES.roomy;
  return widestRow * (cardWidth + columnGap) > paneWidth * 1.2 ? 'compact' : 'roomy';
}

/** As devices abbreviate them: `Ethernet1/49` is `Eth1/49`. */
export function shortPort(port: string): string {
  const parts = port.length > 7 ? /^([A-Za-z]{4,40})([\d/.:]{1,20})$/.exec(port) : null;
  return parts === null ? port : `${parts[1]!.slice(0, 3)}${parts[2]}`;
}

export const portOf = (joint: Joint, node: string): string => joint.link.ends[joint.from === node ? 0 : 1].port;

export function cardsOf(graph: Graph, density: Density): Map<string, Card> {
  return new Map([...graph.nodes.keys()].map((id) => [id, cardOf(graph, id, density)]));
}

function cardOf(graph: Graph, id: string, density: Density): Card {
  const { cardWidth, cardHeight, tabGap } = MEASURES[density];
  const row = graph.rows.get(id)!;
  const joints = graph.jointsOf.get(id)!;
  // Those within the row may come to be at the side: then there is some room to spare.
  const above = joints.filter((joint) => graph.rows.get(otherEnd(joint, id))! < row);
  const below = joints.filter((joint) => graph.rows.get(otherEnd(joint, id))! >= row);
  const hasPortNames = density !== 'dense' && Math.max(above.length, below.length) <= NAMED_MAX;
  const needed = [above, below].map((side) =>
    side.reduce((sum, joint) => sum + tabWidth(portOf(joint, id), hasPortNames, density) + tabGap, 12),
  );
  const beside = joints.filter((joint) => graph.rows.get(otherEnd(joint, id)) === row);
  const sideDepth = Math.max(0, ...beside.map((joint) => sideDepthOf(graph, joint, id, hasPortNames, density)));
  return { id, row, width: Math.max(cardWidth, ...needed), height: cardHeight, sideDepth, hasPortNames };
}

/** A published service has no port, and neither has what is outside. */
function sideDepthOf(graph: Graph, joint: Joint, id: string, isNamed: boolean, density: Density): number {
  const port = isOutside(graph.nodes.get(id)!.kind) ? '' : portOf(joint, id);
  return port === '' || density === 'dense' ? 0 : tabWidth(port, isNamed, density);
}

/** Of a port at the top or bottom; at the sides it is how far it sticks out. */
export function tabWidth(port: string, isNamed: boolean, density: Density): number {
  if (isNamed) return Math.min(TAB_WIDTH_MAX, Math.max(24, shortPort(port).length * CHARACTER_WIDTH + 8));
  return density === 'dense' ? 4 : TAB_WIDTH_UNNAMED;
}
