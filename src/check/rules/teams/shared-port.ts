/** A port belongs to one team or one virtual switch, or to nobody. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { Machine, Nic } from '../../../fabric/network/model.ts';
import type { Placed } from '../../../fabric/model.ts';
import { isUsed } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { LOWE_BLOG, WINOF_README } from '../../sources.ts';
import { twoSwitches } from './examples.ts';

const example = (addresses: string): string =>
  twoSwitches(
    'teams: { bond0: { nics: [p1, p2], mode: active-backup, addresses: [192.0.2.11/24] } }',
    '',
    '',
    `p1: { ${addresses} }, p2: {}`,
  );

export const sharedPort: Rule = {
  id: 'SW-1081',
  name: 'shared-port',
  severity: 'error',
  title: 'A port is used by two, or beside the team that it is in',
  meaning:
    'What comes in at a port of a team or a virtual switch goes to that alone: a second team gets nothing, and addresses or VLANs of the port itself hear nobody.',
  remedy: 'List the port once, and put addresses and VLANs on the team or on interfaces at the virtual switch.',
  ignored: 'The address of the port is there and does not answer; on Windows a port with a VLAN cannot join the team at all.',
  source: [WINOF_README, LOWE_BLOG],
  examples: { fail: example('addresses: [198.51.100.11/24]'), pass: example('') },
  check: (fabric) => machinesOf(fabric).flatMap(({ name, machine }) => ofMachine(name, machine)),
};

interface Use extends Placed {
  readonly name: string;
  /** Its VLANs of their own are taken before it sees them, as bridges of Linux do. */
  readonly sparesVlans: boolean;
}

function ofMachine(node: string, machine: Machine): Finding[] {
  const uses = new Map<string, Use>();
  const findings: Finding[] = [];
  const bonded = [
    ...machine.teams.map(({ name, nics }) => ({ name, ports: nics, sparesVlans: false })),
    ...machine.virtualSwitches.map(({ name, uplinks, kind }) => ({
      name,
      ports: uplinks,
      sparesVlans: kind === 'bridge' || kind === 'open-vswitch',
    })),
  ];
  for (const { name, ports, sparesVlans } of bonded)
    for (const { at, text } of ports) {
      const first = uses.get(text);
      if (first === undefined) uses.set(text, { at, name, sparesVlans });
      else if (machine.nics.find((nic) => nic.name === text)?.partitions === undefined)
        findings.push({
          at,
          message: `\`${node}:${text}\` is a port of \`${first.name}\` already.`,
          remedy: 'List it in one of them.',
          related: [{ at: first.at, message: `\`${first.name}\`` }],
        });
    }
  return [
    ...findings,
    ...machine.nics.flatMap((nic) => {
      const use = uses.get(nic.name);
      return use === undefined || nic.partitions !== undefined ? [] : usedItself(node, nic, use);
    }),
  ];
}

const usedItself = (node: string, { name, interfaces }: Nic, use: Use): Finding[] =>
  interfaces
    .filter((one) => (one.vlan === undefined ? isUsed(one) : !use.sparesVlans))
    .map((one) => ({
      at: one.at,
      missingFrom: one.at,
      message: `\`${node}:${name}\` has ${one.vlan === undefined ? 'addresses' : `VLAN ${one.vlan}`} of its own, and it is a port of \`${use.name}\`.`,
      remedy: `Move them to \`${use.name}\`, or take the port out of it.`,
      related: [{ at: use.at, message: `\`${use.name}\`` }],
      restsOn: [use.at],
    }));
