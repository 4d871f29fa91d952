/** DCBX rides in LLDP. */
import { bothWays, exchangeOf, losslessLinks, withoutLldp } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { DCBX } from './words.ts';

const example = (lldp: boolean): string =>
  linkExample({
    nic: 'dcb: { dcbx: ieee, willing: true }',
    tor: `lldp: ${lldp}`,
    port: 'vlan: 10, dcb: { dcbx: ieee, willing: false, pfc: [3] }',
  });

export const dcbxWithoutLldp: Rule = {
  id: 'SW-1131',
  name: 'dcbx-without-lldp',
  severity: 'error',
  title: 'DCBX is wanted at a switch that does not speak LLDP',
  meaning: 'DCBX is a part of LLDP messages: without them none of it is sent or heard.',
  remedy: 'Write `lldp: true` at the switch.',
  ignored: 'Adapters that wait for settings never get any, and PFC stays off on all of them.',
  source: [DCBX, 'IEEE 802.1AB', 'Junos OS, Understanding DCBX'],
  examples: { fail: example(false), pass: example(true) },
  check: (fabric) =>
    losslessLinks(fabric).flatMap((link) =>
      exchangeOf(link) !== 'no-lldp'
        ? []
        : bothWays(link).flatMap(([one, other]): Finding[] => {
            const { port } = one;
            if (port.kind !== 'switch' || !withoutLldp(one)) return [];
            const wanted = other.dcb.willing ?? other.dcb.dcbx ?? one.dcb.dcbx ?? one.dcb.willing;
            const lldp = [...port.one.at, 'lldp'];
            return [
              {
                at: lldp,
                message: `\`${other.place}\` and \`${one.place}\` exchange settings by DCBX, and \`${port.node}\` does not speak LLDP.`,
                remedy: 'Write `lldp: true`. In Onyx: `lldp`.',
                related: wanted === undefined ? [] : [{ at: wanted.at, message: `DCBX of \`${other.place}\`` }],
                cause: lldp,
                restsOn: wanted === undefined ? [] : [wanted.at],
              },
            ];
          }),
    ),
};
