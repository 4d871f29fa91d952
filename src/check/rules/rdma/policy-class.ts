/** A policy and the traffic class of its name have one priority. */
import { losslessPortOf } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { windowsExample } from './examples.ts';

const example = (own: number, rest: string): string =>
  windowsExample(`policies:\n  SMB: { match: "net-direct:445", priority: 3 }`).replace(
    'dcb: { pfc: [3] }, vlans',
    `dcb: { pfc: [3], classes: { 0: { name: Default, priorities: [${rest}], bandwidth: 50 }, 1: { name: SMB, priorities: [${own}], bandwidth: 50 } } }, vlans`,
  );

export const policyClass: Rule = {
  id: 'SW-1163',
  name: 'policy-class',
  severity: 'error',
  title: 'A policy and the traffic class of the same name have different priorities',
  meaning: 'The policy marks frames with its priority, and the class has its share for another: the name alone joins nothing.',
  remedy: 'Write the priority of the policy under `priorities` of the class.',
  ignored: 'The share of the class is never used, and what it was made for has that of the default class.',
  source: ['Validate-DCB of Microsoft', DEMARTEK_GUIDE],
  examples: { fail: example(5, '0, 1, 2, 3, 4, 6, 7'), pass: example(3, '0, 1, 2, 4, 5, 6, 7'), also: ['SW-1120'] },
  check: (fabric) =>
    fabric.hosts.flatMap(({ name, machine }): Finding[] => {
      const policies = new Map(machine.policies.map((policy) => [policy.name.toLowerCase(), policy]));
      const told = new Set<string>();
      return machine.nics.flatMap((nic): Finding[] =>
        (losslessPortOf(fabric, nic)?.dcb.classes?.value ?? []).flatMap((one): Finding[] => {
          const policy = one.name === undefined ? undefined : policies.get(one.name.toLowerCase());
          if (policy?.priority === undefined || one.priorities.includes(policy.priority) || told.has(one.at.join('\n'))) return [];
          told.add(one.at.join('\n'));
          return [
            {
              at: [...one.at, 'priorities'],
              message: `Policy \`${policy.name}\` of \`${name}\` sends in priority ${policy.priority}, and traffic class \`${one.name!}\` has ${one.priorities.join(', ') || 'none'}.`,
              remedy: `Write \`priorities: [${policy.priority}]\`. On Windows: \`Set-NetQosTrafficClass ${one.name!} -Priority ${policy.priority}\`.`,
              related: [{ at: [...policy.at, 'priority'], message: 'the policy' }],
              restsOn: [policy.at, [...policy.at, 'priority'], [...one.at, 'name']],
            },
          ];
        }),
      );
    }),
};
