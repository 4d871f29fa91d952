/** Rules over VLANs and frame sizes from end to end. */
import type { Rule } from '../../rule.ts';

export const LAYER2_RULES: readonly Rule[] = [];
