import { expect, it } from 'vitest';
import { withOutsideBeside } from './beside.ts';
import { cardsOf } from './cards.ts';
import { graphOf } from './graph.ts';
import { place } from './placement.ts';
import { overlaps } from './plane.ts';
import { topologyOf } from './testing.ts';

const HOSTS = ['host a 1', 'host b 1', 'host c 1', 'switch tor 2', 'world vm 0'] as const;
const WIRES = ['a:0 tor:1', 'b:0 tor:2', 'c:0 tor:3', 'vm: tor:9'];

it('puts a published service next to its host, and leaves what is plugged into a switch', () => {
  const graph = withOutsideBeside(graphOf(topologyOf([...HOSTS, 'published p 0'], [...WIRES, 'p:port c:'])));
  expect(graph.rows.get('p')).toBe(graph.rows.get('c'));
  expect(graph.rows.get('vm')).toBe(1);
  const places = place(graph, cardsOf(graph, 'roomy'), 'roomy', 2.4);
  const order = ['a', 'b', 'c', 'vm', 'p'].sort((one, other) => places.get(one)!.x - places.get(other)!.x);
  expect(Math.abs(order.indexOf('p') - order.indexOf('c'))).toBe(1);
  const boxes = [...places.values()];
  expect(boxes.some((one, index) => boxes.slice(index + 1).some((other) => overlaps(one, other)))).toBe(false);
});

const withServicesOfB = (names: readonly string[]) => {
  const nodes = names.map((name) => `published ${name} 0` as const);
  return withOutsideBeside(graphOf(topologyOf([...HOSTS, ...nodes], [...WIRES, ...names.map((name) => `${name}:port b:`)])));
};

it('puts two on both sides of it, and leaves more in a row of their own', () => {
  const two = withServicesOfB(['p', 'q']);
  const places = place(two, cardsOf(two, 'roomy'), 'roomy', 2.4);
  const order = ['a', 'b', 'c', 'vm', 'p', 'q'].sort((one, other) => places.get(one)!.x - places.get(other)!.x);
  expect([order.indexOf('p'), order.indexOf('q')].map((at) => Math.abs(at - order.indexOf('b')))).toEqual([1, 1]);
  const three = withServicesOfB(['p', 'q', 'r']);
  expect(three.rows.get('p')).toBe(0);
});
