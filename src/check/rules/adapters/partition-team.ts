/** Partitions share one cable: LACP belongs to the port, not to each of them. */
import { addTo } from '../../../base/grouped.ts';
import type { Nic } from '../../../fabric/network/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { machinesOf } from '../../../fabric/network/plan.ts';
import { nicsNamed, teamingOf } from '../../endpoints.ts';
import { fabricExample } from '../../example.ts';
import { machinePortsOf, placeOf, uplinksOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';

const PARTITIONS = 'partitions: [{ name: lan, min: 50 }, { name: storage, min: 50 }]';

const example = (partitions: string): string =>
  fabricExample(`hosts:
  esx1:
    os: linux
    adapters:
      slot1: { model: marvell-57810, ports: [p1, p2] }
    nics:
      p1: { ${partitions} }
      p2: { ${partitions} }
    teams:
      bond0: { nics: [p1, p2], mode: lacp, addresses: [192.0.2.11/24] }
switches:
  tor1:
    aggregations: { 1: { ports: [1, 2], mode: lacp } }
    ports: { 1-2: {} }
links:
  - [esx1:p1, tor1:1]
  - [esx1:p2, tor1:2]`);

export const partitionTeam: Rule = {
  id: 'SW-1187',
  name: 'partition-team',
  severity: 'warning',
  title: 'A port with partitions is part of an aggregation with LACP',
  meaning:
    'LACP is spoken once a cable. With partitions several functions send over the same cable, and the switch sees several partners, or one that does not answer for the others. Makers rule the combination out.',
  remedy: 'Take the partitions out, or use a team that the switch does not know of: `active-backup` or `smart-balance`.',
  ignored: 'The aggregation comes up and goes down again, or frames of all partitions but one are lost.',
  source: ['QLogic 8100 Series User’s Guide, NIC Partitioning Options', 'IEEE 802.1AX §6.4'],
  examples: { fail: example(PARTITIONS), pass: example('') },
  check(fabric) {
    const lacp = aggregated(fabric);
    return machinePortsOf(fabric).flatMap((port): Finding[] => {
      const { partitions } = port.nic;
      const by = lacp.get(port.nic);
      if (partitions === undefined || partitions.length < 2 || by === undefined) return [];
      return [
        {
          at: [...port.nic.at, 'partitions'],
          message: `\`${placeOf(port)}\` has ${partitions.length} partitions, and ${by[0]!.what} speaks LACP over it.`,
          remedy: 'Take the partitions out, or write another `mode`.',
          related: by.map(({ at, what }) => ({ at, message: what })),
        },
      ];
    });
  },
};

type By = { readonly at: Path; readonly what: string }[];

/** Ports that LACP is spoken over, as the host or the switch says. */
function aggregated(fabric: Fabric): ReadonlyMap<Nic, By> {
  const lacp = new Map<Nic, By>();
  const add = (nic: Nic, at: Path, what: string): void => addTo(lacp, nic, { at, what });
  for (const { name, machine } of machinesOf(fabric)) {
    for (const team of machine.teams)
      if (team.teaming.mode?.value === 'lacp')
        for (const nic of nicsNamed(machine, team.nics)) add(nic, team.teaming.mode.at, `\`${name}:${team.name}\``);
    for (const one of machine.virtualSwitches) {
      const mode = teamingOf(fabric, one, undefined).mode;
      if (mode?.value === 'lacp') for (const nic of nicsNamed(machine, one.uplinks)) add(nic, mode.at, `\`${name}:${one.name}\``);
    }
  }
  for (const { station, at } of uplinksOf(fabric)) {
    const group = at.port.aggregation === undefined ? undefined : at.one.aggregations.find(({ name }) => name === at.port.aggregation);
    if (group?.mode === 'lacp') add(station.nic, group.at, `aggregation \`${group.name}\` of \`${at.node}\``);
  }
  return lacp;
}
