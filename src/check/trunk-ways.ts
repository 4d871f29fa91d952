/** Ways between switches, whatever VLANs they carry. */
import { addTo } from '../base/grouped.ts';
import { memoized } from '../base/memoized.ts';
import type { Fabric } from '../fabric/model.ts';
import type { Switch } from '../fabric/network/model.ts';
import { NOT_MEMBER } from '../link/port-vlans.ts';
import { isWorldly, vlansOf } from './bridge-ports.ts';
import { type BridgePort, type Trunk, trunksOf } from './network.ts';
import type { Segment } from './segments.ts';

interface Neighbour {
  readonly trunk: Trunk;
  readonly near: BridgePort;
  readonly far: BridgePort;
}

const neighboursOf = memoized((fabric: Fabric): ReadonlyMap<Switch, readonly Neighbour[]> => {
  const around = new Map<Switch, Neighbour[]>();
  for (const trunk of trunksOf(fabric))
    for (const [near, far] of [trunk.ends, trunk.ends.toReversed() as [BridgePort, BridgePort]]) {
      addTo(around, near.one, { trunk, near, far });
    }
  return around;
});

/** On the shortest way from one broadcast domain to the other: the end of the first trunk that does not carry the VLAN on. Undefined: no way. */
export function missingTrunkPort(fabric: Fabric, from: Segment, to: Segment, vlan: number): BridgePort | undefined {
  const first = new Map<Switch, Neighbour | undefined>(from.switches.map((one) => [one, undefined]));
  const waiting = [...from.switches];
  for (let index = 0; index < waiting.length; index += 1) {
    const here = waiting[index]!;
    for (const step of neighboursOf(fabric).get(here) ?? []) {
      if (first.has(step.far.one)) continue;
      const leaving = first.get(here) ?? step;
      first.set(step.far.one, leaving);
      if (to.switches.includes(step.far.one)) return vlansOf(leaving.near).members[vlan] === NOT_MEMBER ? leaving.near : leaving.far;
      waiting.push(step.far.one);
    }
  }
  return undefined;
}

/** The world is plugged into one of its switches: it may join the domain to another. */
export const leadsOutside = ({ switches }: Segment): boolean =>
  switches.some((one) => one.ports.some((port) => isWorldly({ kind: 'switch', node: one.name, one, port })));
