/** Rules over RDMA: kinds, versions and networks. */
import type { Rule } from '../../rule.ts';

export const RDMA_RULES: readonly Rule[] = [];
