/** What the VLAN settings of a switch's port come down to, and in which VLAN a frame goes on behind a cable (IEEE 802.1Q §6.9). */
import { memoized } from '../../base/memoized.ts';
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

/** Of a port: found once, and for most ports the same as for others. Nobody may change it. */
export const carriedVlans = memoized((choice: PortVlanChoice): PortVlans => {
  const key = JSON.stringify(choice);
  const known = alike.get(key);
  if (known !== undefined) return known;
  const carried = portVlans(portVlanSettings(choice));
  if (alike.size >= ALIKE_MAX) alike.clear();
  alike.set(key, carried);
  return carried;
});

/** Four kilobytes each. */
const ALIKE_MAX = 256;
const alike = new Map<string, PortVlans>();

/** The VLAN that the port carries without tags, both ways; 0: none. */
export const untaggedVlan = ({ untaggedVlan: vlan, members }: PortVlans): number => (members[vlan] === UNTAGGED ? vlan : 0);

/** The VLAN carried with tags, both ways. */
export const carriesTagged = ({ members, admitsTagged }: PortVlans, vlan: number): boolean => admitsTagged && members[vlan] === TAGGED;

/** In which VLAN a frame goes on that leaves one port in `vlan` and comes in at the other; 0: it does not. */
export function arrivesIn(from: PortVlans, vlan: number, to: PortVlans): number {
  if (from.members[vlan] === UNTAGGED) return to.members[to.untaggedVlan] === NOT_MEMBER ? 0 : to.untaggedVlan;
  return from.members[vlan] === TAGGED && to.admitsTagged && to.members[vlan] !== NOT_MEMBER ? vlan : 0;
}
