/** A port with RDMA leads somewhere. */
import { isUsed, joinedPorts, machinePortsOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from '../lossless/examples.ts';

const example = (disabled: boolean): string =>
  linkExample({ nic: 'rdma: roce-v2, addresses: [192.0.2.11/24]', port: `vlan: 10${disabled ? ', disabled: true' : ''}` });

export const rdmaUnlinked: Rule = {
  id: 'SW-1169',
  name: 'rdma-unlinked',
  severity: 'warning',
  title: 'A port with RDMA and an address has its switch port shut down, or no link while others of its machine have one',
  meaning: 'Storage that is to use several ports does without this one, and nobody is told.',
  remedy: 'Link the port, bring the port of the switch up, or take RDMA and the address away.',
  ignored: 'Half the bandwidth, and no second path when the first one fails.',
  source: ['Validate-DCB of Microsoft'],
  examples: { fail: example(true), pass: example(false) },
  check: (fabric) => {
    const ends = new Map(
      joinedPorts(fabric).flatMap(({ link, ends: [one, other] }) => [
        [one, { link, far: other }] as const,
        [other, { link, far: one }] as const,
      ]),
    );
    const linked = new Set([...ends.keys()].flatMap((port) => (port.kind === 'machine' ? [port.machine] : [])));
    return machinePortsOf(fabric).flatMap((port): Finding[] => {
      const { node, machine, nic } = port;
      if (nic.rdma?.enabled !== true || nic.portType === 'infiniband' || nic.attach !== undefined || !nic.interfaces.some(isUsed))
        return [];
      const end = ends.get(port);
      if (end === undefined && !linked.has(machine)) return [];
      if (end !== undefined && !(end.far.kind === 'switch' && end.far.port.disabled)) return [];
      const far = end?.far;
      return [
        {
          at: nic.at,
          missingFrom: nic.at,
          message:
            far?.kind === 'switch'
              ? `\`${node}:${nic.name}\` does RDMA, and \`${far.node}:${far.port.name}\` behind it is shut down.`
              : `\`${node}:${nic.name}\` does RDMA, and no link leads to it.`,
          remedy: far === undefined ? 'Add a link, or `enabled: false` under `rdma`.' : 'Take `disabled` away, or RDMA.',
          related: [
            { at: nic.rdma.at, message: 'RDMA' },
            ...(far?.kind === 'switch' ? [{ at: [...far.port.at, 'disabled'], message: `\`${far.node}:${far.port.name}\`` }] : []),
          ],
          restsOn: [nic.rdma.at, ['links'], ['switches']],
        },
      ];
    });
  },
};
