import { expect, it } from 'vitest';
import type { PathReport } from '../../../src/server/page.ts';
import { isLost, pathCounts, pathTroubles } from './paths.ts';

const of = (...states: PathReport['state'][]) => pathCounts(states.map((state) => ({ state })));

it('tells paths that are down from those that are switched off', () => {
  expect(of('active', 'dead', 'unavailable', 'off', 'standby')).toEqual({ down: 2, off: 1, all: 5 });
  expect(pathTroubles(of('active', 'dead', 'unavailable', 'off'))).toEqual(['2 of 4 paths down', '1 of 4 paths switched off']);
  expect(pathTroubles(of('dead', 'dead'))).toEqual(['all 2 paths down']);
  expect(pathTroubles(of('off'))).toEqual(['its only path switched off']);
  expect(pathTroubles(of('active', 'standby', 'transitioning'))).toEqual([]);
});

it('knows when none is left, for whatever reason', () => {
  expect(isLost(of('dead', 'off'))).toBe(true);
  expect(isLost(of('off', 'off'))).toBe(true);
  expect(isLost(of('off', 'standby'))).toBe(false);
  expect(isLost(of())).toBe(false);
});
