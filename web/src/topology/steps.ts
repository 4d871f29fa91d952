/**
 * Where the arrow keys lead: from a node along its links, to the node at their other end; left and right also through the nodes of a row, and on to the next
 * row, so that every node is reached; on a link, across it, to the next one that leaves the same node on the same side, so that every link is.
 */
import { otherEnd } from './graph.ts';
import type { Places } from './placement.ts';
import { centre, type Side } from './plane.ts';
import type { Selection } from './selection.ts';
import type { Wiring } from './wiring.ts';

export type Step = 'up' | 'down' | 'left' | 'right' | 'first' | 'last';

export interface Steps {
  /** `from`: the node that was left for this link. */
  next(at: Selection, step: Step, from: string | undefined): Selection | undefined;
  readonly first: Selection | undefined;
}

const SIDES: Readonly<Record<string, Side>> = { up: 'top', down: 'bottom', left: 'left', right: 'right' };

export function makeSteps(places: Places, wiring: Wiring): Steps {
  /** By rows, as one reads. */
  const order = [...places.keys()].sort((a, b) => places.get(a)!.y - places.get(b)!.y || places.get(a)!.x - places.get(b)!.x);
  const leaving = (id: string, side: Side): number[] =>
    (wiring.tabs.get(id) ?? []).filter((tab) => tab.side === side).map((tab) => tab.link);

  function fromNode(id: string, step: Step): Selection | undefined {
    const leave = leaving(id, SIDES[step]!);
    if (leave.length > 0) return link(leave[(leave.length - 1) >> 1]);
    if (step === 'left' || step === 'right') return node(order[order.indexOf(id) + (step === 'left' ? -1 : 1)]);
    const here = centre(places.get(id)!);
    const sign = step === 'up' ? -1 : 1;
    let best: { id: string; far: number } | undefined;
    for (const other of order) {
      const there = centre(places.get(other)!);
      const dy = (there.y - here.y) * sign;
      if (dy <= 1) continue;
      const far = dy + 2 * Math.abs(there.x - here.x);
      if (best === undefined || far < best.far) best = { id: other, far };
    }
    return node(best?.id);
  }

  function fromLink(index: number, step: Step, cameFrom: string | undefined): Selection | undefined {
    const joint = wiring.runs[index]?.joint;
    if (joint === undefined) return undefined;
    const base = cameFrom === joint.to ? joint.to : joint.from;
    const other = otherEnd(joint, base);
    const [side, otherSide] = [sideAt(base, index), sideAt(other, index)];
    const isSideways = side === 'left' || side === 'right';
    const isAlong = isSideways === (step === 'left' || step === 'right');
    if (isAlong) {
      const isBack = SIDES[step] === OPPOSITE[side];
      // A link below its row has both ends above itself: on to the other one.
      if (side === otherSide) return node(isBack ? other : base);
      return node(isBack ? base : other);
    }
    const siblings = leaving(base, side);
    const next = siblings[siblings.indexOf(index) + (step === 'left' || step === 'up' ? -1 : 1)];
    return link(next);
  }

  const sideAt = (id: string, index: number): Side => wiring.tabs.get(id)!.find((tab) => tab.link === index)!.side;

  return {
    first: node(order[0]),
    next(at, step, from) {
      if (step === 'first' || step === 'last') return node(order.at(step === 'first' ? 0 : -1));
      return at.kind === 'node' ? fromNode(at.id, step) : fromLink(at.index, step, from);
    },
  };
}

const OPPOSITE: Readonly<Record<Side, Side>> = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' };

const node = (id: string | undefined): Selection | undefined => (id === undefined ? undefined : { kind: 'node', id });
const link = (index: number | undefined): Selection | undefined => (index === undefined ? undefined : { kind: 'link', index });
