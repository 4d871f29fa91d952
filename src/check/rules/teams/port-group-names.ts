/** What is plugged in is plugged into something that exists, and that one name stands for. */
import type { Fabric, Placed } from '../../../fabric/model.ts';
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { Machine } from '../../../fabric/network/model.ts';
import type { Reference } from '../../../fabric/virtual/model.ts';
import { suggest } from '../../../fabric/suggest.ts';
import { portGroupsOf } from '../../endpoints.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE, LOWE_BLOG } from '../../sources.ts';
import { twoSwitches, vSwitch } from './examples.ts';

const example = (group: string): string =>
  twoSwitches(vSwitch('', `vms:\n  vm1: { nics: { eth0: { portGroup: ${group} } } }`), ', aggregations: {}').replaceAll(
    '47: {}',
    '1: { tagged: [10] }',
  );

export const portGroupNames: Rule = {
  id: 'SW-1093',
  name: 'port-group-names',
  severity: 'error',
  title: 'A port group is unknown, or two have the same name',
  meaning:
    'Guests and interfaces of the host are plugged in by the name of a port group: it has to exist on that host, and in one of its virtual switches only.',
  remedy: 'Write a port group of that host, or declare it. On ESXi: `esxcfg-vswitch -A Guests vSwitch0`.',
  ignored: 'The guest starts without a network, or fails to start after it moved to a host that lacks the port group.',
  source: [LOWE_BLOG, CHELSIO_GUIDE],
  examples: { fail: example('Gests'), pass: example('Guests') },
  check: (fabric) => machinesOf(fabric).flatMap(({ name, machine }) => ofMachine(fabric, name, machine)),
};

function ofMachine(fabric: Fabric, node: string, machine: Machine): Finding[] {
  if (machine.virtualSwitches.length === 0 && machine.virtualNics.length === 0 && machine.vms.length === 0) return [];
  const groups = new Map<string, Placed & { readonly owner: string }>();
  const findings: Finding[] = [];
  for (const one of machine.virtualSwitches)
    for (const { at, name } of portGroupsOf(fabric, one)) {
      const first = groups.get(name);
      if (first === undefined) groups.set(name, { at, owner: one.name });
      else if (first.at !== at)
        findings.push({
          at,
          missingFrom: at,
          message: `\`${node}\` has a port group \`${name}\` in \`${first.owner}\` already, and this one is of \`${one.name}\`.`,
          remedy: 'Give one of them another name.',
          related: [{ at: first.at, message: `that of \`${first.owner}\`` }],
        });
    }
  const switches = machine.virtualSwitches.map(({ name }) => name);
  const restsOn = [[...machine.at, 'virtualSwitches'], ['distributedSwitches']];
  const look = (reference: Reference | undefined, known: readonly string[], what: string): Finding[] => {
    if (reference === undefined || known.includes(reference.text)) return [];
    const meant = suggest(reference.text, known);
    return [
      {
        at: reference.at,
        message: `\`${node}\` has no ${what} \`${reference.text}\`.`,
        remedy: meant === undefined ? `Declare it, or write one of \`${node}\`.` : `Did you mean \`${meant}\`?`,
        related: [{ at: machine.at, message: `\`${node}\`` }],
        restsOn,
      },
    ];
  };
  const names = [...groups.keys(), ...switches];
  return [
    ...findings,
    ...machine.virtualNics.flatMap(({ portGroup, virtualSwitch }) => [
      ...look(portGroup, names, 'port group'),
      ...look(virtualSwitch, switches, 'virtual switch'),
    ]),
    ...machine.vms.flatMap(({ nics }) => nics.flatMap(({ portGroup }) => look(portGroup, names, 'port group'))),
  ];
}
