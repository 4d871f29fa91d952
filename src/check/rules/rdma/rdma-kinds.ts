/** Both ends of a session over iSER do the same kind of RDMA. */
import type { Endpoint } from '../../endpoints.ts';
import { endpointName, iserPairsOf, kindText, rdmaOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE, DEMARTEK_GUIDE } from '../../sources.ts';
import { iserExample } from './examples.ts';

export const rdmaKinds: Rule = {
  id: 'SW-1148',
  name: 'rdma-kinds',
  severity: 'error',
  title: 'A host and its array do different kinds of RDMA',
  meaning:
    'A session over iSER runs over RoCE or over iWARP, and the kinds do not speak to one another: packets of the one mean nothing to the other. RoCE v1 and v2 do not either.',
  remedy: 'Use adapters of one kind at both ends, or the same version of RoCE.',
  ignored: 'Discovery over TCP works and shows the target; the login over iSER times out.',
  source: [DEMARTEK_GUIDE, CHELSIO_GUIDE, 'RFC 7145'],
  examples: { fail: iserExample('rdma: iwarp', 'rdma: roce-v2'), pass: iserExample('rdma: roce-v2', 'rdma: roce-v2') },
  check: (fabric) =>
    iserPairsOf(fabric).flatMap(({ initiators, target, by }): Finding[] => {
      const theirs = rdmaOf(target);
      const ours = initiators.flatMap((endpoint) => withRdma(endpoint));
      if (theirs?.rdma.enabled !== true || ours.length === 0 || ours.some(({ rdma }) => rdma.kind === theirs.rdma.kind)) return [];
      const { endpoint, rdma } = ours[0]!;
      return [
        {
          at: rdma.at,
          message: `\`${endpointName(endpoint)}\` does ${kindText(rdma)}, and its portal at \`${endpointName(target)}\` does ${kindText(theirs.rdma)}.`,
          remedy: `Write \`${theirs.rdma.kind}\` here, or \`${rdma.kind}\` at \`${target.node}\`, where the adapters can.`,
          related: [
            { at: theirs.rdma.at, message: `\`${endpointName(target)}\`` },
            { at: by.at, message: 'the session over iSER' },
          ],
          cause: theirs.rdma.at,
          restsOn: [theirs.rdma.at, by.at, target.machine.at, endpoint.machine.at],
        },
      ];
    }),
};

const withRdma = (endpoint: Endpoint) => {
  const found = rdmaOf(endpoint);
  return found?.rdma.enabled === true ? [{ endpoint, rdma: found.rdma }] : [];
};
