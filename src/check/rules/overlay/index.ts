/** Rules over VXLAN: SW-1099 to SW-1109. */
import type { Rule } from '../../rule.ts';
import { duplicateSegment } from './duplicate-segment.ts';
import { lowSegment } from './low-segment.ts';
import { multicastSnooping } from './multicast-snooping.ts';
import { outsideZone } from './outside-zone.ts';
import { replicationGroup } from './replication-group.ts';
import { segmentPool } from './segment-pool.ts';
import { sharedGroup } from './shared-group.ts';
import { unknownZone } from './unknown-zone.ts';
import { vtepMtu } from './vtep-mtu.ts';
import { vtepReach } from './vtep-reach.ts';
import { zoneVteps } from './zone-vteps.ts';

export const OVERLAY_RULES: readonly Rule[] = [
  segmentPool,
  duplicateSegment,
  unknownZone,
  zoneVteps,
  outsideZone,
  replicationGroup,
  sharedGroup,
  multicastSnooping,
  vtepReach,
  vtepMtu,
  lowSegment,
];
