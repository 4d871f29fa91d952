/** Which ports boot from the network, from where, and how far their frames get. */
import { addTo } from '../../../base/grouped.ts';
import { memoized } from '../../../base/memoized.ts';
import { isWildcard, type PortalAddress } from '../../../fabric/address.ts';
import { findServer } from '../../../fabric/find-server.ts';
import type { BootAgent, BootTarget } from '../../../fabric/functions/model.ts';
import { type Fabric, type Portal, portalsOf, type StorageArray, type Target } from '../../../fabric/model.ts';
import { arrivesIn, carriesTagged, untaggedVlan } from '../../../fabric/network/carried-vlans.ts';
import { isOwnAddress } from '../../../fabric/network/own-network.ts';
import { NOT_MEMBER } from '../../../link/port-vlans.ts';
import { vlansOf } from '../../bridge-ports.ts';
import { type BridgePort, type MachinePort, machinePortsOf, placeOf, trunksOf, type Uplink } from '../../network.ts';
import { uplinksByNic } from '../../segments.ts';

export interface Booting {
  readonly port: MachinePort;
  readonly boot: BootAgent;
  /** `esx1:nic0`. */
  readonly place: string;
}

/** Boot agents that do something. */
export const bootingOf = memoized((fabric: Fabric): readonly Booting[] =>
  machinePortsOf(fabric).flatMap((port) => {
    const { boot } = port.nic;
    return boot === undefined || boot.protocol === 'none' ? [] : [{ port, boot, place: placeOf(port) }];
  }),
);

/** Uses IP. */
export const usesIp = ({ boot }: Booting): boolean => boot.protocol === 'pxe' || boot.protocol === 'iscsi';

export interface BootLogin {
  readonly booting: Booting;
  readonly target: BootTarget;
  readonly array: StorageArray;
  /** Undefined: the array has that address, and listens at no such port. */
  readonly portal: Portal | undefined;
  /** Undefined: there is none such at the portal. */
  readonly found: Target | undefined;
}

/** Targets at arrays of the fabric that boot agents are told of. */
export const bootLoginsOf = memoized((fabric: Fabric): readonly BootLogin[] =>
  bootingOf(fabric)
    .filter(({ boot }) => boot.protocol === 'iscsi')
    .flatMap((booting) =>
      booting.boot.targets.flatMap((target) => {
        const place = placeOfAddress(fabric, target);
        if (place === undefined) return [];
        const { array, portal } = place;
        const named = array.targets.find(({ name }) => name === target.name);
        const found = named !== undefined && portal !== undefined && portalsOf(array, named).includes(portal) ? named : undefined;
        return [{ booting, target, array, portal, found }];
      }),
    ),
);

function placeOfAddress(
  fabric: Fabric,
  { at, address }: BootTarget,
): { readonly array: StorageArray; readonly portal: Portal | undefined } | undefined {
  const found = findServer(fabric, { at, text: address.host, kind: 'address', address });
  if (found !== undefined) return found;
  const array = arrayByAddress(fabric).get(address.host);
  if (array === undefined) return undefined;
  return { array, portal: array.portals.find(({ listen }) => listen.port === address.port && isHeardAt(listen, address)) };
}

const isHeardAt = (listen: PortalAddress, { family }: PortalAddress): boolean =>
  isWildcard(listen) && (listen.family === family || listen.host === '::');

/** Arrays by the addresses of their own that they listen on, or that stand in a boot agent. */
const arrayByAddress = memoized((fabric: Fabric): ReadonlyMap<string, StorageArray> => {
  const byAddress = new Map<string, StorageArray>();
  const wanted = new Map(bootingOf(fabric).flatMap(({ boot }) => boot.targets.map(({ address }) => [address.host, address] as const)));
  for (const array of fabric.arrays)
    for (const [host, address] of wanted) if (!byAddress.has(host) && isOwnAddress(array.machine, address)) byAddress.set(host, array);
  return byAddress;
});

/** In which VLAN of the switch the agent's frames go on; 0: they are dropped. */
export function bootVlanAt({ at }: Uplink, { vlan }: BootAgent): number {
  const vlans = vlansOf(at);
  if (vlan === undefined) return untaggedVlan(vlans);
  return carriesTagged(vlans, vlan) ? vlan : 0;
}

/** Links of the port to switches that are not shut down. */
export const bootUplinks = (fabric: Fabric, { port }: Booting): readonly Uplink[] =>
  (uplinksByNic(fabric).get(port.nic) ?? []).filter(({ at }) => !at.port.disabled);

/** `tor1 20`: a VLAN of a switch. */
export const vlanPlace = (node: string, vlan: number): string => `${node} ${vlan}`;

/** Switches that the world is plugged into: nobody knows what it joins. */
const worldlySwitches = memoized(
  (fabric: Fabric): ReadonlySet<string> =>
    new Set(fabric.switches.filter(({ ports }) => ports.some(({ attach }) => attach !== undefined)).map(({ name }) => name)),
);

export const leadsIntoWorld = (fabric: Fabric, places: Iterable<string>): boolean => {
  const worldly = worldlySwitches(fabric);
  return worldly.size > 0 && [...places].some((place) => worldly.has(place.slice(0, place.lastIndexOf(' '))));
};

interface Way {
  readonly from: BridgePort;
  readonly to: BridgePort;
}

const waysOf = memoized((fabric: Fabric): ReadonlyMap<string, readonly Way[]> => {
  const ways = new Map<string, Way[]>();
  for (const { ends } of trunksOf(fabric))
    for (const [from, to] of [ends, [ends[1], ends[0]] as const]) {
      addTo(ways, from.node, { from, to });
    }
  return ways;
});

const reached = new WeakMap<Fabric, Map<string, ReadonlySet<string>>>();

/** Everywhere that frames of this VLAN of this switch get over links between switches. Found once for each start. */
export function reachedFrom(fabric: Fabric, node: string, vlan: number): ReadonlySet<string> {
  const start = vlanPlace(node, vlan);
  const starts = reached.get(fabric) ?? new Map<string, ReadonlySet<string>>();
  reached.set(fabric, starts);
  const known = starts.get(start);
  if (known !== undefined) return known;
  const seen = new Set([start]);
  const queue = [{ node, vlan }];
  for (let one = queue.pop(); one !== undefined; one = queue.pop())
    for (const { from, to } of waysOf(fabric).get(one.node) ?? []) {
      if (vlansOf(from).members[one.vlan] === NOT_MEMBER) continue;
      const there = arrivesIn(vlansOf(from), one.vlan, vlansOf(to));
      const place = vlanPlace(to.node, there);
      if (there === 0 || seen.has(place)) continue;
      seen.add(place);
      queue.push({ node: to.node, vlan: there });
    }
  starts.set(start, seen);
  return seen;
}
