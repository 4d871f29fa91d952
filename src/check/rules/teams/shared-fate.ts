/** Ports that stand in for one another do not fail together. */
import { memoized } from '../../../base/memoized.ts';
import type { Fabric } from '../../../fabric/model.ts';
import type { Machine, Nic, Switch } from '../../../fabric/network/model.ts';
import { adapterOf } from '../../../fabric/network/nic-speeds.ts';
import { aggregates, type Bundle, bundlesOf, linkedOf } from '../../bundles.ts';
import { endpointsByNode } from '../../endpoints.ts';
import { isUsed, trunksOf, uplinksOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { uplinksByNic } from '../../segments.ts';
import { adaptersOf } from '../../walk.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { fabricExample } from '../../example.ts';

const example = (second: string): string =>
  fabricExample(`hosts:
  host1:
    nics: { p1: {}, p2: {} }
    teams: { bond0: { nics: [p1, p2], mode: active-backup, addresses: [192.0.2.11/24] } }
  host2:
    nics: { p1: { addresses: [192.0.2.12/24] } }
switches:
  tor1: {}
  tor2: {}
links:
  - [host1:p1, tor1:1]
  - [host1:p2, ${second}]
  - [host2:p1, tor2:2]
  - [tor1:48, tor2:48]`);

export const sharedFate: Rule = {
  id: 'SW-1096',
  name: 'shared-fate',
  severity: 'warning',
  title: 'The ports of a team fail together',
  meaning:
    'Two ports that stand in for one another are on one adapter card although the host has another, or at one switch although there is another beside it: that card or switch takes both away.',
  remedy: 'Take a port of each card, and lead them to different switches.',
  ignored: 'The redundancy holds for a cable, and not for the reboot of the switch.',
  source: [LOWE_BLOG],
  examples: { fail: example('tor1:2'), pass: example('tor2:1') },
  check: (fabric) => [
    ...bundlesOf(fabric).flatMap((bundle) => (bundle.isGroup || bundle.members.length < 2 ? [] : together(fabric, bundle))),
    ...boundPaths(fabric),
  ],
};

/** Paths of iSCSI that are bound to interfaces stand in for one another, too. */
const boundPaths = (fabric: Fabric): Finding[] =>
  adaptersOf(fabric).flatMap(({ host, adapter }): Finding[] => {
    const bound = (adapter.portBinding ?? []).flatMap(
      ({ text }) =>
        endpointsByNode(fabric)
          .get(host.name)
          ?.filter(({ base }) => base === text) ?? [],
    );
    const nics = [...new Set(bound.flatMap((one) => one.nics))];
    const homes = new Set(nics.flatMap((nic) => uplinksByNic(fabric).get(nic) ?? []).map(({ at }) => at.one));
    const [one] = homes;
    if (bound.length < 2 || nics.length < 2 || homes.size !== 1 || nics.some((nic) => !uplinksByNic(fabric).has(nic))) return [];
    // A virtual switch or team with all of them tells it itself.
    const isTold = bundlesOf(fabric).some(
      ({ node, isGroup, members }) => node === host.name && !isGroup && nics.every((nic) => members.includes(nic)),
    );
    if (isTold || !hasNeighbour(fabric, one!)) return [];
    return [
      {
        at: [...adapter.at, 'portBinding'],
        message: `All paths of \`${host.name}:${adapter.name}\` lead to \`${one!.name}\`, and there is another switch beside it.`,
        remedy: 'Lead one of them to another switch.',
        related: [...nics.map((nic) => ({ at: nic.at, message: `\`${nic.name}\`` })), { at: one!.at, message: `\`${one!.name}\`` }],
        restsOn: [['links'], [...host.machine.at, 'virtualSwitches'], [...host.machine.at, 'virtualNics'], ['distributedSwitches']],
      },
    ];
  });

function together(fabric: Fabric, bundle: Bundle): Finding[] {
  const { at, name, machine, members } = bundle;
  const findings: Finding[] = [];
  const card = oneCard(machine, members);
  const related = members.map((nic) => ({ at: nic.at, message: `\`${nic.name}\`` }));
  if (card !== undefined)
    findings.push({
      at,
      missingFrom: at,
      message: `All ports of \`${name}\` are on the adapter \`${card}\`, and the host has another.`,
      remedy: 'Take one of the ports from the other adapter.',
      related,
      restsOn: [[...machine.at, 'adapters']],
    });
  const linked = linkedOf(fabric, bundle);
  const [first] = linked;
  if (first === undefined || linked.length < members.length) return findings;
  const { one } = first.uplink.at;
  // An aggregation is at one switch, unless two share it.
  if (aggregates(bundle, fabric) !== false && one.peer === undefined && first.aggregation !== undefined) return findings;
  if (linked.some(({ uplink }) => uplink.at.one !== one) || !hasNeighbour(fabric, one)) return findings;
  findings.push({
    at,
    missingFrom: at,
    message: `All ports of \`${name}\` lead to \`${one.name}\`, and there is another switch beside it.`,
    remedy: 'Lead one of them to another switch.',
    related: [...related, { at: one.at, message: `\`${one.name}\`` }],
    restsOn: [['links']],
  });
  return findings;
}

function oneCard(machine: Machine, members: readonly Nic[]): string | undefined {
  const cards = new Set(members.map((nic) => adapterOf(machine, nic)?.adapter));
  const [card] = cards;
  if (cards.size !== 1 || card === undefined) return undefined;
  const others = machine.adapters.filter((other) => other !== card);
  // Ports of two cards of one kind may change places.
  return others.some((other) => other.model.key === card.model.key || other.ports.some(({ text }) => isFree(machine, text)))
    ? card.name
    : undefined;
}

/** A port of Ethernet that nobody uses. */
const isFree = (machine: Machine, name: string): boolean =>
  machine.nics.some((nic) => nic.name === name && nic.portType === 'ethernet' && !nic.interfaces.some(isUsed)) &&
  ![...machine.teams.flatMap(({ nics }) => nics), ...machine.virtualSwitches.flatMap(({ uplinks }) => uplinks)].some(
    ({ text }) => text === name,
  );

/** Another switch that hosts are at, joined to this one. */
const neighbours = memoized((fabric: Fabric): ReadonlySet<Switch> => {
  const homes = new Set(uplinksOf(fabric).map(({ at }) => at.one));
  const found = new Set<Switch>();
  for (const { ends } of trunksOf(fabric))
    for (const [near, far] of [ends, ends.toReversed()]) if (homes.has(far!.one)) found.add(near!.one);
  return found;
});

const hasNeighbour = (fabric: Fabric, one: Switch): boolean => neighbours(fabric).has(one);
