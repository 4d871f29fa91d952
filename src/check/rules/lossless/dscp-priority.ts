/** The DSCP of RoCE leads to a priority without loss at every port that goes by it. */
import type { Dcb } from '../../../fabric/lossless/model.ts';
import { losslessPortOf, type LosslessPort, pfcOf, prioritiesText } from '../../lossless.ts';
import { endpointName, roceByNic, switchPortsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { roceExample } from './examples.ts';
import { PFC } from './words.ts';

const example = (dscp: number): string =>
  roceExample(`dscp: ${dscp}`, 'dcb: { trust: dscp, pfc: [3], dscp: { 26: 3 } }', {
    port: 'dcb: { trust: dscp, pfc: [3], dscp: { 26: 3 } }',
  });

export const dscpPriority: Rule = {
  id: 'SW-1136',
  name: 'dscp-priority',
  severity: 'error',
  title: 'The DSCP of RoCE leads to a priority that may be dropped',
  meaning:
    'A port that trusts the DSCP finds the priority by its map, whatever the tag says. What the map does not list goes by the first three bits of the DSCP, or to priority 0.',
  remedy: 'Add the DSCP of RoCE to the map of each port, with a priority of `pfc`.',
  ignored: 'PFC is on at every port, and RoCE is in the queue beside it.',
  source: [PFC, 'RFC 2474 §4.2.2', 'IBTA RoCE v2 (Annex A17)'],
  examples: { fail: example(10), pass: example(26) },
  check: (fabric) =>
    [...roceByNic(fabric)].flatMap(([nic, [one]]): Finding[] => {
      const { rdma, endpoint } = one!;
      const dscp = rdma.dscp;
      if (dscp === undefined || rdma.kind !== 'roce-v2') return [];
      const own = losslessPortOf(fabric, nic);
      const ports = new Set<LosslessPort>([...(own === undefined ? [] : [own]), ...switchPortsOf(fabric, endpoint)]);
      return [...ports].flatMap((port): Finding[] => {
        const pfc = pfcOf(fabric, port);
        const { trust, dscp: map } = port.dcb;
        if (trust === undefined || trust.value === 'pcp' || map === undefined || pfc === undefined || pfc.value.length === 0) return [];
        const { priority, at } = mapped(map, dscp);
        if (pfc.value.includes(priority)) return [];
        return [
          {
            at: [...rdma.at, 'dscp'],
            message: `\`${endpointName(endpoint)}\` sends RoCE with DSCP ${dscp}, which \`${port.place}\` ${at === undefined ? 'does not map' : `maps to priority ${priority}`}; it keeps ${prioritiesText(pfc.value)} from loss.`,
            remedy: `Write \`${dscp}: ${pfc.value[0]!}\` in the \`dscp\` map of \`${port.place}\`.${port.port.kind === 'machine' && port.port.machine.os === 'linux' ? ` On Linux: \`mlnx_qos -i ${nic.device ?? nic.name} --dscp2prio set,${dscp},${pfc.value[0]!}\`.` : ''}`,
            related: [{ at: at ?? map.at, message: `\`${port.place}\`` }],
            cause: map.at,
            restsOn: [map.at, trust.at, pfc.at],
          },
        ];
      });
    }),
};

/** RFC 2474 §4.2.2.2: the class selector bits are the precedence of old. */
function mapped(map: NonNullable<Dcb['dscp']>, dscp: number) {
  const entry = map.value.find((one) => one.dscp === dscp);
  return { priority: entry?.priority ?? dscp >> 3, at: entry?.at };
}
