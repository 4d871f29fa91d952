/** Rules over InfiniBand: ports, partitions, subnet managers, and IP over it: SW-1208 to SW-1219. */
import type { Rule } from '../../rule.ts';
import { duplicateGuid } from './duplicate-guid.ts';
import { guidMask } from './guid-mask.ts';
import { guidPattern } from './guid-pattern.ts';
import { infinibandLink } from './infiniband-link.ts';
import { infinibandPort } from './infiniband-port.ts';
import { infinibandUplink } from './infiniband-uplink.ts';
import { ipoibPayload } from './ipoib-payload.ts';
import { ipoibPeers } from './ipoib-peers.ts';
import { ipoibSubnet } from './ipoib-subnet.ts';
import { managerPort } from './manager-port.ts';
import { partitionMembers } from './partition-members.ts';
import { subnetManager } from './subnet-manager.ts';

export const INFINIBAND_RULES: readonly Rule[] = [
  infinibandLink,
  infinibandPort,
  infinibandUplink,
  ipoibPayload,
  ipoibPeers,
  ipoibSubnet,
  guidMask,
  duplicateGuid,
  guidPattern,
  partitionMembers,
  subnetManager,
  managerPort,
];
