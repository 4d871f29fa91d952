/** Rules over who may reach what: names, secrets, discovery. */
import type { Rule } from '../../rule.ts';

export const ACCESS_RULES: readonly Rule[] = [];
