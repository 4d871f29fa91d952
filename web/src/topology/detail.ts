/** How much can be read at a zoom. */
export type Detail = 'near' | 'far';

/** Below it, names of ports and rates are too small to be read: cards become plain rectangles, and parallel links one line. */
const FAR_BELOW = 0.45;

export const isFarAt = (zoom: number): boolean => zoom < FAR_BELOW;

/** In steps, so that not every frame of a zoom lays out all cards again. */
export const zoomStep = (zoom: number): number => Number((1.2 ** Math.round(Math.log(zoom) / Math.log(1.2))).toPrecision(3));
