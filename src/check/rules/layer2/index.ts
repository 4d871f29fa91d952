/** Rules over VLANs and frame sizes from end to end: SW-1065 to SW-1079. */
import type { Rule } from '../../rule.ts';
import { carriedVlan } from './carried-vlan.ts';
import { guestTagging } from './guest-tagging.ts';
import { idleVlan } from './idle-vlan.ts';
import { memberVlans } from './member-vlans.ts';
import { portalVlan } from './portal-vlan.ts';
import { taggedNative } from './tagged-native.ts';
import { untaggedApart } from './untagged-apart.ts';
import { untaggedUplink } from './untagged-uplink.ts';
import { uplinkVlan } from './uplink-vlan.ts';
import { vlanOne } from './vlan-one.ts';
import { vlanSetUp } from './vlan-set-up.ts';
import { fcoeHeadroom } from './fcoe-headroom.ts';
import { pathMtu } from './path-mtu.ts';
import { segmentMtu } from './segment-mtu.ts';
import { virtualMtu } from './virtual-mtu.ts';
import { vlanMtu } from './vlan-mtu.ts';

export const LAYER2_RULES: readonly Rule[] = [
  carriedVlan,
  portalVlan,
  uplinkVlan,
  taggedNative,
  untaggedUplink,
  vlanSetUp,
  idleVlan,
  guestTagging,
  vlanOne,
  memberVlans,
  pathMtu,
  segmentMtu,
  vlanMtu,
  virtualMtu,
  fcoeHeadroom,
  untaggedApart,
];
