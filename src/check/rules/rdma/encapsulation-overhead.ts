/** What adapters keep for encapsulation is carried, and alike on a machine. */
import { uplinksOf } from '../../network.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from '../lossless/examples.ts';

const example = (mtu: number): string => linkExample({ nic: 'mtu: 1500, encapsulationOverhead: 160', tor: `mtu: ${mtu}` });

export const encapsulationOverhead: Rule = {
  id: 'SW-1168',
  name: 'encapsulation-overhead',
  severity: 'error',
  title: 'A switch port carries less than the MTU of an adapter with what it keeps for encapsulation',
  meaning:
    'VXLAN and NVGRE put headers around whole frames. The adapter sends frames longer by that much, and a switch that is set for the MTU alone drops them.',
  remedy: 'Raise the `mtu` of the switch or the port to that of the adapter and its `encapsulationOverhead`.',
  ignored: 'Small packets of virtual networks pass, large ones do not.',
  source: ['RFC 7348 §4.3', 'Validate-DCB of Microsoft', 'Microsoft, EncapOverhead'],
  examples: { fail: example(1500), pass: example(9216) },
  check: (fabric) =>
    uplinksOf(fabric).flatMap(({ station, at, link }): Finding[] => {
      const { encapsulationOverhead: overhead, mtuBytes } = station.nic;
      if (overhead === undefined || overhead.value === 0) return [];
      const carried = at.port.mtu ?? { at: [...at.one.at, 'mtu'], value: at.one.mtuBytes };
      const least = link.mtuBytes < carried.value ? { at: [...link.at, 'mtu'], value: link.mtuBytes } : carried;
      // What does not fit without encapsulation is another rule's business.
      if (mtuBytes > least.value || mtuBytes + overhead.value <= least.value) return [];
      return [
        {
          at: overhead.at,
          message: `\`${station.node}:${station.nic.name}\` sends ${mtuBytes} bytes and ${overhead.value} of encapsulation, and \`${at.node}:${at.port.name}\` carries ${least.value}.`,
          remedy: `Write \`mtu: ${mtuBytes + overhead.value}\` or more there.`,
          related: [
            { at: least.at, message: `\`${at.node}\`` },
            { at: [...station.nic.at, 'mtu'], message: `\`${station.nic.name}\`` },
          ],
          cause: least.at,
          restsOn: [least.at, [...station.nic.at, 'mtu'], [...link.at, 'mtu'], [...at.one.at, 'mtu'], [...at.port.at, 'mtu']],
        },
      ];
    }),
};
