/** Rules over lossless Ethernet: flow control, priorities, bandwidth and buffers: SW-1110 to SW-1147. */
import type { Rule } from '../../rule.ts';
import { applicationDiffers } from './application-differs.ts';
import { applicationPriority } from './application-priority.ts';
import { bufferHeadroom } from './buffer-headroom.ts';
import { bufferKind } from './buffer-kind.ts';
import { bufferPriority } from './buffer-priority.ts';
import { bufferThresholds } from './buffer-thresholds.ts';
import { bufferTotal } from './buffer-total.ts';
import { dcbxAgents } from './dcbx-agents.ts';
import { dcbxAuthority } from './dcbx-authority.ts';
import { dcbxBothWilling } from './dcbx-both-willing.ts';
import { dcbxNeitherWilling } from './dcbx-neither-willing.ts';
import { dcbxOneSided } from './dcbx-one-sided.ts';
import { dcbxVersion } from './dcbx-version.ts';
import { dcbxWithoutLldp } from './dcbx-without-lldp.ts';
import { dscpPriority } from './dscp-priority.ts';
import { ecnGap } from './ecn-gap.ts';
import { egressMap } from './egress-map.ts';
import { etsDiffers } from './ets-differs.ts';
import { etsLeftOut } from './ets-left-out.ts';
import { etsNoShare } from './ets-no-share.ts';
import { etsSum } from './ets-sum.ts';
import { etsTwice } from './ets-twice.ts';
import { fcoeRocePriority } from './fcoe-roce-priority.ts';
import { losslessClass } from './lossless-class.ts';
import { losslessClasses } from './lossless-classes.ts';
import { losslessSharedClass } from './lossless-shared-class.ts';
import { marksClass } from './marks-class.ts';
import { pauseAndPfc } from './pause-and-pfc.ts';
import { pauseEnds } from './pause-ends.ts';
import { pfcMismatch } from './pfc-mismatch.ts';
import { pfcOneEnd } from './pfc-one-end.ts';
import { pfcPath } from './pfc-path.ts';
import { pfcWithoutList } from './pfc-without-list.ts';
import { queueMarks } from './queue-marks.ts';
import { rocePriority } from './roce-priority.ts';
import { roceUnprotected } from './roce-unprotected.ts';
import { strictStarves } from './strict-starves.ts';
import { trustWithoutDscp } from './trust-without-dscp.ts';
import { untaggedRoce } from './untagged-roce.ts';
import { windowsWilling } from './windows-willing.ts';

export const LOSSLESS_RULES: readonly Rule[] = [
  pfcMismatch,
  pfcOneEnd,
  pauseAndPfc,
  pfcPath,
  losslessClasses,
  fcoeRocePriority,
  etsSum,
  etsTwice,
  etsLeftOut,
  etsNoShare,
  losslessSharedClass,
  losslessClass,
  strictStarves,
  etsDiffers,
  dcbxBothWilling,
  dcbxNeitherWilling,
  dcbxVersion,
  dcbxOneSided,
  dcbxAgents,
  dcbxAuthority,
  windowsWilling,
  dcbxWithoutLldp,
  applicationPriority,
  applicationDiffers,
  rocePriority,
  egressMap,
  dscpPriority,
  trustWithoutDscp,
  untaggedRoce,
  bufferThresholds,
  bufferHeadroom,
  bufferTotal,
  bufferPriority,
  bufferKind,
  queueMarks,
  marksClass,
  roceUnprotected,
  ecnGap,
  pauseEnds,
  pfcWithoutList,
];
