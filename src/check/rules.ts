/** All rules, by family. A new rule is a file in a family's folder and a line in its index. */
import type { Rule } from './rule.ts';
import { ACCESS_RULES } from './rules/access/index.ts';
import { ADAPTERS_RULES } from './rules/adapters/index.ts';
import { BOOT_RULES } from './rules/boot/index.ts';
import { LAYER2_RULES } from './rules/layer2/index.ts';
import { LOSSLESS_RULES } from './rules/lossless/index.ts';
import { RDMA_RULES } from './rules/rdma/index.ts';
import { STORAGE_RULES } from './rules/storage/index.ts';
import { TEAMS_RULES } from './rules/teams/index.ts';
import { WIRE_RULES } from './rules/wire/index.ts';

export interface RuleFamily {
  /** As its folder is called. */
  readonly name: string;
  readonly rules: readonly Rule[];
}

export const FAMILIES: readonly RuleFamily[] = [
  { name: 'storage', rules: STORAGE_RULES },
  { name: 'wire', rules: WIRE_RULES },
  { name: 'layer2', rules: LAYER2_RULES },
  { name: 'teams', rules: TEAMS_RULES },
  { name: 'lossless', rules: LOSSLESS_RULES },
  { name: 'rdma', rules: RDMA_RULES },
  { name: 'adapters', rules: ADAPTERS_RULES },
  { name: 'boot', rules: BOOT_RULES },
  { name: 'access', rules: ACCESS_RULES },
];

export const RULES: readonly Rule[] = FAMILIES.flatMap(({ rules }) => rules);
