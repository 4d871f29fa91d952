import { describe, expect, it } from 'vitest';
import { fitted, notePlace, onScreen, wouldLegendCover } from './fit.ts';
import { overlaps } from './plane.ts';

const PANE = { width: 900, height: 420 };
const SEARCH = { x: 0, y: 0, width: 250, height: 48 };

const row = (count: number, y: number) => Array.from({ length: count }, (_, index) => ({ x: index * 240, y, width: 190, height: 54 }));

describe('the whole map', () => {
  it('takes the height of the pane where no card comes under the search or the buttons', () => {
    const cards = [{ x: 0, y: 0, width: 100, height: 800 }];
    const view = fitted(cards, [], PANE);
    expect(onScreen(cards[0]!, view).height).toBeGreaterThan(PANE.height * 0.9);
  });

  it('leaves room for what lies over the map where a card would come under it', () => {
    const cards = [...row(4, 0), ...row(4, 340)];
    const view = fitted(cards, [], PANE);
    for (const card of cards) {
      expect(overlaps(onScreen(card, view), SEARCH)).toBe(false);
      expect(overlaps(onScreen(card, view), { x: 780, y: 370, width: 120, height: 50 })).toBe(false);
    }
  });

  it('is not drawn larger than life', () => {
    expect(fitted(row(1, 0), [], PANE).zoom).toBeLessThanOrEqual(1.1);
  });

  it('has its lines in view, too', () => {
    const line = { x: 0, y: 0, width: 10, height: 2000 };
    expect(onScreen(line, fitted(row(1, 0), [line], PANE)).height).toBeLessThan(PANE.height);
  });
});

it('knows whether the legend would hide a card', () => {
  const view = { x: 0, y: 0, zoom: 1 };
  expect(wouldLegendCover([{ x: 20, y: 300, width: 100, height: 54 }], view, PANE)).toBe(true);
  expect(wouldLegendCover([{ x: 420, y: 300, width: 100, height: 54 }], view, PANE)).toBe(false);
});

describe('a note', () => {
  const note = { width: 260, height: 120 };

  it('hides no card while there is room elsewhere', () => {
    const obstacles = [
      { x: 320, y: 20, width: 250, height: 60 },
      { x: 320, y: 200, width: 250, height: 60 },
    ];
    const place = notePlace({ x: 445, y: 140 }, note, PANE, obstacles)!;
    expect(obstacles.some((one) => overlaps({ ...place, ...note }, one))).toBe(false);
  });

  it('is not where cards are everywhere', () => {
    expect(notePlace({ x: 445, y: 140 }, note, PANE, [{ x: 0, y: 0, ...PANE }])).toBeUndefined();
  });

  it('stays within the pane', () => {
    const place = notePlace({ x: 2, y: 60 }, note, PANE, [])!;
    expect(place.x).toBeGreaterThanOrEqual(0);
    expect(place.y + note.height).toBeLessThanOrEqual(PANE.height);
  });
});
