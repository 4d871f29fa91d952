/** What a port adds to the cost of a path to the root (IEEE 802.1D-2004 §17.14, table 17-3): the faster the link, the less. */

const PATH_COST_MAX = 200_000_000;
/** Table 17-3 as a formula: 20,000 for 1 Gb/s, ten times less for each ten times faster. */
const COST_TIMES_RATE = 20e12;

export const pathCostOf = (rateBitsPerSecond: number): number =>
  rateBitsPerSecond > 0 ? Math.max(1, Math.min(PATH_COST_MAX, Math.round(COST_TIMES_RATE / rateBitsPerSecond))) : PATH_COST_MAX;
