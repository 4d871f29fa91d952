/** How large the card of each node is: known before it is placed, since it follows from how many links leave above and below. */
import type { Graph, Joint } from './graph.ts';
import { otherEnd } from './graph.ts';

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
  roomy: { cardWidth: 188, cardHeight: 54, tabDepth: 15, tabGap: 4, columnGap: 52, rowGap: 132 },
  compact: { cardWidth: 128, cardHeight: 54, tabDepth: 15, tabGap: 3, columnGap: 18, rowGap: 120 },
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
  /** Of a port at the top or bottom. */
  readonly tabWidth: number;
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
  const joints = graph.jointsOf.get(id)!;
  const row = graph.rows.get(id)!;
  let [above, below, longest] = [0, 0, 0];
  for (const joint of joints) {
    // Those within the row may come to be at the side: then there is some room to spare.
    if (graph.rows.get(otherEnd(joint, id))! < row) above += 1;
    else below += 1;
    longest = Math.max(longest, shortPort(portOf(joint, id)).length);
  }
  const most = Math.max(above, below);
  const hasPortNames = density !== 'dense' && most <= NAMED_MAX;
  const tabWidth = hasPortNames
    ? Math.min(TAB_WIDTH_MAX, Math.max(24, longest * CHARACTER_WIDTH + 8))
    : density === 'dense'
      ? 4
      : TAB_WIDTH_UNNAMED;
  const width = Math.max(cardWidth, most * (tabWidth + tabGap) + 12);
  return { id, row, width, height: cardHeight, tabWidth, hasPortNames };
}
