/** All rules, by number. A new rule is a file in `rules/` and a line here. */
import type { Rule } from './rule.ts';
import { adapterBursts } from './rules/adapter-bursts.ts';
import { adapterLimits } from './rules/adapter-limits.ts';
import { adapterModelPorts } from './rules/adapter-model-ports.ts';
import { adapterPortNames } from './rules/adapter-port-names.ts';
import { announceWithoutPort } from './rules/announce-without-port.ts';
import { anyWithoutChap } from './rules/any-without-chap.ts';
import { attachedTwice } from './rules/attached-twice.ts';
import { boundFamily } from './rules/bound-family.ts';
import { burstLengths } from './rules/burst-lengths.ts';
import { carriedMtu } from './rules/carried-mtu.ts';
import { chapBypass } from './rules/chap-bypass.ts';
import { chapMismatch } from './rules/chap-mismatch.ts';
import { contradictingPort } from './rules/contradicting-port.ts';
import { dhcpRange } from './rules/dhcp-range.ts';
import { dhcpTaken } from './rules/dhcp-taken.ts';
import { digestMismatch } from './rules/digest-mismatch.ts';
import { duplicateAddress } from './rules/duplicate-address.ts';
import { duplicateAnnounce } from './rules/duplicate-announce.ts';
import { duplicateGroup } from './rules/duplicate-group.ts';
import { duplicateInitiator } from './rules/duplicate-initiator.ts';
import { duplicateLun } from './rules/duplicate-lun.ts';
import { duplicateNode } from './rules/duplicate-node.ts';
import { duplicatePortal } from './rules/duplicate-portal.ts';
import { duplicateSerial } from './rules/duplicate-serial.ts';
import { duplicateTarget } from './rules/duplicate-target.ts';
import { edgeAddress } from './rules/edge-address.ts';
import { hostInitiator } from './rules/host-initiator.ts';
import { hostVlan } from './rules/host-vlan.ts';
import { idleAdapter } from './rules/idle-adapter.ts';
import { linkSpeed } from './rules/link-speed.ts';
import { linkVlans } from './rules/link-vlans.ts';
import { loopingLinks } from './rules/looping-links.ts';
import { markingThresholds } from './rules/marking-thresholds.ts';
import { memorySize } from './rules/memory-size.ts';
import { nativeVlan } from './rules/native-vlan.ts';
import { noActiveGroup } from './rules/no-active-group.ts';
import { noLunZero } from './rules/no-lun-zero.ts';
import { noLuns } from './rules/no-luns.ts';
import { openPortal } from './rules/open-portal.ts';
import { outsidePortal } from './rules/outside-portal.ts';
import { partialGroup } from './rules/partial-group.ts';
import { physicalBlock } from './rules/physical-block.ts';
import { publication } from './rules/publication.ts';
import { redirectLoop } from './rules/redirect-loop.ts';
import { repeatedTarget } from './rules/repeated-target.ts';
import { routeVia } from './rules/route-via.ts';
import { sameNodeLink } from './rules/same-node-link.ts';
import { sameSecret } from './rules/same-secret.ts';
import { sameSubnet } from './rules/same-subnet.ts';
import { sameUser } from './rules/same-user.ts';
import { sharedFile } from './rules/shared-file.ts';
import { sharedState } from './rules/shared-state.ts';
import { storePath } from './rules/store-path.ts';
import { strayServer } from './rules/stray-server.ts';
import { takenPort } from './rules/taken-port.ts';
import { treeTimes } from './rules/tree-times.ts';
import { unknownEnd } from './rules/unknown-end.ts';
import { unknownGroup } from './rules/unknown-group.ts';
import { unknownHostTarget } from './rules/unknown-host-target.ts';
import { unknownPortal } from './rules/unknown-portal.ts';
import { unknownServer } from './rules/unknown-server.ts';
import { unlistedHost } from './rules/unlisted-host.ts';
import { unreachableServer } from './rules/unreachable-server.ts';
import { wholeBlocks } from './rules/whole-blocks.ts';

export const RULES: readonly Rule[] = [
  duplicateTarget,
  duplicatePortal,
  duplicateLun,
  openPortal,
  anyWithoutChap,
  sharedFile,
  wholeBlocks,
  sameSecret,
  sameUser,
  announceWithoutPort,
  physicalBlock,
  memorySize,
  storePath,
  unknownPortal,
  noLuns,
  duplicateInitiator,
  duplicateSerial,
  duplicateAnnounce,
  noLunZero,
  burstLengths,
  chapBypass,
  sharedState,
  redirectLoop,
  partialGroup,
  unknownGroup,
  duplicateGroup,
  noActiveGroup,
  hostInitiator,
  unknownServer,
  strayServer,
  unknownHostTarget,
  boundFamily,
  digestMismatch,
  chapMismatch,
  unlistedHost,
  adapterBursts,
  idleAdapter,
  repeatedTarget,
  unknownEnd,
  takenPort,
  sameNodeLink,
  duplicateNode,
  adapterModelPorts,
  adapterPortNames,
  adapterLimits,
  linkSpeed,
  duplicateAddress,
  sameSubnet,
  edgeAddress,
  routeVia,
  outsidePortal,
  unreachableServer,
  publication,
  contradictingPort,
  nativeVlan,
  linkVlans,
  hostVlan,
  carriedMtu,
  loopingLinks,
  treeTimes,
  dhcpRange,
  dhcpTaken,
  attachedTwice,
  markingThresholds,
];
