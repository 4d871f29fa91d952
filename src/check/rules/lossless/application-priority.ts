/** What DCBX tells of applications without loss leads into a priority without loss. */
import { distinct, losslessPortsOf, pfcOf, prioritiesText } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { DCBX, pfcCommand } from './words.ts';

const example = (priority: number): string =>
  linkExample({
    nic: 'dcb: { dcbx: ieee, willing: true }',
    port: `vlan: 10, dcb: { dcbx: ieee, willing: false, pfc: [3], applications: [{ protocol: roce-v2, priority: ${priority} }] }`,
  });

export const applicationPriority: Rule = {
  id: 'SW-1132',
  name: 'application-priority',
  severity: 'error',
  title: 'A port tells adapters by DCBX to send RoCE or FCoE in a priority that may be dropped',
  meaning: 'Adapters that are willing send the application in that priority, and nothing keeps it from loss.',
  remedy: 'Write a priority of `pfc` in the application entry.',
  ignored: 'PFC is on and idle, while RoCE is dropped in another queue.',
  source: [`${DCBX}: application priority`],
  examples: { fail: example(4), pass: example(3) },
  check: (fabric) =>
    distinct(losslessPortsOf(fabric), (port) => [port.dcb.applications, pfcOf(fabric, port)]).flatMap((one): Finding[] => {
      const pfc = pfcOf(fabric, one);
      const { applications } = one.dcb;
      if (applications === undefined || pfc === undefined || pfc.value.length === 0) return [];
      return applications.value.flatMap(({ at, protocol, priority }): Finding[] => {
        const name = LOSSLESS[protocol];
        if (name === undefined || pfc.value.includes(priority)) return [];
        return [
          {
            at: [...at, 'priority'],
            message: `\`${one.place}\` puts ${name} in priority ${priority}, and keeps ${prioritiesText(pfc.value)} from loss.`,
            remedy: `Write \`priority: ${pfc.value[0]!}\` here, or add ${priority} to \`pfc\`.${pfcCommand(one, [priority])}`,
            related: [{ at: pfc.at, message: 'PFC' }],
            restsOn: [pfc.at],
          },
        ];
      });
    }),
};

/** IEEE 802.1Q Table D-9; EtherTypes of FCoE and RoCE v1, UDP port of RoCE v2. */
const LOSSLESS: Readonly<Record<string, string>> = {
  fcoe: 'FCoE',
  'ethertype:0x8906': 'FCoE',
  'roce-v1': 'RoCE v1',
  'ethertype:0x8915': 'RoCE v1',
  'roce-v2': 'RoCE v2',
  'udp:4791': 'RoCE v2',
  'port:4791': 'RoCE v2',
};
