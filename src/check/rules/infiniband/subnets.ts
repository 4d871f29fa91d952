/** InfiniBand subnets: what links join, and who manages them. */
import { addTo } from '../../../base/grouped.ts';
import { memoized } from '../../../base/memoized.ts';
import type { InfinibandPort, SubnetManager } from '../../../fabric/functions/model.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Nic } from '../../../fabric/network/model.ts';
import { machinesOf } from '../../../fabric/network/plan.ts';
import { type FabricPort, joinedPorts, type MachinePort, machinePortsOf, placeOf } from '../../network.ts';

/** What a port is; undefined: whatever is at the other end. */
export const kindOf = (port: FabricPort): 'ethernet' | 'infiniband' | undefined => {
  if (port.kind === 'switch') return port.one.kind;
  return port.nic.portType === 'auto' ? undefined : port.nic.portType;
};

export const isInfiniband = ({ portType }: Nic): boolean => portType === 'infiniband';

/** An InfiniBand port with what is said of it. */
export interface Station extends MachinePort {
  readonly place: string;
  readonly infiniband: InfinibandPort;
}

export const stationsOf = memoized((fabric: Fabric): readonly Station[] =>
  machinePortsOf(fabric).flatMap((port) => {
    const { infiniband } = port.nic;
    return infiniband === undefined || !isInfiniband(port.nic) ? [] : [{ ...port, place: placeOf(port), infiniband }];
  }),
);

export interface Manager {
  /** `ib1`, `lin1:ib0`. */
  readonly place: string;
  readonly manager: SubnetManager;
}

export interface Subnet {
  /** InfiniBand ports of machines in it. */
  readonly ports: MachinePort[];
  readonly stations: Station[];
  readonly managers: Manager[];
}

/** A switch is one place, a port of a machine another: machines pass nothing on. */
const knotOf = (port: FabricPort): string => (port.kind === 'switch' ? port.node : placeOf(port));

const isDown = (end: FabricPort): boolean => end.kind === 'switch' && end.port.disabled;

/** Joined by links that are not shut down at either end; ports with no link are in none. */
export const subnetsOf = memoized((fabric: Fabric): readonly Subnet[] => {
  const around = new Map<string, Set<string>>();
  const join = (one: string, other: string): void => void (around.get(one)?.add(other) ?? around.set(one, new Set([other])));
  for (const { ends } of joinedPorts(fabric)) {
    if (ends.some((end) => kindOf(end) !== 'infiniband' || isDown(end))) continue;
    const [one, other] = ends.map(knotOf) as [string, string];
    join(one, other);
    join(other, one);
  }
  const byKnot = new Map<string, Subnet>();
  const subnets: Subnet[] = [];
  for (const start of around.keys()) {
    if (byKnot.has(start)) continue;
    const subnet: Subnet = { ports: [], stations: [], managers: [] };
    subnets.push(subnet);
    byKnot.set(start, subnet);
    const waiting = [start];
    for (let knot = waiting.pop(); knot !== undefined; knot = waiting.pop())
      for (const next of around.get(knot) ?? [])
        if (!byKnot.has(next)) {
          byKnot.set(next, subnet);
          waiting.push(next);
        }
  }
  for (const port of machinePortsOf(fabric)) byKnot.get(placeOf(port))?.ports.push(port);
  for (const station of stationsOf(fabric)) byKnot.get(station.place)?.stations.push(station);
  for (const { name, subnetManager: manager } of fabric.switches)
    if (manager !== undefined) byKnot.get(name)?.managers.push({ place: name, manager });
  for (const { name, machine } of machinesOf(fabric)) {
    const manager = machine.subnetManager;
    if (manager === undefined) continue;
    const places = machine.nics.map((nic) => `${name}:${nic.name}`).filter((place) => byKnot.has(place));
    // Where no port is said, it takes the first that has a link.
    const managed =
      manager.nics === undefined ? places.slice(0, 1) : places.filter((place) => manager.nics!.some((nic) => place === `${name}:${nic}`));
    for (const place of managed) byKnot.get(place)!.managers.push({ place, manager });
  }
  return subnets;
});

/** The subnet of each port that has a link. */
export const subnetByNic = memoized((fabric: Fabric): ReadonlyMap<Nic, Subnet> => {
  const byNic = new Map<Nic, Subnet>();
  for (const subnet of subnetsOf(fabric)) for (const { nic } of subnet.ports) byNic.set(nic, subnet);
  return byNic;
});

/** A full member has the highest bit (IBTA 1.x §10.9); the rest is the partition. */
export const FULL_MEMBER = 0x8000;
export const DEFAULT_PARTITION = 0x7fff;

/** Keys of the port; where nobody says any, that of a full member of the default partition. */
export const keysOf = ({ pkeys }: InfinibandPort): readonly number[] => pkeys ?? [FULL_MEMBER | DEFAULT_PARTITION];

export const partitionOf = (key: number): number => key & DEFAULT_PARTITION;

export const keyText = (key: number): string => `0x${key.toString(16).padStart(4, '0')}`;

/** Stations with IPoIB of one subnet by the partition that it runs in, which is that of the first key. */
export function ipoibGroups({ stations }: Subnet): ReadonlyMap<number, readonly Station[]> {
  const groups = new Map<number, Station[]>();
  for (const station of stations) {
    const key = keysOf(station.infiniband)[0];
    if (station.infiniband.ipoib === undefined || key === undefined) continue;
    addTo(groups, partitionOf(key), station);
  }
  return groups;
}
