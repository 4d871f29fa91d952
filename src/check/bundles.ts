/**
 * Several adapter ports that a machine uses as one: its teams, its virtual switches with more than one uplink, and port groups that do it another
 * way than their virtual switch. With the ports of switches behind them.
 */
import { memoized } from '../base/memoized.ts';
import type { Aggregation, Machine, Nic } from '../fabric/network/model.ts';
import { machinesOf } from '../fabric/network/plan.ts';
import type { Fabric, Placed } from '../fabric/model.ts';
import { AGGREGATED_MODES, type TeamMode } from '../fabric/schema/teaming.ts';
import type { Reference, Team, Teaming, VirtualSwitch, VirtualSwitchKind } from '../fabric/virtual/model.ts';
import { aggregationAt } from './bridge-ports.ts';
import { nicsNamed, pluggedInto, portGroupsOf, teamingOf } from './endpoints.ts';
import type { BridgePort, Uplink } from './network.ts';
import { uplinksByNic } from './segments.ts';

export interface Bundle extends Placed {
  readonly node: string;
  readonly machine: Machine;
  /** `esx1:vSwitch0`, `lin1:bond0`, `esx1:Storage`. */
  readonly name: string;
  readonly kind: 'team' | VirtualSwitchKind;
  /** Ports that it may use, once each. */
  readonly members: readonly Nic[];
  readonly teaming: Teaming;
  readonly team: Team | undefined;
  readonly virtualSwitch: VirtualSwitch | undefined;
  /** It is a port group of the virtual switch, with a mode of its own. */
  readonly isGroup: boolean;
}

export const bundlesOf = memoized((fabric: Fabric): readonly Bundle[] =>
  machinesOf(fabric).flatMap(({ name, machine }) => [
    ...machine.teams.map((team): Bundle => {
      const members = without(nicsNamed(machine, team.nics), machine, team.teaming.unused);
      const { at, teaming } = team;
      return {
        at,
        node: name,
        machine,
        name: `${name}:${team.name}`,
        kind: 'team',
        members,
        teaming,
        team,
        virtualSwitch: undefined,
        isGroup: false,
      };
    }),
    ...machine.virtualSwitches.flatMap((one) => ofVirtualSwitch(fabric, name, machine, one)),
  ]),
);

function ofVirtualSwitch(fabric: Fabric, node: string, machine: Machine, one: VirtualSwitch): Bundle[] {
  // A team below it does the teaming.
  if (one.uplinks.some(({ text }) => machine.teams.some((team) => team.name === text))) return [];
  const teaming = teamingOf(fabric, one, undefined);
  const { at, kind } = one;
  const members = without(nicsNamed(machine, one.uplinks), machine, teaming.unused);
  const own = { node, machine, kind, team: undefined, virtualSwitch: one };
  return [
    { ...own, at, name: `${node}:${one.name}`, members, teaming, isGroup: false },
    ...portGroupsOf(fabric, one)
      .filter((group) => group.teaming.mode !== undefined && group.teaming.mode.value !== teaming.mode?.value)
      .map((group) => ({
        ...own,
        at: group.at,
        name: `${node}:${group.name}`,
        members: pluggedInto(fabric, machine, { at: group.at, text: group.name }, { at, text: one.name }).nics,
        teaming: teamingOf(fabric, one, group),
        isGroup: true,
      })),
  ];
}

function without(nics: readonly Nic[], machine: Machine, unused: readonly Reference[] | undefined): Nic[] {
  const never = new Set(nicsNamed(machine, unused ?? []));
  return nics.filter((nic) => !never.has(nic));
}

/** It wants the ports of the switch to be one aggregation. Undefined: nobody said. */
export function aggregates(bundle: Bundle, fabric: Fabric): boolean | undefined {
  const { kind, virtualSwitch, teaming } = bundle;
  const { mode } = teaming;
  // What it has not is told of it, and nothing follows.
  if (!knowsMode(bundle)) return undefined;
  if (mode !== undefined) return AGGREGATED_MODES.includes(mode.value);
  // Originating virtual port unless another is chosen; teams of Hyper-V itself know no other kind.
  if (kind === 'standard') return false;
  if (kind === 'hyper-v') return virtualSwitch?.embeddedTeaming === true ? false : undefined;
  if (kind !== 'distributed') return undefined;
  return fabric.distributedSwitches.find(({ name }) => name === virtualSwitch?.name)?.lacp === false ? false : undefined;
}

const STANDARD: readonly TeamMode[] = ['active-backup', 'port-id', 'source-mac', 'ip-hash'];
const DISTRIBUTED: readonly TeamMode[] = [...STANDARD, 'load-based', 'lacp'];

/** A virtual switch of its kind has the mode; for teams, bridges and Open vSwitch all are. */
export function knowsMode({ teaming: { mode }, kind, virtualSwitch }: Bundle): boolean {
  if (mode === undefined) return true;
  if (kind === 'standard') return STANDARD.includes(mode.value);
  if (kind === 'distributed') return DISTRIBUTED.includes(mode.value);
  // Switch embedded teaming works without the switch only.
  return !(kind === 'hyper-v' && virtualSwitch?.embeddedTeaming === true && AGGREGATED_MODES.includes(mode.value));
}

export interface Linked {
  readonly nic: Nic;
  readonly uplink: Uplink;
  readonly aggregation: Aggregation | undefined;
}

/** Its ports that lead to a port of a switch which is not shut down. */
export const linkedOf = (fabric: Fabric, { members }: Bundle): Linked[] =>
  members.flatMap((nic) =>
    (uplinksByNic(fabric).get(nic) ?? [])
      .filter(({ at }) => !at.port.disabled)
      .map((uplink) => ({ nic, uplink, aggregation: aggregationAt(uplink.at) })),
  );

/** The same for ports of one aggregation, be it over two switches that are peers. Undefined: the port is in none. */
export function aggregationKey(end: BridgePort): string | undefined {
  const aggregation = aggregationAt(end);
  if (aggregation === undefined) return undefined;
  const { name, peer } = end.one;
  if (peer === undefined || aggregation.peerGroup === undefined) return `${name} ${aggregation.name}`;
  return `${[name, peer.text].toSorted().join(' ')} peers ${aggregation.peerGroup}`;
}
