import { expect, it } from 'vitest';
import { crossings } from './crossings.ts';
import { graphOf } from './graph.ts';
import { topologyOf } from './testing.ts';

const box = (x: number, y: number) => ({ x, y, width: 10, height: 10 });

it('counts links that change sides, and not those that share an end or a row', () => {
  const graph = graphOf(topologyOf(['host a 1', 'host b 1', 'switch s 2', 'switch t 2'], ['a:0 t:1', 'b:0 s:1', 'a:1 s:2', 's:9 t:9']));
  const [s, t] = [box(0, 100), box(50, 100)] as const;
  const straight = new Map([
    ['a', box(50, 0)],
    ['b', box(0, 0)],
    ['s', s],
    ['t', t],
  ] as const);
  expect(crossings(graph, straight)).toBe(0);
  expect(crossings(graph, new Map([...straight, ['a', box(0, 0)], ['b', box(50, 0)]]))).toBe(1);
});
