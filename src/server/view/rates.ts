/** Rates from counters that only grow. */

/** In a second. Never negative: a counter that went back is another one, and its past is not known. */
export const perSecond = (now: number, before: number, seconds: number): number =>
  seconds <= 0 || now <= before ? 0 : (now - before) / seconds;

/** What comes often and is shown with few digits is sent with few. */
export const rounded = (value: number, digits = 0): number => {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
};
