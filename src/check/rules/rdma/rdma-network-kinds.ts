/** In one network machines do one kind of RDMA. */
import { memoized } from '../../../base/memoized.ts';
import type { Fabric } from '../../../fabric/model.ts';
import { endpointName, iserPairsOf, kindText, rdmaNetworksOf } from '../../rdma.ts';
import { oncePerPlace } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { pairExample } from './examples.ts';

export const rdmaNetworkKinds: Rule = {
  id: 'SW-1149',
  name: 'rdma-network-kinds',
  severity: 'warning',
  title: 'Machines in one network do different kinds of RDMA',
  meaning:
    'RoCE and iWARP, and the two versions of RoCE, do not speak to one another. Where such machines have to, they fall back to TCP, or to nothing.',
  remedy: 'Write the same kind for all machines of the network, or give each kind a network of its own.',
  ignored: 'SMB between two machines is slow and loads processors, and no error is logged: RDMA was tried, and TCP took over.',
  source: [DEMARTEK_GUIDE, 'Validate-DCB of Microsoft'],
  examples: { fail: pairExample('rdma: roce-v2', 'rdma: roce-v1'), pass: pairExample('rdma: roce-v2', 'rdma: roce-v2') },
  check: (fabric) =>
    oncePerPlace(
      rdmaNetworksOf(fabric).flatMap((members): Finding[] => {
        const [first, ...others] = members;
        return others.flatMap(({ endpoint, rdma }): Finding[] => {
          if (rdma.kind === first!.rdma.kind || endpoint.node === first!.endpoint.node) return [];
          // Of two with a session over iSER another rule speaks.
          if (hasSession(fabric, endpoint.node, first!.endpoint.node)) return [];
          return [
            {
              at: rdma.at,
              message: `\`${endpointName(endpoint)}\` does ${kindText(rdma)}, and \`${endpointName(first!.endpoint)}\` in the same network does ${kindText(first!.rdma)}.`,
              remedy: 'Write the same kind at both, where the adapters can.',
              related: [{ at: first!.rdma.at, message: `\`${endpointName(first!.endpoint)}\`` }],
              cause: first!.rdma.at,
              restsOn: [first!.rdma.at],
            },
          ];
        });
      }),
    ),
};

/** Pairs of a host and an array with a session over iSER. */
const sessionsOf = memoized(
  (fabric: Fabric): ReadonlySet<string> =>
    new Set(iserPairsOf(fabric).flatMap(({ initiators, array }) => initiators.map(({ node }) => `${node} ${array.name}`))),
);

const hasSession = (fabric: Fabric, one: string, other: string): boolean =>
  sessionsOf(fabric).has(`${one} ${other}`) || sessionsOf(fabric).has(`${other} ${one}`);
