import { expect, it } from 'vitest';
import { addTo } from './grouped.ts';

it('what has one key is together, in the order it was added', () => {
  const groups = new Map<string, number[]>();
  for (const [key, one] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
  ] as const)
    addTo(groups, key, one);
  expect([...groups]).toEqual([
    ['a', [1, 3]],
    ['b', [2]],
  ]);
});
