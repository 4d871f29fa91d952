/** What the VLAN settings of a switch's port come down to, and in which VLAN a frame goes on behind a cable (IEEE 802.1Q §6.9). */
import { NOT_MEMBER, portVlans, type PortVlans, type PortVlanSettings, TAGGED, UNTAGGED } from '../../link/port-vlans.ts';
import type { PortVlanChoice } from './model.ts';

/** As IEEE 802.1Q has it: a port that lists VLANs without an untagged one drops frames that come without a tag. */
export const portVlanSettings = (choice: PortVlanChoice): PortVlanSettings =>
  choice.mode === 'listed'
    ? {
        mode: 'listed',
        tagged: choice.tagged,
        untagged: choice.untagged === undefined ? [] : [choice.untagged],
        untaggedVlan: choice.untagged ?? 0,
      }
    : choice;

export const carriedVlans = (choice: PortVlanChoice): PortVlans => portVlans(portVlanSettings(choice));

/** The VLAN that the port carries without tags, both ways; 0: none. */
export const untaggedVlan = ({ untaggedVlan: vlan, members }: PortVlans): number => (members[vlan] === UNTAGGED ? vlan : 0);

/** The VLAN carried with tags, both ways. */
export const carriesTagged = ({ members, admitsTagged }: PortVlans, vlan: number): boolean => admitsTagged && members[vlan] === TAGGED;

/** In which VLAN a frame goes on that leaves one port in `vlan` and comes in at the other; 0: it does not. */
export function arrivesIn(from: PortVlans, vlan: number, to: PortVlans): number {
  if (from.members[vlan] === UNTAGGED) return to.members[to.untaggedVlan] === NOT_MEMBER ? 0 : to.untaggedVlan;
  return from.members[vlan] === TAGGED && to.admitsTagged && to.members[vlan] !== NOT_MEMBER ? vlan : 0;
}
