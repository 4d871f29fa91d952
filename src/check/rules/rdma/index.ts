/** Rules over RDMA: kinds, sizes, policies, and RDMA through virtual switches: SW-1148 to SW-1169. */
import type { Rule } from '../../rule.ts';
import { clusterClass } from './cluster-class.ts';
import { encapsulationOverhead } from './encapsulation-overhead.ts';
import { iwarpPfc } from './iwarp-pfc.ts';
import { lossyPolicy } from './lossy-policy.ts';
import { migrationLimit } from './migration-limit.ts';
import { policyClass } from './policy-class.ts';
import { priorityTag } from './priority-tag.ts';
import { rdmaAffinity } from './rdma-affinity.ts';
import { rdmaDisabled } from './rdma-disabled.ts';
import { rdmaKinds } from './rdma-kinds.ts';
import { rdmaMtuDiffers } from './rdma-mtu-differs.ts';
import { rdmaMtu } from './rdma-mtu.ts';
import { rdmaNetworkKinds } from './rdma-network-kinds.ts';
import { rdmaOffload } from './rdma-offload.ts';
import { rdmaSpeed } from './rdma-speed.ts';
import { rdmaTeam } from './rdma-team.ts';
import { rdmaUnlinked } from './rdma-unlinked.ts';
import { roceV1Routed } from './roce-v1-routed.ts';
import { smbPolicyPriority } from './smb-policy-priority.ts';
import { smbPolicy } from './smb-policy.ts';
import { smbSettings } from './smb-settings.ts';
import { virtualRdma } from './virtual-rdma.ts';

export const RDMA_RULES: readonly Rule[] = [
  rdmaKinds,
  rdmaNetworkKinds,
  roceV1Routed,
  rdmaOffload,
  rdmaMtu,
  rdmaMtuDiffers,
  rdmaDisabled,
  virtualRdma,
  iwarpPfc,
  rdmaSpeed,
  rdmaTeam,
  smbPolicy,
  smbPolicyPriority,
  lossyPolicy,
  clusterClass,
  policyClass,
  smbSettings,
  migrationLimit,
  priorityTag,
  rdmaAffinity,
  encapsulationOverhead,
  rdmaUnlinked,
];
