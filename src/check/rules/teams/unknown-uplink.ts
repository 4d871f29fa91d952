/** Ports of teams and uplinks of virtual switches are ports of the machine. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import type { Path } from '../../../fabric/problem.ts';
import type { Reference, Teaming } from '../../../fabric/virtual/model.ts';
import { suggest } from '../../../fabric/suggest.ts';
import { portGroupsOf } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE, LOWE_BLOG } from '../../sources.ts';
import { twoSwitches } from './examples.ts';

const example = (second: string): string =>
  twoSwitches(`teams: { bond0: { nics: [p1, ${second}], mode: active-backup, addresses: [192.0.2.11/24] } }`);

export const unknownUplink: Rule = {
  id: 'SW-1080',
  name: 'unknown-uplink',
  severity: 'error',
  title: 'A team or a virtual switch names a port that it has not',
  meaning:
    'A team is made of ports in `nics`, a virtual switch of such ports or teams, and an order of failover names ports of that team or switch. A name that is none leaves it with one port less.',
  remedy: 'Write the name of a port in `nics`, and list it in `uplinks` before an order names it.',
  ignored: 'The team comes up with the ports that exist; the failover that was counted on does not happen.',
  source: [CHELSIO_GUIDE, LOWE_BLOG],
  examples: { fail: example('p3'), pass: example('p2') },
  check: (fabric) =>
    machinesOf(fabric).flatMap(({ name, machine }) => {
      const teamNames = machine.teams.map((team) => team.name);
      const nicNames = machine.nics.map((nic) => nic.name);
      return [
        ...machine.teams.flatMap((team) => [
          ...unknown(name, machine, team.nics, nicNames, 'nics'),
          ...orders(team.teaming, team.nics, `team \`${team.name}\``, team.at),
        ]),
        ...machine.virtualSwitches.flatMap((one) => [
          ...unknown(name, machine, one.uplinks, [...nicNames, ...teamNames], 'nics'),
          // Those of a distributed switch may be named as its uplinks or LAGs are.
          ...(one.kind === 'distributed'
            ? []
            : [one.teaming, ...portGroupsOf(fabric, one).map(({ teaming }) => teaming)].flatMap((teaming) =>
                orders(teaming, one.uplinks, `\`${one.name}\``, one.at),
              )),
        ]),
        ...machine.virtualNics.flatMap(({ uplink }) => (uplink === undefined ? [] : unknown(name, machine, [uplink], nicNames, 'nics'))),
      ];
    }),
};

const unknown = (node: string, machine: Machine, references: readonly Reference[], known: readonly string[], key: string): Finding[] =>
  references
    .filter(({ text }) => !known.includes(text))
    .map(({ at, text }) => {
      const meant = suggest(text, known);
      return {
        at,
        message: `\`${node}\` has no port \`${text}\`.`,
        remedy: meant === undefined ? `Declare \`${text}\` in \`nics\`, or write one that is there.` : `Did you mean \`${meant}\`?`,
        related: [{ at: [...machine.at, key], message: 'its ports' }],
        restsOn: [
          [...machine.at, 'nics'],
          [...machine.at, 'teams'],
        ],
      };
    });

/** Each port of an order is a port of the team, and in one list of it. */
function orders(teaming: Teaming, ports: readonly Reference[], owner: string, at: Path): Finding[] {
  const seen = new Set<string>();
  return [...(teaming.active ?? []), ...(teaming.standby ?? []), ...(teaming.unused ?? [])].flatMap((one): Finding[] => {
    const related = [{ at, message: owner }];
    if (!ports.some(({ text }) => text === one.text))
      return [
        {
          at: one.at,
          message: `\`${one.text}\` is no port of ${owner}.`,
          remedy: 'Write one of its ports, or add it to them.',
          related,
          restsOn: [at],
        },
      ];
    if (seen.has(one.text))
      return [
        { at: one.at, message: `\`${one.text}\` is in the order of ${owner} twice.`, remedy: 'Keep it in one of the lists.', related },
      ];
    seen.add(one.text);
    return [];
  });
}
