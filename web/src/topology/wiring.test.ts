import { describe, expect, it } from 'vitest';
import { bundlesOf } from './bundles.ts';
import { cardsOf, shortPort } from './cards.ts';
import { graphOf } from './graph.ts';
import { distanceTo, makeHitTest } from './hit-test.ts';
import { labelBox, labelPoints } from './labels.ts';
import { place } from './placement.ts';
import { overlaps } from './plane.ts';
import { makeSteps, type Step } from './steps.ts';
import { keyOf, type Selection } from './selection.ts';
import { leafSpine, RACK } from './testing.ts';
import { pointAlong } from './run.ts';
import { wire } from './wiring.ts';

function drawn(topology = RACK) {
  const graph = graphOf(topology);
  const cards = cardsOf(graph, 'roomy');
  const places = place(graph, cards, 'roomy', 1.9);
  return { graph, cards, places, wiring: wire(graph, cards, places, 'roomy') };
}

const node = (id: string): Selection => ({ kind: 'node', id });

describe('wire', () => {
  const { places, wiring } = drawn();

  it('plugs each link into a port at both of its ends', () => {
    for (const [index, run] of wiring.runs.entries()) {
      const [from, to] = RACK.links[index]!.ends;
      for (const [{ node, port }, x, y] of [
        [from, run!.points[0]!, run!.points[1]!],
        [to, run!.points.at(-2)!, run!.points.at(-1)!],
      ] as const) {
        const tab = wiring.tabs.get(node)!.find(({ link }) => link === index)!;
        expect(tab.port).toBe(port);
        const place = places.get(node)!;
        const box = {
          ...tab.box,
          x: tab.box.x + place.x - 1,
          y: tab.box.y + place.y - 1,
          width: tab.box.width + 2,
          height: tab.box.height + 2,
        };
        expect(overlaps(box, { x, y, width: 0.1, height: 0.1 })).toBe(true);
      }
    }
  });

  const sides = (node: string): Record<string, string> => Object.fromEntries(wiring.tabs.get(node)!.map(({ port, side }) => [port, side]));

  it('leaves a host below and a switch above, and goes sideways between neighbours', () => {
    expect(sides('esx1')).toEqual({ nic0: 'bottom', nic1: 'bottom' });
    expect(sides('tor1')).toEqual({ 1: 'top', 2: 'top', 9: 'top', 3: 'bottom', 47: 'right', 48: 'right' });
    expect(sides('tor2')).toMatchObject({ 47: 'left', 48: 'left' });
  });

  it('has no two ports of a card over each other', () => {
    for (const tabs of wiring.tabs.values()) {
      for (const [index, tab] of tabs.entries()) {
        for (const other of tabs.slice(index + 1)) expect(overlaps(tab.box, other.box)).toBe(false);
      }
    }
  });

  it('has parallel cables beside each other', () => {
    const [one, other] = [wiring.runs[6]!.points, wiring.runs[7]!.points];
    expect(one[1]).toBeLessThan(other[1]!);
    expect(one.at(-1)).toBeLessThan(other.at(-1)!);
  });
});

it('names a port as devices do', () => {
  expect(shortPort('Ethernet1/49')).toBe('Eth1/49');
  expect(shortPort('GigabitEthernet1/0/1')).toBe('Gig1/0/1');
  expect(shortPort('nic0')).toBe('nic0');
  expect(shortPort('a-long-name')).toBe('a-long-name');
});

it('takes links between the same nodes together, whichever end is named first', () => {
  const { wiring } = drawn();
  const bundles = bundlesOf(wiring.runs).map(({ links }) => [...links].sort());
  expect(bundles).toContainEqual([6, 7]);
  expect(bundles.flat().sort((a, b) => a - b)).toEqual(RACK.links.map((_, index) => index));
});

