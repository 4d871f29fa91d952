/** Rules over what adapters can do: functions, partitions, limits. */
import type { Rule } from '../../rule.ts';

export const ADAPTERS_RULES: readonly Rule[] = [];
