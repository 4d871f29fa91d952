/** RDMA is on where something relies on it. */
import { endpointName, isForRdma, iserPairsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { windowsExample } from './examples.ts';

const example = (enabled: boolean): string =>
  windowsExample('policies: { SMB: { match: "net-direct:445", priority: 3 } }').replace(
    'rdma: roce-v2',
    `rdma: { kind: roce-v2, enabled: ${enabled} }`,
  );

export const rdmaDisabled: Rule = {
  id: 'SW-1154',
  name: 'rdma-disabled',
  severity: 'error',
  title: 'RDMA is turned off where a policy or a session relies on it',
  meaning: 'The adapter can, and may not: SMB Direct falls back to TCP, iSER does not come up.',
  remedy: 'Write `enabled: true`, or take out what relies on it.',
  ignored: 'Files are copied at a third of the rate, with one processor at its limit.',
  source: ['Validate-DCB of Microsoft', DEMARTEK_GUIDE],
  examples: { fail: example(false), pass: example(true) },
  check: (fabric) => {
    const policies = fabric.hosts.flatMap(({ name, machine }): Finding[] => {
      const policy = machine.policies.find(isForRdma);
      const ports = machine.nics.filter(({ rdma }) => rdma !== undefined);
      const [first] = ports;
      if (policy === undefined || first === undefined || ports.some(({ rdma }) => rdma!.enabled)) return [];
      return [
        {
          at: [...first.rdma!.at, 'enabled'],
          message: `Policy \`${policy.name}\` of \`${name}\` is for RDMA, and \`${name}:${first.name}\`${ports.length > 1 ? ` and ${ports.length - 1} more have` : ' has'} it turned off.`,
          remedy: `Write \`enabled: true\`.${machine.os === 'windows' ? ` On Windows: \`Enable-NetAdapterRdma -Name "${first.device ?? first.name}"\`.` : ''}`,
          related: [{ at: policy.at, message: 'the policy' }],
          restsOn: [policy.at, [...policy.at, 'match'], [...machine.at, 'nics'], ...ports.map(({ rdma }) => rdma!.at)],
        },
      ];
    });
    const sessions = iserPairsOf(fabric).flatMap(({ initiators, target, by }): Finding[] =>
      [initiators, [target]].flatMap((ends): Finding[] => {
        const said = ends.flatMap((endpoint) =>
          endpoint.nics.flatMap((nic) => (nic.rdma === undefined ? [] : [{ endpoint, rdma: nic.rdma }])),
        );
        const first = said[0];
        if (first === undefined || said.some(({ rdma }) => rdma.enabled)) return [];
        return [
          {
            at: [...first.rdma.at, 'enabled'],
            message: `\`${endpointName(first.endpoint)}\` is an end of a session over iSER, and has RDMA turned off.`,
            remedy: 'Write `enabled: true`, or `transport: tcp` at the session.',
            related: [{ at: by.at, message: 'the session' }],
            restsOn: [by.at, first.endpoint.machine.at],
          },
        ];
      }),
    );
    return [...policies, ...unique(sessions)];
  },
};

/** A port with several sessions is told once. */
const unique = (findings: readonly Finding[]): Finding[] => [...new Map(findings.map((one) => [one.at.join('\n'), one])).values()];
