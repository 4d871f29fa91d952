/** RoCE v1 has no IP header: no router takes it on. */
import { endpointName, iserPairsOf, rdmaOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { iserExample } from './examples.ts';

export const roceV1Routed: Rule = {
  id: 'SW-1150',
  name: 'roce-v1-routed',
  severity: 'error',
  title: 'RoCE v1 is to go from one network to another',
  meaning: 'RoCE v1 is Ethernet without IP and ends where the network ends. Only v2, in UDP, goes through routers.',
  remedy: 'Use RoCE v2 at both ends, or put both into one network.',
  ignored: 'Ping works, rping does not; logins over iSER time out.',
  source: [DEMARTEK_GUIDE, 'IBTA RoCE v2 (Annex A17)'],
  examples: {
    fail: iserExample('rdma: roce-v1', 'rdma: roce-v1', '198.51.100.11/24', '198.51.100.1'),
    pass: iserExample('rdma: roce-v1', 'rdma: roce-v1'),
  },
  check: (fabric) =>
    iserPairsOf(fabric).flatMap(({ initiators, target, routed, by, portal }): Finding[] => {
      if (!routed) return [];
      const endpoint = initiators.find((one) => rdmaOf(one)?.rdma.kind === 'roce-v1');
      const rdma = endpoint === undefined ? undefined : rdmaOf(endpoint)!.rdma;
      if (endpoint === undefined || rdma === undefined || !rdma.enabled) return [];
      const theirs = rdmaOf(target)?.rdma;
      return [
        {
          at: rdma.at,
          message: `\`${endpointName(endpoint)}\` does RoCE v1, and its portal ${portal.listen.host} is in another network, that of \`${endpointName(target)}\`.`,
          remedy: 'Write `roce-v2` at both ends, or give the host an address in the network of the portal.',
          related: [
            { at: portal.at, message: 'the portal' },
            { at: by.at, message: 'the session over iSER' },
            ...(theirs === undefined ? [] : [{ at: theirs.at, message: `\`${endpointName(target)}\`` }]),
          ],
          restsOn: [portal.at, by.at, endpoint.machine.at, target.machine.at],
        },
      ];
    }),
};
