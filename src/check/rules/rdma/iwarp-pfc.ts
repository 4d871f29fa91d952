/** iWARP runs over TCP, which needs no network without loss. */
import { losslessPortOf, prioritiesText } from '../../lossless.ts';
import { roceMachinesOf } from '../../rdma.ts';
import { machinePortsOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { CHELSIO_GUIDE } from '../../sources.ts';
import { pairExample } from './examples.ts';

const example = (pfc: string): string => pairExample(`rdma: iwarp${pfc}`, 'rdma: iwarp');

export const iwarpPfc: Rule = {
  id: 'SW-1156',
  name: 'iwarp-pfc',
  severity: 'warning',
  title: 'A port that does iWARP and nothing else has PFC on',
  meaning:
    'TCP carries iWARP: it repeats what is lost and slows down by itself. PFC adds what can go wrong, pauses that spread, and saves little.',
  remedy: 'Turn PFC off there, unless something else on the port needs it.',
  ignored: 'Works; a slow receiver then pauses ports of machines that have nothing to do with it.',
  source: [CHELSIO_GUIDE, 'RFC 5040', 'RFC 5044'],
  examples: { fail: example(', dcb: { pfc: [3] }'), pass: example('') },
  check: (fabric) => {
    const withRoce = new Set(roceMachinesOf(fabric).map(({ node }) => node));
    return machinePortsOf(fabric).flatMap(({ node, nic }): Finding[] => {
      const pfc = losslessPortOf(fabric, nic)?.dcb.pfc;
      if (nic.rdma?.kind !== 'iwarp' || nic.fcoe !== undefined || nic.partitions !== undefined || withRoce.has(node)) return [];
      // Set for the whole machine, it is said of other ports too.
      if (pfc === undefined || pfc.value.length === 0 || pfc.at[2] === 'dcb') return [];
      return [
        {
          at: pfc.at,
          message: `\`${node}:${nic.name}\` does iWARP, and keeps ${prioritiesText(pfc.value)} from loss.`,
          remedy: 'Write `pfc: false`, here and at the port of the switch.',
          related: [{ at: nic.rdma.at, message: 'iWARP' }],
          restsOn: [nic.rdma.at, nic.at, [...nic.at, 'fcoe'], [...nic.at, 'partitions'], ['hosts', node]],
        },
      ];
    });
  },
};
