/** A packet of RoCE fits into a frame with all its headers. */
import { isIpv4 } from '../../../wire/ip/address.ts';
import { endpointName, type RdmaEndpoint, roceByNic } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { pairExample } from './examples.ts';

const one = (mtu: number): string => `mtu: ${mtu}, rdma: { kind: roce-v2, mtu: 4096 }`;
const example = (mtu: number): string => pairExample(one(mtu), one(mtu));

export const rdmaMtu: Rule = {
  id: 'SW-1152',
  name: 'rdma-mtu',
  severity: 'error',
  title: 'Packets of RoCE are larger than the MTU of their interface',
  meaning:
    'The path MTU of RoCE is payload alone: 256 to 4096. Headers come on top, and all of it has to fit into the MTU of the interface, or the adapter takes a smaller path MTU or none.',
  remedy: 'Write a smaller `mtu` under `rdma`, or a larger one at the interface and on the whole way.',
  ignored: 'Connections come up with half the packet size and less throughput; with fixed sizes the first large transfer hangs.',
  source: ['IBTA Architecture Specification 1.4 §9, RoCE (Annex A16) and RoCE v2 (Annex A17)', DEMARTEK_GUIDE],
  examples: { fail: example(4096), pass: example(4200) },
  check: (fabric) =>
    [...roceByNic(fabric)].flatMap(([nic, endpoints]): Finding[] => {
      const mtuBytes = nic.rdma!.mtuBytes;
      if (mtuBytes === undefined) return [];
      const best = widest(endpoints);
      const headers = headersOf(best);
      const needed = mtuBytes + headers.reduce((sum, [bytes]) => sum + bytes, 0);
      if (needed <= best.endpoint.mtuBytes) return [];
      const fits = [4096, 2048, 1024, 512, 256].find((size) => size + needed - mtuBytes <= best.endpoint.mtuBytes);
      return [
        {
          at: [...nic.rdma!.at, 'mtu'],
          message: `RoCE of \`${endpointName(best.endpoint)}\` sends ${mtuBytes} bytes in a packet, ${needed} with ${headers.map(([bytes, name]) => `${name} (${bytes})`).join(', ')}, and its MTU is ${best.endpoint.mtuBytes}.`,
          remedy: `${fits === undefined ? 'Leave it out' : `Write \`mtu: ${fits}\``}, or an MTU of ${needed} or more at the interface and on the whole way.`,
          related: [{ at: [...best.endpoint.at, 'mtu'], message: `\`${endpointName(best.endpoint)}\`` }],
          restsOn: [nic.at, [...best.endpoint.machine.at, 'teams'], [...best.endpoint.machine.at, 'virtualNics']],
        },
      ];
    }),
};

/** The size is the port's, whichever VLAN a connection is in; those with less agree on less. */
const widest = (endpoints: readonly RdmaEndpoint[]): RdmaEndpoint =>
  endpoints.reduce((most, one) => (one.endpoint.mtuBytes > most.endpoint.mtuBytes ? one : most));

/** In front of and behind the payload of the first packet of an RDMA write, the longest of a full one. */
function headersOf({ endpoint, rdma }: RdmaEndpoint): (readonly [number, string])[] {
  const transport = [
    [12, 'BTH'],
    [16, 'RETH'],
    [4, 'ICRC'],
  ] as const;
  if (rdma.kind === 'roce-v1') return [[40, 'GRH'], ...transport];
  const ipv4 = endpoint.on.dhcp || endpoint.on.addresses.some(({ address }) => isIpv4(address));
  return [ipv4 ? [20, 'IPv4'] : [40, 'IPv6'], [8, 'UDP'], ...transport];
}
