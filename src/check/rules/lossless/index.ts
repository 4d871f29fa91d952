/** Rules over lossless Ethernet: flow control, priorities, bandwidth and buffers. */
import type { Rule } from '../../rule.ts';

export const LOSSLESS_RULES: readonly Rule[] = [];
