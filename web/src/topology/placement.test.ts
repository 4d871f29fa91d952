import { describe, expect, it } from 'vitest';
import { cardsOf, type Density, densityOf, MEASURES } from './cards.ts';
import { folded } from './fold.ts';
import { graphOf, widestRow } from './graph.ts';
import { place, placeAs, type Places } from './placement.ts';
import { around, nearest, overlaps } from './plane.ts';
import { leafSpine, RACK, topologyOf } from './testing.ts';

function placed(topology = RACK, density: Density = 'roomy', ratio = 1.9) {
  const graph = density === 'dense' ? folded(graphOf(topology)) : graphOf(topology);
  const cards = cardsOf(graph, density);
  return { graph, cards, places: place(graph, cards, density, ratio) };
}

function overlapsAmong(places: Places): string[] {
  const all = [...places];
  return all.flatMap(([id, box], index) =>
    all.slice(index + 1).flatMap(([other, otherBox]) => (overlaps(box, otherBox) ? [`${id} ${other}`] : [])),
  );
}

describe('rows', () => {
  it('has hosts above switches above arrays, and what is outside beside its port', () => {
    const { rows } = graphOf(RACK);
    expect(rows.get('esx1')).toBe(1);
    expect(rows.get('tor1')).toBe(2);
    expect(rows.get('tor2')).toBe(2);
    expect(rows.get('array1')).toBe(3);
    expect(rows.get('vm1')).toBe(rows.get('esx1'));
    expect(rows.get('service')).toBe(4);
  });

  it('leaves out links of which an end is missing or that lead back', () => {
    const graph = graphOf(topologyOf(['host a 1', 'switch b 2'], ['a:0 b:0', 'a:1 gone:1', 'b:1 b:2']));
    expect(graph.joints.map(({ index }) => index)).toEqual([0]);
  });
});

describe('place', () => {
  it('puts every card of a rack somewhere, none over another', () => {
    const { places } = placed();
    expect([...places.keys()].sort()).toEqual(RACK.nodes.map(({ id }) => id).sort());
    expect(overlapsAmong(places)).toEqual([]);
    expect(places.get('tor1')!.y).toBe(places.get('tor2')!.y);
    expect(places.get('esx1')!.y).toBeLessThan(places.get('tor1')!.y);
    expect(places.get('array1')!.y).toBeGreaterThan(places.get('tor1')!.y);
  });

  it('keeps the order of the declaration where links say nothing', () => {
    const { places } = placed();
    expect(places.get('esx1')!.x).toBeLessThan(places.get('esx2')!.x);
    expect(places.get('tor1')!.x).toBeLessThan(places.get('tor2')!.x);
  });

  it('makes room for cables within a row', () => {
    const { places } = placed();
    const [left, right] = [places.get('tor1')!, places.get('tor2')!];
    expect(right.x - left.x - left.width).toBeGreaterThan(2 * MEASURES.roomy.columnGap);
  });

  it('draws a fabric of hundreds of nodes at about the shape of the pane', () => {
    const { places } = placed(leafSpine(8, 16, 14), 'dense');
    expect(places.size).toBe(8 + 16 * 16);
    expect(overlapsAmong(places)).toEqual([]);
    const { width, height } = around(places.values());
    expect(width / height).toBeGreaterThan(1);
    expect(width / height).toBeLessThan(4);
  });

  it('takes the order of another layout', () => {
    const { graph, cards } = placed();
    const model = new Map(RACK.nodes.map(({ id }, index) => [id, { x: -index, y: 0 }]));
    const places = placeAs(graph, cards, 'roomy', 1.9, model);
    expect(places.get('esx2')!.x).toBeLessThan(places.get('esx1')!.x);
    expect(places.get('tor2')!.x).toBeLessThan(places.get('tor1')!.x);
    expect(overlapsAmong(places)).toEqual([]);
  });

  it('draws nodes without links, and nothing at all', () => {
    expect(placed(topologyOf(['host a 1', 'host b 1'], [])).places.size).toBe(2);
    expect(placed(topologyOf([], [])).places.size).toBe(0);
  });
});

describe('folded', () => {
  it('puts half of the racks below the core, those with arrays among them', () => {
    const graph = folded(graphOf(leafSpine(4, 8, 6)));
    const core = graph.rows.get('spine0')!;
    const below = Array.from({ length: 8 }, (_, rack) => graph.rows.get(`leaf${rack}a`)! > core);
    expect(below.filter(Boolean)).toHaveLength(4);
    expect(below[1]).toBe(true);
    expect(below[5]).toBe(true);
    expect(graph.rows.get('h1-0')).toBe(graph.rows.get('h1-1'));
    expect(graph.rows.get('leaf1a')).toBe(graph.rows.get('leaf1b'));
  });

  it('leaves alone what has no core', () => {
    const graph = graphOf(RACK);
    expect(folded(graph)).toBe(graph);
  });
});

it('takes smaller cards for wider rows, and the smallest for hundreds', () => {
  const row = widestRow(graphOf(RACK));
  expect(densityOf(7, row, 1280)).toBe('roomy');
  expect(densityOf(7, row, 390)).toBe('compact');
  expect(densityOf(500, 100, 1280)).toBe('dense');
});

it('finds the card nearest to a point', () => {
  const boxes = new Map([
    ['a', { x: 0, y: 0, width: 10, height: 10 }],
    ['b', { x: 20, y: 0, width: 100, height: 10 }],
  ]);
  expect(nearest(boxes, { x: 22, y: 5 })).toBe('a');
  expect(nearest(boxes, { x: 60, y: 5 })).toBe('b');
  expect(nearest(new Map(), { x: 0, y: 0 })).toBeUndefined();
});
