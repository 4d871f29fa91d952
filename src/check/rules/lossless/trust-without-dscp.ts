/** Who goes by the DSCP needs one. */
import { endpointName, roceEndpointsOf, switchPortsOf } from '../../rdma.ts';
import { losslessPortOf, oncePerPlace } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { roceExample } from './examples.ts';

const example = (kind: string): string =>
  roceExample('dscp: 26', 'dcb: { pfc: [3] }', { port: 'dcb: { trust: dscp, pfc: [3], dscp: { 26: 3 } }' }).replace(
    'kind: roce-v2',
    `kind: ${kind}`,
  );

export const trustWithoutDscp: Rule = {
  id: 'SW-1137',
  name: 'trust-without-dscp',
  severity: 'error',
  title: 'A port goes by the DSCP, and RoCE comes without a DSCP of its own',
  meaning:
    'RoCE v1 has no IP header, so no DSCP; RoCE v2 that only has a priority in its tag comes with DSCP 0. The port puts both in priority 0.',
  remedy: 'Trust the tag (`pcp` or `both`), or give RoCE v2 a `dscp`.',
  ignored: 'Tags are right, PFC is on, and RoCE is dropped with everything else.',
  source: ['IBTA RoCE (Annex A16) and RoCE v2 (Annex A17)', 'IEEE 802.1Q §6.9.4'],
  examples: { fail: example('roce-v1'), pass: example('roce-v2') },
  check: (fabric) =>
    oncePerPlace(
      roceEndpointsOf(fabric).flatMap(({ endpoint, nic, rdma }): Finding[] => {
        const own = losslessPortOf(fabric, nic);
        for (const port of [...(own === undefined ? [] : [own]), ...switchPortsOf(fabric, endpoint)]) {
          const { trust, pfc } = port.dcb;
          if (trust?.value !== 'dscp' || pfc === undefined || pfc.value.length === 0) continue;
          const isTagOnly = rdma.kind === 'roce-v2' && rdma.dscp === undefined && rdma.priority !== undefined;
          const policy = endpoint.machine.policies.some(({ dscp }) => dscp !== undefined);
          if (rdma.kind !== 'roce-v1' && (!isTagOnly || policy)) continue;
          return [
            {
              at: trust.at,
              message: `\`${port.place}\` goes by the DSCP, and ${rdma.kind === 'roce-v1' ? `RoCE v1 of \`${endpointName(endpoint)}\` has none` : `RoCE of \`${endpointName(endpoint)}\` is marked by its tag only`}.`,
              remedy:
                rdma.kind === 'roce-v1'
                  ? 'Write `trust: pcp`.'
                  : 'Write `trust: both`, or `dscp` under `rdma` and in the maps of the ports.',
              related: [{ at: rdma.at, message: `RoCE of \`${endpointName(endpoint)}\`` }],
              cause: trust.at,
              restsOn: [rdma.at],
            },
          ];
        }
        return [];
      }),
    ),
};
