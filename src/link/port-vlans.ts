/**
 * Which VLANs a port carries, and how (IEEE 802.1Q §8.8.10, §6.9): what an access port, a trunk, and a list of tagged and untagged VLANs
 * come down to is the same table.
 */
import { assert } from '../base/assert.ts';
import { VLAN_MAX } from '../wire/ethernet/frame.ts';

export const NOT_MEMBER = 0;
export const UNTAGGED = 1;
export const TAGGED = 2;

export interface PortVlans {
  /** VLAN of frames that come without one (PVID); 0: such frames are dropped. */
  readonly untaggedVlan: number;
  /** By VLAN: `NOT_MEMBER`, `UNTAGGED` or `TAGGED`. */
  readonly members: Uint8Array;
  /** Frames with a VLAN tag are taken. */
  readonly admitsTagged: boolean;
}

export type PortVlanSettings =
  /** One VLAN, without tags. */
  | { readonly mode: 'access'; readonly vlan: number }
  /** All VLANs allowed, tagged, but the native one, which has no tags; 0: there is none. */
  | { readonly mode: 'trunk'; readonly native: number; readonly allowed: readonly VlanRange[] }
  /** Each VLAN as it is listed, others not at all. */
  | { readonly mode: 'listed'; readonly untagged: readonly number[]; readonly tagged: readonly VlanRange[]; readonly untaggedVlan: number };

export interface VlanRange {
  readonly first: number;
  readonly last: number;
}

export const ALL_VLANS: readonly VlanRange[] = [{ first: 1, last: VLAN_MAX }];

export function portVlans(settings: PortVlanSettings): PortVlans {
  const members = new Uint8Array(VLAN_MAX + 2);
  const mark = (ranges: readonly VlanRange[], how: number): void => {
    for (const { first, last } of ranges) {
      assert(first >= 1 && last <= VLAN_MAX && first <= last, 'a range of VLANs lies in 1 to 4094');
      members.fill(how, first, last + 1);
    }
  };
  if (settings.mode === 'access') {
    mark([{ first: settings.vlan, last: settings.vlan }], UNTAGGED);
    return { untaggedVlan: settings.vlan, members, admitsTagged: false };
  }
  if (settings.mode === 'trunk') {
    mark(settings.allowed, TAGGED);
    // A native VLAN that is not allowed is carried neither way.
    if (members[settings.native] === TAGGED) members[settings.native] = UNTAGGED;
    return { untaggedVlan: settings.native, members, admitsTagged: true };
  }
  mark(settings.tagged, TAGGED);
  for (const vlan of settings.untagged) mark([{ first: vlan, last: vlan }], UNTAGGED);
  return { untaggedVlan: settings.untaggedVlan, members, admitsTagged: settings.tagged.length !== 0 };
}
