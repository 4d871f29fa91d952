/** Rules over RDMA: kinds, versions, networks and InfiniBand. */
import type { Rule } from '../../rule.ts';

export const RDMA_RULES: readonly Rule[] = [];