describe('hit test', () => {
  const { wiring } = drawn();
  const hits = makeHitTest(wiring.runs);

  it('finds each link on its way, and the nearer of two', () => {
    for (const run of wiring.runs) {
      for (const share of [0.15, 0.85]) {
        const point = pointAlong(run!.points, share);
        expect(hits.linkAt(point, 2)).toBe(run!.joint.index);
      }
    }
  });

  it('finds nothing where nothing is', () => {
    expect(hits.linkAt({ x: -5000, y: -5000 }, 9)).toBeUndefined();
  });

  it('measures from the piece, not from its line', () => {
    const points = Float64Array.of(0, 0, 10, 0);
    expect(distanceTo({ x: 5, y: 3 }, points, 2)).toBe(3);
    expect(distanceTo({ x: 14, y: 3 }, points, 2)).toBe(5);
  });
});

it('has labels that hide neither each other nor a card', () => {
  const { wiring, places } = drawn();
  const labels = labelPoints(wiring.runs, places.values()).map((point) => labelBox(point!));
  for (const [index, label] of labels.entries()) {
    for (const other of labels.slice(index + 1)) {
      // Two cables between neighbours are nearer to each other than labels are high.
      if (Math.abs(label.x - other.x) > 1) expect(overlaps(label, other)).toBe(false);
    }
    for (const card of places.values()) expect(overlaps(label, card)).toBe(false);
  }
});

describe('steps', () => {
  const { places, wiring } = drawn();
  const steps = makeSteps(places, wiring);
  const walk = (from: Selection, ...way: Step[]): string => {
    let at: Selection = from;
    let cameFrom: string | undefined;
    for (const step of way) {
      const next = steps.next(at, step, cameFrom);
      if (next === undefined) return `${keyOf(at)} !${step}`;
      if (next.kind === 'link' && at.kind === 'node') cameFrom = at.id;
      at = next;
    }
    return keyOf(at);
  };

  it('goes from a host down a link to its switch, and back', () => {
    expect(walk(node('esx1'), 'down')).toBe('link 0');
    expect(walk(node('esx1'), 'down', 'down')).toBe('node tor1');
    expect(walk(node('esx1'), 'down', 'up')).toBe('node esx1');
    expect(walk(node('esx1'), 'down', 'right', 'down')).toBe('node tor2');
  });

  it('goes across through the cables between neighbours', () => {
    expect(walk(node('tor1'), 'right')).toBe('link 6');
    expect(walk(node('tor1'), 'right', 'down')).toBe('link 7');
    expect(walk(node('tor1'), 'right', 'right')).toBe('node tor2');
    expect(walk(node('tor1'), 'right', 'left')).toBe('node tor1');
  });

  it('begins and ends where one begins and ends to read', () => {
    expect(keyOf(steps.first)).toBe(walk(node('tor2'), 'first'));
    expect(walk(node('esx1'), 'last')).toBe('node service');
  });

  it.each([
    ['a rack', RACK],
    ['leaves and spines', leafSpine(3, 3, 4)],
  ])('reaches every node and every link of %s', (_, topology) => {
    const { places, wiring } = drawn(topology);
    const steps = makeSteps(places, wiring);
    const seen = new Set<string>();
    const waiting: { at: Selection; from: string | undefined }[] = [{ at: steps.first!, from: undefined }];
    for (const { at, from } of waiting) {
      for (const step of ['up', 'down', 'left', 'right'] as const) {
        const next = steps.next(at, step, from);
        if (next === undefined) continue;
        const cameFrom = next.kind === 'node' ? undefined : at.kind === 'node' ? at.id : from;
        const key = `${keyOf(next)} ${cameFrom}`;
        if (seen.has(key)) continue;
        seen.add(key);
        waiting.push({ at: next, from: cameFrom });
      }
    }
    const reached = new Set(waiting.map(({ at }) => keyOf(at)));
    expect(reached.size).toBe(topology.nodes.length + topology.links.length);
  });
});
