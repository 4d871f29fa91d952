/** RDMA is worth it from 10 Gb/s on. */
import { formatRate } from '../../../fabric/network/rate.ts';
import { adapterPortSpeeds } from '../../../fabric/network/port-speeds.ts';
import { machinePortsOf } from '../../network.ts';
import { uplinksByNic } from '../../segments.ts';
import type { Finding, Rule } from '../../rule.ts';
import { DEMARTEK_GUIDE } from '../../sources.ts';
import { machineExample } from '../../example.ts';

const example = (speed: string): string => machineExample(`nics:\n  nic0: { speed: ${speed}, rdma: roce-v2 }`);
const LEAST = 10e9;

export const rdmaSpeed: Rule = {
  id: 'SW-1157',
  name: 'rdma-speed',
  severity: 'warning',
  title: 'A port with RDMA is slower than 10 Gb/s',
  meaning: 'At 1 Gb/s the wire is the limit, not the processor: RDMA gains nothing, and its flow control is seldom tested there.',
  remedy: 'Use a port of 10 Gb/s or more, or turn RDMA off there.',
  ignored: 'A link that came up at the wrong speed is believed to be a storage link.',
  source: [DEMARTEK_GUIDE, 'Validate-DCB of Microsoft'],
  examples: { fail: example('1G'), pass: example('10G') },
  check: (fabric) =>
    machinePortsOf(fabric).flatMap(({ node, machine, nic }): Finding[] => {
      const ports = (uplinksByNic(fabric).get(nic) ?? []).map(({ at }) => at);
      const slow = ports.find(({ port }) => port.rateBitsPerSecond < LEAST);
      const most = Math.min(adapterPortSpeeds(machine, nic).most, slow?.port.rateBitsPerSecond ?? Number.POSITIVE_INFINITY);
      if (nic.rdma?.enabled !== true || nic.rdma.kind === 'infiniband' || nic.portType === 'infiniband' || most >= LEAST) return [];
      return [
        {
          at: nic.rdma.at,
          message: `\`${node}:${nic.name}\` does RDMA at ${formatRate(most)}.`,
          remedy: 'Write a `speed` of 10G or more, or `enabled: false`.',
          related: [
            ...(nic.rateBitsPerSecond === undefined ? [] : [{ at: [...nic.at, 'speed'], message: `\`${nic.name}\`` }]),
            ...(slow === undefined
              ? []
              : [
                  {
                    at: slow.port.saysRate ? [...slow.port.at, 'speed'] : [...slow.one.at, 'speed'],
                    message: `\`${slow.node}:${slow.port.name}\``,
                  },
                ]),
          ],
          restsOn: [[...nic.at, 'speed'], [...machine.at, 'adapters'], ['switches'], ['links']],
        },
      ];
    }),
};
