/** RoCE needs PFC, or congestion control. */
import { losslessPortOf, pfcOf } from '../../lossless.ts';
import { endpointName, roceByNic, switchPortsOf } from '../../rdma.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { roceExample } from './examples.ts';
import { PFC } from './words.ts';

const example = (ecn: boolean): string =>
  roceExample(`ecn: ${ecn}`, 'flowControl: none, dcb: { pfc: false }', { port: 'flowControl: none, dcb: { pfc: false }' });

export const roceUnprotected: Rule = {
  id: 'SW-1146',
  name: 'roce-unprotected',
  severity: 'warning',
  title: 'RoCE has neither PFC nor congestion control',
  meaning:
    'RoCE has no window that shrinks when packets are lost. PFC keeps them from loss, ECN with congestion notices slows senders down; here is neither.',
  remedy: 'Turn PFC on for the priority of RoCE, or `ecn: true` at the adapters and marks at the switches.',
  ignored: 'Fast while one machine talks to one; with two that talk to one, throughput falls to a tenth.',
  source: [PFC, DEMARTEK_GUIDE, 'IBTA RoCE v2 (Annex A17)'],
  examples: { fail: example(false), pass: example(true) },
  check: (fabric) =>
    [...roceByNic(fabric)].flatMap(([nic, [one]]): Finding[] => {
      const { endpoint, rdma } = one!;
      const own = losslessPortOf(fabric, nic);
      const pfc = own === undefined ? undefined : pfcOf(fabric, own);
      const isWithoutControl = rdma.ecn === false || rdma.kind === 'roce-v1';
      if (pfc === undefined || pfc.value.length > 0 || !isWithoutControl) return [];
      const ports = switchPortsOf(fabric, endpoint);
      if (ports.length === 0 || ports.some((port) => (pfcOf(fabric, port)?.value.length ?? 1) > 0)) return [];
      // Pause frames for everything keep it from loss too, and many ports have them where nothing is said.
      const unpaused =
        nic.flowControl?.value === 'none' ? nic.flowControl : ports.find(({ flowControl }) => flowControl?.value === 'none')?.flowControl;
      if (unpaused === undefined) return [];
      return [
        {
          at: pfc.at,
          message: `\`${endpointName(endpoint)}\` does RoCE without pauses, with PFC off at \`${own!.place}\` and \`${ports[0]!.place}\`, and without congestion control.`,
          remedy: 'Turn PFC on for its priority at both ends; or RoCE v2 with `ecn: true` and marks at the switches.',
          related: [
            { at: rdma.at, message: 'RoCE' },
            { at: pfcOf(fabric, ports[0]!)!.at, message: `\`${ports[0]!.place}\`` },
          ],
          restsOn: [rdma.at, unpaused.at],
        },
      ];
    }),
};
