/** A priority in the tag needs a tag. */
import type { Path } from '../../../fabric/problem.ts';
import { losslessPortOf, type LosslessPort, pfcOf, prioritiesText } from '../../lossless.ts';
import { endpointName, roceByNic, type RdmaEndpoint, switchPortsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { linkExample, roceExample } from './examples.ts';
import { PFC } from './words.ts';

export const untaggedRoce: Rule = {
  id: 'SW-1138',
  name: 'untagged-roce',
  severity: 'error',
  title: 'RoCE is sent without VLAN tags to a port that finds priorities in tags',
  meaning:
    'The priority stands in the VLAN tag. A frame without one has the priority of the port it comes in by, which is 0 unless it is set, and that one may be dropped.',
  remedy: 'Put RoCE into a VLAN with tags, or mark it by DSCP and let the ports trust that.',
  ignored: 'The priority is set on the adapter, PFC is on everywhere, and nothing ever arrives in that priority.',
  source: ['IEEE 802.1Q §6.9.3', PFC, DEMARTEK_GUIDE, 'Validate-DCB of Microsoft'],
  examples: {
    fail: linkExample({
      nic: 'addresses: [192.0.2.11/24], rdma: { kind: roce-v2, priority: 3 }, dcb: { pfc: [3] }',
      port: 'vlan: 2, dcb: { pfc: [3] }',
    }),
    pass: roceExample('priority: 3', 'dcb: { pfc: [3] }'),
  },
  check: (fabric) =>
    [...roceByNic(fabric)].flatMap(([nic, endpoints]): Finding[] => {
      if (endpoints.some(({ endpoint }) => endpoint.vlan !== undefined) || endpoints.some(isMarkedByDscp) || endpoints.some(isUnsaid))
        return [];
      const one = endpoints[0]!;
      const own = losslessPortOf(fabric, nic);
      // Who goes by the DSCP marks by it, too.
      if (own?.dcb.trust !== undefined && own.dcb.trust.value !== 'pcp') return [];
      const bad = switchPortsOf(fabric, one.endpoint).find((port) => isLossyUntagged(port, pfcOf(fabric, port)?.value));
      if (bad === undefined) return [];
      const pfc = pfcOf(fabric, bad)!;
      const related: { at: Path; message: string }[] = [
        { at: pfc.at, message: `\`${bad.place}\` keeps ${prioritiesText(pfc.value)} from loss` },
      ];
      if (own?.dcb.pfc !== undefined) related.push({ at: own.dcb.pfc.at, message: `\`${own.place}\`` });
      return [
        {
          at: one.rdma.at,
          message: `\`${endpointName(one.endpoint)}\` sends RoCE without a tag, and without one \`${bad.place}\` has it in priority ${defaultPriority(bad)}.`,
          remedy:
            'Move its addresses to `vlans`, with a VLAN that the port carries with tags; or write `dscp` here and `trust: dscp` at the port.',
          related,
          restsOn: [pfc.at],
        },
      ];
    }),
};

/** A port group that says no VLAN. */
const isUnsaid = ({ endpoint }: RdmaEndpoint): boolean =>
  endpoint.kind === 'virtual-nic' && endpoint.virtualNic!.vlan === undefined && endpoint.portGroup?.vlan === undefined;

const isMarkedByDscp = ({ rdma, endpoint }: RdmaEndpoint): boolean =>
  rdma.kind === 'roce-v2' && (rdma.dscp !== undefined || endpoint.machine.policies.some(({ dscp }) => dscp !== undefined));

const defaultPriority = ({ port }: LosslessPort): number => (port.kind === 'switch' ? port.port.priority : 0);

const isLossyUntagged = (port: LosslessPort, pfc: readonly number[] | undefined): boolean =>
  pfc !== undefined &&
  pfc.length > 0 &&
  !pfc.includes(defaultPriority(port)) &&
  (port.dcb.trust === undefined || port.dcb.trust.value === 'pcp');
