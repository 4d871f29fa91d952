/** All rules, by family. A new rule is a file in a family's folder and a line in its index. */
import { READING_RULES } from './reading-rules.ts';
import type { Rule, RuleStory } from './rule.ts';
import { ACCESS_RULES } from './rules/access/index.ts';
import { ADAPTERS_RULES } from './rules/adapters/index.ts';
import { BOOT_RULES } from './rules/boot/index.ts';
import { INFINIBAND_RULES } from './rules/infiniband/index.ts';
import { LAYER2_RULES } from './rules/layer2/index.ts';
import { LOSSLESS_RULES } from './rules/lossless/index.ts';
import { OVERLAY_RULES } from './rules/overlay/index.ts';
import { RDMA_RULES } from './rules/rdma/index.ts';
import { STORAGE_RULES } from './rules/storage/index.ts';
import { TEAMS_RULES } from './rules/teams/index.ts';
import { WIRE_RULES } from './rules/wire/index.ts';

export interface RuleFamily {
  /** As its folder is called. */
  readonly name: string;
  readonly title: string;
  readonly rules: readonly Rule[];
}

export const FAMILIES: readonly RuleFamily[] = [
  { name: 'storage', title: 'Arrays, targets and hosts that log in to them', rules: STORAGE_RULES },
  { name: 'wire', title: 'Machines, switches and links', rules: WIRE_RULES },
  { name: 'layer2', title: 'VLANs and frame sizes from end to end', rules: LAYER2_RULES },
  { name: 'teams', title: 'Teams of ports and aggregation', rules: TEAMS_RULES },
  { name: 'overlay', title: 'Overlay networks: VXLAN', rules: OVERLAY_RULES },
  { name: 'lossless', title: 'Lossless Ethernet: priorities, flow control and bandwidth', rules: LOSSLESS_RULES },
  { name: 'rdma', title: 'RDMA', rules: RDMA_RULES },
  { name: 'adapters', title: 'What adapters can do', rules: ADAPTERS_RULES },
  { name: 'boot', title: 'Booting from the network', rules: BOOT_RULES },
  { name: 'infiniband', title: 'InfiniBand: ports, partitions, subnet managers, and IP over it', rules: INFINIBAND_RULES },
  { name: 'access', title: 'Who may reach what', rules: ACCESS_RULES },
];

export const RULES: readonly Rule[] = FAMILIES.flatMap(({ rules }) => rules);

export interface StoryFamily {
  readonly name: string;
  readonly title: string;
  readonly rules: readonly RuleStory[];
}

/** Everything that a problem can name: what the reading enforces, and the rules. */
export const STORIES: readonly StoryFamily[] = [{ name: 'reading', title: 'Reading the file', rules: READING_RULES }, ...FAMILIES];

const told = STORIES.flatMap(({ rules }) => rules);

/** By id or name, in capitals or not. */
export const storyOf = (written: string): RuleStory | undefined =>
  told.find(({ id, name }) => id === written.toUpperCase() || name === written.toLowerCase());
