/** The priority that RoCE is sent in is one without loss: what the adapter, a policy or the egress map of a VLAN says is followed to PFC. */
import type { Fabric } from '../../../fabric/model.ts';
import { pfcOf, prioritiesText } from '../../lossless.ts';
import { machinePortsOf } from '../../network.ts';
import { endpointName, lossyAt, marksOf, roceEndpointsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { roceExample } from './examples.ts';
import { PFC, pfcCommand } from './words.ts';

const example = (priority: number): string => roceExample(`priority: ${priority}`, 'dcb: { pfc: [3] }');

export const rocePriority: Rule = {
  id: 'SW-1134',
  name: 'roce-priority',
  severity: 'error',
  title: 'RoCE or FCoE is sent in a priority that may be dropped',
  meaning:
    'PFC is on, for another priority. The adapter, a policy of the system or the map of a VLAN interface marks what must not be lost with one that no port keeps from loss.',
  remedy: 'Send it in a priority that adapter and switch have under `pfc`, or add that priority there.',
  ignored: 'All counters of PFC stay at zero; under load RoCE loses packets and goes back to the start of each message.',
  source: [PFC, DEMARTEK_GUIDE, 'Validate-DCB of Microsoft'],
  examples: { fail: example(5), pass: example(3) },
  check: (fabric) => {
    const told = new Set<string>();
    const roce = roceEndpointsOf(fabric).flatMap((one) =>
      marksOf(one).flatMap(({ at, priority, by }): Finding[] => {
        const lossy = lossyAt(fabric, one.nic, priority);
        if (lossy === undefined) return [];
        // Several VLANs, and several ports, may have theirs from one place.
        const key = JSON.stringify([at, lossy.at]);
        if (told.has(key)) return [];
        told.add(key);
        const kept = pfcOf(fabric, lossy.port)!.value;
        return [
          {
            at,
            message: `\`${endpointName(one.endpoint)}\` puts RoCE in priority ${priority} (${by}), and \`${lossy.port.place}\` has it lossy.`,
            remedy: `Write priority ${kept[0]!} here, or \`pfc: [${[...kept, priority].toSorted().join(', ')}]\` at \`${lossy.port.place}\` and at the other end.${pfcCommand(lossy.port, [...kept, priority].toSorted())}`,
            related: [{ at: lossy.at, message: `\`${lossy.port.place}\` keeps ${prioritiesText(kept)} from loss` }],
            restsOn: [lossy.at],
          },
        ];
      }),
    );
    return [...roce, ...fcoe(fabric)];
  },
};

const fcoe = (fabric: Fabric): Finding[] =>
  machinePortsOf(fabric).flatMap(({ node, nic }): Finding[] => {
    const lossy = nic.fcoe === undefined ? undefined : lossyAt(fabric, nic, nic.fcoe.priority);
    if (nic.fcoe === undefined || lossy === undefined) return [];
    const kept = pfcOf(fabric, lossy.port)!.value;
    return [
      {
        at: [...nic.fcoe.at, 'priority'],
        message: `\`${node}:${nic.name}\` sends FCoE in priority ${nic.fcoe.priority}, and \`${lossy.port.place}\` has it lossy.`,
        remedy: `Write priority ${kept[0]!} here, or \`pfc: [${[...kept, nic.fcoe.priority].toSorted().join(', ')}]\` at \`${lossy.port.place}\` and at the other end.`,
        related: [{ at: lossy.at, message: `\`${lossy.port.place}\` keeps ${prioritiesText(kept)} from loss` }],
        restsOn: [lossy.at],
      },
    ];
  });
