/** Rules over teams of ports and the aggregation of switches. */
import type { Rule } from '../../rule.ts';

export const TEAMS_RULES: readonly Rule[] = [];
