/** Which VLANs the uplinks of a Linux bridge have to carry for the port groups that are declared at it. */
import type { VirtualSwitch } from '../../fabric/virtual/model.ts';
import { vlanText } from './say.ts';

export interface Carried {
  readonly untagged: number | 'none';
  readonly tagged: string;
}

/** Frames without a tag are in VLAN 1, as the kernel has it, unless a port group has that one with tags. */
export function carriedByBridge({ portGroups }: Pick<VirtualSwitch, 'portGroups'>): Carried {
  const vlans = portGroups.flatMap(({ vlan, trunk }) => {
    if (trunk !== undefined) return trunk.value;
    if (vlan === undefined || vlan.value === 0) return [];
    return vlan.value === 4095 ? [{ first: 2, last: 4094 }] : [{ first: vlan.value, last: vlan.value }];
  });
  const taggedOne = vlans.some(({ first }) => first === 1);
  return { untagged: taggedOne ? 'none' : 1, tagged: vlanText(vlans) };
}
