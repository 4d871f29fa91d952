/** An adapter and its switch have RoCE in one priority. */
import { losslessPortOf, oncePerPlace } from '../../lossless.ts';
import { endpointName, lossyAt, marksOf, roceEndpointsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { uplinksByNic } from '../../segments.ts';
import { roceExample } from './examples.ts';
import { DCBX } from './words.ts';

const example = (priority: number): string =>
  roceExample(`priority: ${priority}`, 'dcb: { pfc: [3, 5] }', {
    port: 'dcb: { pfc: [3, 5], applications: [{ protocol: roce-v2, priority: 5 }] }',
  });

export const applicationDiffers: Rule = {
  id: 'SW-1133',
  name: 'application-differs',
  severity: 'warning',
  title: 'A machine sends RoCE in another priority than its switch tells by DCBX',
  meaning: 'Machines that are willing and machines that are not send the same traffic in two priorities, with two queues and two shares.',
  remedy: 'Write the same priority in `rdma` or the policies of the machine and in the `applications` of the switch.',
  ignored: 'Two equal machines have different throughput, and a change of the share of RoCE reaches only some.',
  source: [`${DCBX}: application priority`],
  examples: { fail: example(3), pass: example(5) },
  check: (fabric) =>
    oncePerPlace(
      roceEndpointsOf(fabric).flatMap((one): Finding[] => {
        const mark = marksOf(one)[0];
        // Where it may be dropped there, another rule says so.
        if (mark === undefined || lossyAt(fabric, one.nic, mark.priority) !== undefined) return [];
        const names = one.rdma.kind === 'roce-v1' ? ['roce-v1', 'ethertype:0x8915'] : ['roce-v2', 'udp:4791', 'port:4791'];
        for (const { at } of uplinksByNic(fabric).get(one.nic) ?? []) {
          const port = losslessPortOf(fabric, at.port);
          const told = port?.dcb.applications?.value.find(({ protocol }) => names.includes(protocol));
          if (port === undefined || told === undefined || told.priority === mark.priority) continue;
          return [
            {
              at: mark.at,
              message: `\`${endpointName(one.endpoint)}\` sends RoCE in priority ${mark.priority} (${mark.by}), and \`${port.place}\` tells priority ${told.priority}.`,
              remedy: `Write priority ${told.priority} here, or ${mark.priority} at \`${at.node}\`.`,
              related: [{ at: [...told.at, 'priority'], message: `\`${port.place}\`` }],
              cause: told.at,
              restsOn: [told.at],
            },
          ];
        }
        return [];
      }),
    ),
};
