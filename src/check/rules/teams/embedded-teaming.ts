/** What switch embedded teaming of Hyper-V can be. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import type { VirtualSwitch } from '../../../fabric/virtual/model.ts';
import type { Finding, Rule } from '../../rule.ts';
import { WINDOWS_TEAMING } from './documents.ts';
import { twoSwitches } from './examples.ts';

const example = (uplinks: string, more = ''): string =>
  twoSwitches(`os: windows\n${more}virtualSwitches:\n  vSwitch: { kind: hyper-v, embeddedTeaming: true, uplinks: [${uplinks}] }`);

const MEMBERS_MAX = 8;

export const embeddedTeaming: Rule = {
  id: 'SW-1098',
  name: 'embedded-teaming',
  severity: 'error',
  title: 'A Hyper-V switch cannot team its uplinks in this way',
  meaning:
    'Switch embedded teaming (SET) takes up to eight adapter ports, and no team below it (LBFO); a switch without it has one uplink. Only virtual switches of Hyper-V have it.',
  remedy:
    'List the adapter ports themselves in `uplinks`, with `embeddedTeaming: true`. On Windows: `New-VMSwitch -Name vSwitch -NetAdapterName p1,p2 -EnableEmbeddedTeaming $true`.',
  ignored: 'The switch is not made; over an LBFO team RDMA and virtual functions are lost without a word.',
  source: [WINDOWS_TEAMING],
  examples: { fail: example('team1', 'teams: { team1: { nics: [p1, p2], mode: port-id } }\n'), pass: example('p1, p2') },
  check: (fabric) =>
    machinesOf(fabric).flatMap(({ name, machine }) => machine.virtualSwitches.flatMap((one) => ofSwitch(name, machine, one))),
};

function ofSwitch(node: string, machine: Machine, { at, name, kind, uplinks, embeddedTeaming: embedded }: VirtualSwitch): Finding[] {
  if (embedded === undefined) return [];
  const place = [...at, 'embeddedTeaming'];
  const named = `\`${node}:${name}\``;
  if (kind !== 'hyper-v')
    return embedded
      ? [
          {
            at: place,
            message: `${named} is of kind \`${kind}\`, and only Hyper-V has embedded teaming.`,
            remedy: 'Write `kind: hyper-v`, or leave it out.',
            restsOn: [[...at, 'kind']],
          },
        ]
      : [];
  if (!embedded)
    return uplinks.length > 1
      ? [
          {
            at: place,
            message: `${named} has ${uplinks.length} uplinks and no embedded teaming: a virtual switch of Hyper-V has one then.`,
            remedy: 'Write `embeddedTeaming: true`, or keep one uplink.',
            related: [{ at: [...at, 'uplinks'], message: 'its uplinks' }],
          },
        ]
      : [];
  const team = machine.teams.find((one) => uplinks.some(({ text }) => text === one.name));
  if (team !== undefined)
    return [
      {
        at: uplinks.find(({ text }) => text === team.name)!.at,
        message: `${named} teams its uplinks itself, and \`${team.name}\` is a team already.`,
        remedy: `List the ports of \`${team.name}\` here, and leave the team out.`,
        related: [{ at: team.at, message: 'the team' }],
      },
    ];
  if (uplinks.length <= MEMBERS_MAX) return [];
  return [
    {
      at: [...at, 'uplinks'],
      message: `${named} has ${uplinks.length} uplinks, and embedded teaming takes ${MEMBERS_MAX}.`,
      remedy: `Keep ${MEMBERS_MAX} of them.`,
      related: [{ at: place, message: 'embedded teaming' }],
    },
  ];
}
