import { expect, it } from 'vitest';
import { removedPlaces } from './removed.ts';

it('knows what is removed, around it and in it', () => {
  const isMissing = removedPlaces([
    ['hosts', 'esx1', 'nics'],
    ['links', 3],
  ]);
  expect(
    [[], ['hosts'], ['hosts', 'esx1'], ['hosts', 'esx1', 'nics'], ['hosts', 'esx1', 'nics', 'nic0', 'mtu'], ['links', 3, 0], ['links']].map(
      isMissing,
    ),
  ).toEqual([true, true, true, true, true, true, true]);
  expect([['hosts', 'esx2'], ['hosts', 'esx1', 'iscsi'], ['links', 2], ['links', '3'], ['switches']].map(isMissing)).toEqual([
    false,
    false,
    false,
    false,
    false,
  ]);
});

it('has nothing to say where nothing was removed', () => {
  const isMissing = removedPlaces([]);
  expect([[], ['hosts']].map(isMissing)).toEqual([false, false]);
  expect(removedPlaces([[]])(['hosts'])).toBe(true);
});
