/** `pfc: true` stands for the list of the machine or the switch, which has to be there. */
import { machinesOf } from '../../../fabric/network/plan.ts';
import type { Dcb } from '../../../fabric/lossless/model.ts';
import { uplinkExample } from '../../example.ts';
import type { Finding, Rule } from '../../rule.ts';
import { OWN } from '../../sources.ts';

export const pfcWithoutList: Rule = {
  id: 'SW-1232',
  name: 'pfc-without-list',
  severity: 'error',
  title: 'PFC is on for priorities that nobody lists',
  meaning:
    'At a port, `pfc: true` stands for the priorities of its machine or switch. Where these list none, nothing is said, and no other rule can look at it.',
  remedy: 'Write the list, such as `pfc: [3]`, at the port, or at its machine or switch.',
  ignored: 'The port is taken for one of which nothing is known, and what its neighbour has is not compared with it.',
  source: [OWN],
  examples: {
    fail: uplinkExample('dcb: { pfc: true }', 'vlan: 10'),
    pass: uplinkExample('dcb: { pfc: [3] }', 'vlan: 10, dcb: { pfc: [3] }'),
  },
  check(fabric) {
    const all: Dcb[] = [
      ...machinesOf(fabric).flatMap(({ machine }) => [machine.dcb, ...machine.nics.map(({ dcb }) => dcb)]),
      ...fabric.switches.flatMap((one) => [one.dcb, ...one.aggregations.map(({ dcb }) => dcb), ...one.ports.map(({ dcb }) => dcb)]),
    ];
    const places = new Map(all.flatMap(({ openPfc }) => (openPfc === undefined ? [] : [[JSON.stringify(openPfc), openPfc] as const])));
    return [...places.values()].map(
      (at): Finding => ({ at, message: 'PFC is on here, and nobody says for which priorities.', remedy: 'Write a list such as `[3]`.' }),
    );
  },
};
