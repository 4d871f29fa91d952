/** Which tags leave a machine by which port of which switch: those of port groups, and of what else stands at teams, virtual switches and functions. */
import { addTo } from '../base/grouped.ts';
import { memoized } from '../base/memoized.ts';
import { machinesOf } from '../fabric/network/plan.ts';
import type { Fabric } from '../fabric/model.ts';
import type { Path } from '../fabric/problem.ts';
import type { PortGroupPlace, VirtualSwitch } from '../fabric/virtual/model.ts';
import { type Endpoint, endpointsOf, GUEST_TAGGING, pluggedInto, portGroupsOf } from './endpoints.ts';
import { isUsed, type Uplink } from './network.ts';
import { uplinksByNic } from './segments.ts';

/** Frames of one sender that can leave by one uplink. */
export interface Sending {
  /** `esx1:Storage`, `lin1:bond0.20`. */
  readonly name: string;
  /** Where its tag is written. */
  readonly at: Path;
  readonly what: 'port group' | 'interface';
  /** Undefined: no tag. */
  readonly vlan: number | undefined;
  readonly uplink: Uplink;
  /** Places that say by which uplinks. */
  readonly restsOn: readonly Path[];
}

export interface PlacedGroup {
  readonly node: string;
  readonly virtualSwitch: VirtualSwitch;
  readonly group: PortGroupPlace;
  readonly uplinks: readonly Uplink[];
  readonly plugged: readonly Endpoint[];
}

const groupKey = (node: string, virtualSwitch: string, group: string): string => `${node}\n${virtualSwitch}\n${group}`;

/** Each port group at each host that has it, with the ports of switches behind the uplinks it can use. */
export const placedGroupsOf = memoized((fabric: Fabric): readonly PlacedGroup[] => {
  const plugged = new Map<string, Endpoint[]>();
  for (const one of endpointsOf(fabric)) {
    if (one.portGroup === undefined || one.virtualSwitch === undefined) continue;
    const place = groupKey(one.node, one.virtualSwitch.name, one.portGroup.name);
    addTo(plugged, place, one);
  }
  return machinesOf(fabric).flatMap(({ name: node, machine }) =>
    machine.virtualSwitches.flatMap((virtualSwitch) =>
      portGroupsOf(fabric, virtualSwitch).map((group): PlacedGroup => {
        const own = { at: virtualSwitch.at, text: virtualSwitch.name };
        const { nics } = pluggedInto(fabric, machine, { at: group.at, text: group.name }, own);
        const uplinks = nics.flatMap((nic) => uplinksByNic(fabric).get(nic) ?? []).filter(({ at }) => !at.port.disabled);
        return { node, virtualSwitch, group, uplinks, plugged: plugged.get(groupKey(node, virtualSwitch.name, group.name)) ?? [] };
      }),
    ),
  );
});

/** Guests of the group have tags of their own. */
export const tagsThemselves = ({ vlan, trunk }: PortGroupPlace): boolean => trunk !== undefined || vlan?.value === GUEST_TAGGING;

/** All but frames of adapter ports themselves, which have a rule of their own. Without a tag only what is said to be, or sends by its addresses. */
export const sendingsOf = memoized((fabric: Fabric): readonly Sending[] => {
  const groups = placedGroupsOf(fabric).flatMap(({ node, virtualSwitch, group, uplinks, plugged }): Sending[] => {
    if (tagsThemselves(group)) return [];
    const said = group.vlan;
    if (said === undefined && !plugged.some(({ on, vlan }) => vlan === undefined && isUsed(on))) return [];
    const vlan = said === undefined || said.value === 0 ? undefined : said.value;
    const at = said?.at ?? group.at;
    const restsOn = [group.at, virtualSwitch.at, ['distributedSwitches']];
    return uplinks.map((uplink) => ({ name: `${node}:${group.name}`, at, what: 'port group', vlan, uplink, restsOn }));
  });
  const others = endpointsOf(fabric).flatMap((one): Sending[] => {
    if (one.kind === 'nic' || (one.portGroup !== undefined && !tagsThemselves(one.portGroup) && one.portGroup.vlan !== undefined))
      return [];
    // A port group that says no VLAN sends what has no tag: told above.
    if (one.vlan === undefined && (!isUsed(one.on) || (one.portGroup !== undefined && !tagsThemselves(one.portGroup)))) return [];
    return one.nics
      .flatMap((nic) => uplinksByNic(fabric).get(nic) ?? [])
      .filter(({ at }) => !at.port.disabled)
      .map((uplink) => ({
        name: `${one.node}:${one.name}`,
        at: one.at,
        what: 'interface',
        vlan: one.vlan,
        uplink,
        restsOn: [
          one.at,
          ...(one.team === undefined ? [] : [one.team.at]),
          ...(one.virtualSwitch === undefined ? [] : [one.virtualSwitch.at]),
        ],
      }));
  });
  return [...groups, ...others];
});
