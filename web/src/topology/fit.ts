/** Where the map stands in its pane: as large as can be without a card under what lies over the map. */
import { around, type Box, centre, overlaps, type Point } from './plane.ts';

export interface View extends Point {
  readonly zoom: number;
}

export interface Pane {
  readonly width: number;
  readonly height: number;
}

/** Of the pane: less is that of a telephone. */
export const NARROW = 560;
const ZOOM_MAX = 1.1;
const MARGIN = 14;
/** Of the search above, and of the legend and the zoom buttons below. */
const STRIP = 54;
const SEARCH_WIDTH = 258;
const LEGEND_WIDTH = 122;
const LEGEND_OPEN: Pane = { width: 166, height: 218 };
const BUTTONS_WIDTH = 122;

/** `lines`: what links need besides their cards. */
export function fitted(cards: readonly Box[], lines: Iterable<Box>, pane: Pane): View {
  const { width, height } = pane;
  const box = around([...cards, ...lines]);
  const middle = centre(box);
  const corners: readonly Box[] = [
    { x: 0, y: 0, width: Math.min(SEARCH_WIDTH, width), height: STRIP },
    { x: 0, y: height - STRIP, width: LEGEND_WIDTH, height: STRIP },
    { x: width - BUTTONS_WIDTH, y: height - STRIP, width: BUTTONS_WIDTH, height: STRIP },
    // What is selected is named below the map.
    ...(width < NARROW ? [{ x: 0, y: height - STRIP, width, height: STRIP }] : []),
  ];
  const views = [
    [MARGIN, MARGIN],
    [STRIP, MARGIN],
    [MARGIN, STRIP],
    [STRIP, STRIP],
  ].map(([top, bottom]): View => {
    const room = height - top! - bottom!;
    const zoom = Math.min(ZOOM_MAX, (width - 2 * MARGIN) / Math.max(1, box.width), room / Math.max(1, box.height));
    return { x: width / 2 - middle.x * zoom, y: top! + room / 2 - middle.y * zoom, zoom };
  });
  const free = views.filter((view) => !covers(cards, view, corners));
  return free.sort((a, b) => b.zoom - a.zoom)[0] ?? views.at(-1)!;
}

/** Whether the legend would hide cards if it was unfolded. */
export const wouldLegendCover = (cards: readonly Box[], view: View, { height }: Pane): boolean =>
  covers(cards, view, [{ ...LEGEND_OPEN, x: 0, y: height - LEGEND_OPEN.height }]);

const covers = (cards: readonly Box[], view: View, boxes: readonly Box[]): boolean =>
  cards.some((card) => boxes.some((box) => overlaps(onScreen(card, view), box)));

export const onScreen = ({ x, y, width, height }: Box, view: View): Box => ({
  x: x * view.zoom + view.x,
  y: y * view.zoom + view.y,
  width: width * view.zoom,
  height: height * view.zoom,
});

const EDGE = 8;
/** More cards in view leave no room anyway. */
const SEARCHED_MAX = 80;
const SEARCH_STEP = 16;

/** Where a note about `at` is put, by its corner at the top left: as near as can be without hiding an obstacle. Undefined: there is no such place. */
export function notePlace(at: Point, note: Pane, pane: Pane, obstacles: readonly Box[], distance = 18): Point | undefined {
  const x = within(at.x - note.width / 2, note.width, pane.width);
  const [below, above] = [at.y + distance, at.y - distance - note.height];
  const near = (at.y < pane.height / 2 ? [below, above] : [above, below]).map((y) => ({ x, y }));
  const inView = obstacles.filter((box) => overlaps(box, { x: 0, y: 0, ...pane }));
  const isFree = (place: Point): boolean => {
    const box = { ...place, ...note };
    const isInside = box.x >= EDGE && box.y >= EDGE && box.x + box.width <= pane.width - EDGE && box.y + box.height <= pane.height - EDGE;
    return isInside && !inView.some((obstacle) => overlaps(box, obstacle));
  };
  const found = near.find(isFree);
  if (found !== undefined || inView.length > SEARCHED_MAX) return found;
  const label = { x: at.x - 2 * distance, y: at.y - distance, width: 4 * distance, height: 2 * distance };
  let best: { place: Point; far: number } | undefined;
  for (let left = EDGE; left <= pane.width - note.width - EDGE; left += SEARCH_STEP) {
    for (let top = EDGE; top <= pane.height - note.height - EDGE; top += SEARCH_STEP) {
      const place = { x: left, y: top };
      const far = Math.hypot(left + note.width / 2 - at.x, top + note.height / 2 - at.y);
      if ((best === undefined || far < best.far) && isFree(place) && !overlaps({ ...place, ...note }, label)) best = { place, far };
    }
  }
  return best?.place;
}

const within = (value: number, size: number, most: number): number => Math.max(EDGE, Math.min(most - size - EDGE, value));
