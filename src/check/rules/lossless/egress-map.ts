/** The map of a VLAN interface has a priority for every socket. */
import { listText, losslessPortOf, pfcOf, oncePerPlace } from '../../lossless.ts';
import { endpointName, roceEndpointsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { fabricExample } from '../../example.ts';

const all = Array.from({ length: 16 }, (_, socket) => `${socket}: 3`).join(', ');
const example = (map: string): string =>
  fabricExample(
    `hosts:\n  esx1:\n    os: linux\n    nics:\n      nic0:\n        rdma: roce-v2\n        dcb: { pfc: [3] }\n        vlans:\n          2: { addresses: [192.0.2.11/24], egress: { ${map} } }\nswitches:\n  tor1:\n    ports:\n      1: { trunk: [2], native: none, dcb: { pfc: [3] } }\nlinks:\n  - [esx1:nic0, tor1:1]`,
  );

const SOCKET_PRIORITIES = Array.from({ length: 16 }, (_, socket) => socket);

export const egressMap: Rule = {
  id: 'SW-1135',
  name: 'egress-map',
  severity: 'warning',
  title: 'The egress map of a VLAN with RoCE leaves socket priorities out, or leads some into a lossy priority',
  meaning:
    'What the map does not name is sent in priority 0. Which socket priority RoCE has depends on its type of service, and programs set that as they like.',
  remedy: 'Map all socket priorities from 0 to 15 to the priority without loss.',
  ignored: 'One program works well and the next one, with another type of service, does not.',
  source: [DEMARTEK_GUIDE, 'ip-link(8): egress-qos-map'],
  examples: { fail: example('0: 3'), pass: example(all) },
  check: (fabric) =>
    oncePerPlace(
      roceEndpointsOf(fabric).flatMap(({ endpoint, nic }): Finding[] => {
        const map = endpoint.on.egress;
        const port = losslessPortOf(fabric, nic);
        const pfc = port === undefined ? undefined : pfcOf(fabric, port);
        if (map === undefined || pfc === undefined || pfc.value.length === 0) return [];
        const lossless = new Set(map.entries.filter(({ to }) => pfc.value.includes(to)).map(({ from }) => from));
        const missing = SOCKET_PRIORITIES.filter((socket) => !lossless.has(socket));
        // A map that leads nowhere without loss is another rule's business.
        if (lossless.size === 0 || missing.length === 0) return [];
        const priority = pfc.value[0]!;
        const device = `${nic.device ?? nic.name}.${endpoint.vlan ?? ''}`;
        return [
          {
            at: map.at,
            message: `\`${endpointName(endpoint)}\` leads socket ${missing.length === 1 ? 'priority' : 'priorities'} ${listText(missing.map(String))} into no priority without loss.`,
            remedy: `Map 0 to 15 to ${priority}. On Linux: \`ip link set ${device} type vlan egress ${missing[0]!}:${priority}\`, and so on.`,
            related: [{ at: pfc.at, message: 'PFC' }],
            restsOn: [pfc.at],
          },
        ];
      }),
    ),
};
