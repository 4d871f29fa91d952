/** Rules over InfiniBand: ports, partitions, subnet managers, and IP over it: SW-1208 to SW-1219. */
import type { Rule } from '../../rule.ts';

export const INFINIBAND_RULES: readonly Rule[] = [];
