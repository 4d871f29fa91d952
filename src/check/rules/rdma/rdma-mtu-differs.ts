/** Both ends of RoCE send packets of one size. */
import { endpointName, rdmaNetworksOf } from '../../rdma.ts';
import { oncePerPlace } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE, WINOF_README } from '../../sources.ts';
import { pairExample } from './examples.ts';

const example = (mtu: number): string =>
  pairExample('mtu: 9000, rdma: { kind: roce-v2, mtu: 4096 }', `mtu: 9000, rdma: { kind: roce-v2, mtu: ${mtu} }`);

export const rdmaMtuDiffers: Rule = {
  id: 'SW-1153',
  name: 'rdma-mtu-differs',
  severity: 'warning',
  title: 'Machines in one network have different path MTUs for RoCE',
  meaning:
    'Who sets up connections agrees on the smaller one; programs that set it themselves, as tests do, send packets that the other end refuses.',
  remedy: 'Write the same `mtu` under `rdma` at all machines of the network.',
  ignored: 'Tests between some pairs of machines fail or are slow, with the same program and the same cables.',
  source: [DEMARTEK_GUIDE, WINOF_README, 'IBTA Architecture Specification §12 (communication management)'],
  examples: { fail: example(1024), pass: example(4096) },
  check: (fabric) =>
    oncePerPlace(
      rdmaNetworksOf(fabric).flatMap((members): Finding[] => {
        const said = members.filter(({ rdma }) => rdma.mtuBytes !== undefined);
        const [first, ...others] = said;
        return others.flatMap(({ endpoint, rdma }): Finding[] => {
          if (rdma.mtuBytes === first!.rdma.mtuBytes || endpoint.node === first!.endpoint.node) return [];
          const there = [...first!.rdma.at, 'mtu'];
          return [
            {
              at: [...rdma.at, 'mtu'],
              message: `\`${endpointName(endpoint)}\` has a path MTU of ${rdma.mtuBytes!} for RoCE, and \`${endpointName(first!.endpoint)}\` in the same network ${first!.rdma.mtuBytes!}.`,
              remedy: `Write \`mtu: ${first!.rdma.mtuBytes!}\` here, or ${rdma.mtuBytes!} there.`,
              related: [{ at: there, message: `\`${endpointName(first!.endpoint)}\`` }],
              cause: there,
              restsOn: [there, first!.rdma.at],
            },
          ];
        });
      }),
    ),
};
