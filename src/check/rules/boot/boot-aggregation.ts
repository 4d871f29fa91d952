/** Boot agents do not speak LACP. */
import type { Rule } from '../../rule.ts';
import { aggregationAt } from '../../bridge-ports.ts';
import { placeOf } from '../../network.ts';
import { fabricExample } from '../../example.ts';
import { bootingOf, bootUplinks } from './booting.ts';

const example = (mode: string): string =>
  fabricExample(`hosts:
  esx1:
    os: linux
    nics:
      p1: { boot: { protocol: pxe } }
      p2: {}
    teams:
      bond0: { nics: [p1, p2], mode: ${mode}, addresses: [192.0.2.11/24] }
switches:
  tor1:
    aggregations: { 1: { ports: [1, 2], mode: ${mode} } }
    ports: { 1-2: {} }
links:
  - [esx1:p1, tor1:1]
  - [esx1:p2, tor1:2]`);

export const bootAggregation: Rule = {
  id: 'SW-1202',
  name: 'boot-aggregation',
  severity: 'warning',
  title: 'A port boots from the network over an aggregation with LACP',
  meaning:
    'Until the operating system runs nobody answers the LACP of the switch, and many switches keep such ports out of service. It works where the switch lets one port of the aggregation work by itself.',
  remedy:
    'Set the fallback of the switch (NX-OS: `no lacp suspend-individual`; EOS and OS10: `lacp fallback`), write `mode: static`, or boot over a port outside of the aggregation.',
  ignored: 'The machine boots as long as it is new, and never again after its ports were made an aggregation.',
  source: ['IEEE 802.1AX §6.4', 'Dell OS10 User Guide, LACP fallback', 'RUCKUS FastIron Layer 2 guide, PXE boot support'],
  examples: { fail: example('lacp'), pass: example('static') },
  check: (fabric) =>
    bootingOf(fabric).flatMap((booting) =>
      bootUplinks(fabric, booting).flatMap(({ at: end }) => {
        const group = aggregationAt(end);
        if (group?.mode !== 'lacp') return [];
        return [
          {
            at: booting.boot.at,
            message: `\`${booting.place}\` boots over \`${placeOf(end)}\`, a port of aggregation \`${group.name}\` with LACP.`,
            remedy: 'Make sure that the switch lets a port without an LACP partner work by itself, or write `mode: static` at both ends.',
            related: [{ at: group.at, message: `aggregation \`${group.name}\` of \`${end.node}\`` }],
            restsOn: [[...group.at, 'mode']],
          },
        ];
      }),
    ),
};
