/** Heartbeats of a Windows cluster have a small class of their own. */
import type { Machine } from '../../../fabric/network/model.ts';
import { classesOf, losslessPortOf } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { windowsExample } from './examples.ts';

const example = (share: number): string =>
  windowsExample(
    `policies:\n  DEFAULT: { match: default, priority: 0 }\n  SMB: { match: "net-direct:445", priority: 3 }\n  Cluster: { match: cluster, priority: 7 }`,
  ).replace(
    'dcb: { pfc: [3] }, vlans',
    `dcb: { pfc: [3], classes: { 0: { name: Default, priorities: [0, 1, 2, 4, 5, 6], bandwidth: ${50 - share} }, 1: { name: SMB, priorities: [3], bandwidth: 50 }, 2: { name: Cluster, priorities: [7], bandwidth: ${share} } } }, vlans`,
  );

export const clusterClass: Rule = {
  id: 'SW-1162',
  name: 'cluster-class',
  severity: 'warning',
  title: 'Heartbeats of a cluster have no class of their own, or more than they need',
  meaning:
    'Heartbeats are small and must not wait. They belong into a class of their own with 1 or 2 percent; more is taken from storage for nothing, and in the class of storage they wait behind it.',
  remedy: 'Give the priority of the `cluster` policy a class of its own, with a `bandwidth` below 3.',
  ignored: 'Nodes leave the cluster during a rebuild; or storage never gets the share that is left unused.',
  source: ['Validate-DCB of Microsoft'],
  examples: { fail: example(10), pass: example(2) },
  check: (fabric) =>
    fabric.hosts.flatMap(({ name, machine }): Finding[] => {
      const policy = machine.policies.find(({ match, priority }) => match === 'cluster' && priority !== undefined);
      if (machine.os !== 'windows') return [];
      if (policy === undefined) return withoutPolicy(name, machine);
      const told = new Set<string>();
      return machine.nics.flatMap((nic): Finding[] => {
        const port = losslessPortOf(fabric, nic);
        const classes = port === undefined ? undefined : classesOf(fabric, port);
        const own = classes?.value.find(({ priorities }) => priorities.includes(policy.priority!));
        if (own === undefined || own.strict || told.has(own.at.join('\n'))) return [];
        told.add(own.at.join('\n'));
        const shared = machine.policies.find(
          (one) => one !== policy && one.match !== 'default' && one.priority !== undefined && own.priorities.includes(one.priority),
        );
        const wide = own.bandwidth !== undefined && own.bandwidth >= 3;
        if (shared === undefined && !wide) return [];
        return [
          {
            at: shared === undefined ? [...own.at, 'bandwidth'] : [...own.at, 'priorities'],
            message:
              shared === undefined
                ? `Heartbeats of \`${name}\` (priority ${policy.priority!}) are in class ${own.number} with ${own.bandwidth!} percent.`
                : `Heartbeats of \`${name}\` (priority ${policy.priority!}) are in class ${own.number} together with policy \`${shared.name}\`.`,
            remedy: 'Give them a class of their own with `bandwidth: 1` or 2.',
            related: [
              { at: policy.at, message: 'the policy for heartbeats' },
              ...(shared === undefined ? [] : [{ at: shared.at, message: `policy \`${shared.name}\`` }]),
            ],
            restsOn: [policy.at, ...(shared === undefined ? [] : [shared.at]), [...machine.at, 'os']],
          },
        ];
      });
    }),
};

/** An interface is for heartbeats, and of all policies none is. */
function withoutPolicy(host: string, machine: Machine): Finding[] {
  const one = machine.virtualNics.find(({ services }) => services.includes('cluster'));
  const [first] = machine.policies;
  if (one === undefined || first === undefined || machine.policies.some(({ match }) => match === 'cluster')) return [];
  const at = first.at.slice(0, -1);
  return [
    {
      at,
      missingFrom: at,
      message: `\`${host}:${one.name}\` carries heartbeats of a cluster, and no policy marks them.`,
      remedy:
        'Write `Cluster: { match: cluster, priority: 7 }`. On Windows: `New-NetQosPolicy Cluster -Cluster -PriorityValue8021Action 7`.',
      related: [{ at: [...one.at, 'services'], message: `\`${one.name}\`` }],
      restsOn: [[...one.at, 'services'], [...machine.at, 'os'], ...machine.policies.map((policy) => policy.at)],
    },
  ];
}
