/**
 * Broadcast domains: which endpoints hear one another's broadcasts, in which VLAN of which switches. A cable may lead from one VLAN into
 * another (IEEE 802.1Q §6.9: untagged here, another VLAN there), so a domain is made of (switch, VLAN) pairs.
 */
import { addTo } from '../base/grouped.ts';
import { arrivesIn, carriedVlans, carriesTagged, untaggedVlan } from '../fabric/network/carried-vlans.ts';
import { NOT_MEMBER, type PortVlans } from '../link/port-vlans.ts';
import type { Fabric } from '../fabric/model.ts';
import type { Switch } from '../fabric/network/model.ts';
import { type Endpoint, endpointsOf } from './endpoints.ts';
import { memoized } from '../base/memoized.ts';
import { type BridgePort, type MachinePort, trunksOf, type Trunk, uplinksOf, type Uplink } from './network.ts';

/** An endpoint at a port of a switch. */
export interface Attached {
  readonly endpoint: Endpoint;
  readonly uplink: Uplink;
}

export interface Segment {
  /** The VLAN where it was found first; others are possible where cables lead from one into another. */
  readonly vlan: number;
  readonly attached: readonly Attached[];
  /** Links between switches that carry it. */
  readonly trunks: readonly Trunk[];
  readonly switches: readonly Switch[];
}

const vlansOfPort = memoizedPort();
function memoizedPort(): (port: BridgePort) => PortVlans {
  const known = new WeakMap<object, PortVlans>();
  return ({ port }) => {
    let vlans = known.get(port.vlans);
    if (vlans === undefined) known.set(port.vlans, (vlans = carriedVlans(port.vlans)));
    return vlans;
  };
}

/** In which VLAN of the switch the endpoint's frames go on; 0: they are dropped. */
export function vlanAt({ at }: Uplink, endpoint: Endpoint): number {
  const vlans = vlansOfPort(at);
  if (endpoint.vlan === undefined) return untaggedVlan(vlans);
  return carriesTagged(vlans, endpoint.vlan) ? endpoint.vlan : 0;
}

/** Uplinks by adapter port. */
export const uplinksByNic = memoized((fabric: Fabric): ReadonlyMap<MachinePort['nic'], readonly Uplink[]> => {
  const byNic = new Map<MachinePort['nic'], Uplink[]>();
  for (const one of uplinksOf(fabric)) addTo(byNic, one.station.nic, one);
  return byNic;
});

/** Where the endpoint's frames reach a switch that carries them. */
export const attachmentsOf = (fabric: Fabric, endpoint: Endpoint): Attached[] =>
  endpoint.nics.flatMap((nic) =>
    (uplinksByNic(fabric).get(nic) ?? [])
      .filter((uplink) => !uplink.at.port.disabled && vlanAt(uplink, endpoint) !== 0)
      .map((uplink) => ({ endpoint, uplink })),
  );

/** Only of VLANs that an endpoint is in: others have nobody to miss them. */
export const segmentsOf = memoized((fabric: Fabric): readonly Segment[] => {
  const sets = new DisjointSets();
  const attached = endpointsOf(fabric).flatMap((endpoint) => attachmentsOf(fabric, endpoint));
  const placeOf = ({ endpoint, uplink }: Attached): string => `${uplink.at.node} ${vlanAt(uplink, endpoint)}`;
  const vlans = new Set(attached.map(({ endpoint, uplink }) => vlanAt(uplink, endpoint)));
  const carried: { readonly place: string; readonly trunk: Trunk }[] = [];
  for (const trunk of trunksOf(fabric)) {
    const [one, other] = trunk.ends;
    // Those in use, and those that the two ends turn them into.
    for (const vlan of new Set([...vlans, untaggedVlan(vlansOfPort(one)), untaggedVlan(vlansOfPort(other))])) {
      if (vlan === 0) continue;
      for (const [from, to] of [
        [one, other],
        [other, one],
      ] as const) {
        const there = vlansOfPort(from).members[vlan] === NOT_MEMBER ? 0 : arrivesIn(vlansOfPort(from), vlan, vlansOfPort(to));
        if (there === 0) continue;
        sets.join(`${from.node} ${vlan}`, `${to.node} ${there}`);
        carried.push({ place: `${from.node} ${vlan}`, trunk });
      }
    }
  }
  // An endpoint at two switches does not join them: a machine is no bridge. But it is in both domains.
  const bySet = new Map<string, { vlan: number; attached: Attached[]; trunks: Set<Trunk>; switches: Set<Switch> }>();
  for (const one of attached) {
    const root = sets.find(placeOf(one));
    const vlan = vlanAt(one.uplink, one.endpoint);
    const segment = bySet.get(root) ?? { vlan, attached: [], trunks: new Set<Trunk>(), switches: new Set<Switch>() };
    segment.attached.push(one);
    segment.switches.add(one.uplink.at.one);
    bySet.set(root, segment);
  }
  for (const { place, trunk } of carried) {
    const segment = bySet.get(sets.find(place));
    segment?.trunks.add(trunk);
    for (const end of trunk.ends) segment?.switches.add(end.one);
  }
  return [...bySet.values()].map((one) => ({
    vlan: one.vlan,
    attached: one.attached,
    trunks: [...one.trunks],
    switches: [...one.switches],
  }));
});

/** The segments that an endpoint is in: more than one where its uplinks lead to separate switches. */
export const segmentsByEndpoint = memoized((fabric: Fabric): ReadonlyMap<Endpoint, readonly Segment[]> => {
  const byEndpoint = new Map<Endpoint, Segment[]>();
  for (const segment of segmentsOf(fabric))
    for (const { endpoint } of segment.attached) {
      const list = byEndpoint.get(endpoint) ?? [];
      if (!list.includes(segment)) list.push(segment);
      byEndpoint.set(endpoint, list);
    }
  return byEndpoint;
});

/** Union and find with path halving. */
class DisjointSets {
  readonly #parents = new Map<string, string>();

  find(one: string): string {
    let at = one;
    for (;;) {
      const parent = this.#parents.get(at) ?? at;
      if (parent === at) return at;
      const above = this.#parents.get(parent) ?? parent;
      this.#parents.set(at, above);
      at = above;
    }
  }

  join(one: string, other: string): void {
    this.#parents.set(this.find(one), this.find(other));
  }
}
