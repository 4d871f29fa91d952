/** Both ends of a link speak the same DCBX. */
import { exchangeOf, losslessLinks, whose } from '../../lossless.ts';
import type { Finding, Rule } from '../../rule.ts';
import { linkExample } from './examples.ts';
import { DCBX } from './words.ts';

const example = (version: string): string =>
  linkExample({
    nic: 'dcb: { dcbx: ieee, willing: true }',
    port: `vlan: 10, dcb: { dcbx: ${version}, willing: false, pfc: [3] }`,
  });

export const dcbxVersion: Rule = {
  id: 'SW-1126',
  name: 'dcbx-version',
  severity: 'error',
  title: 'The two ends of a link speak different versions of DCBX',
  meaning:
    'The versions have TLVs of their own in LLDP. Each end sees a neighbour without DCBX, and stays with its own settings or its defaults.',
  remedy: 'Set the same version at both ends, `ieee` where both can; or `auto` at one of them.',
  ignored: 'LLDP shows the neighbour, so the cable is right; PFC of the adapter stays off, and nothing reports an error.',
  source: [DCBX, 'DCB Capability Exchange Protocol Base Specification 1.01 (CEE)', 'lldptool-dcbx(8)'],
  examples: { fail: example('cee'), pass: example('ieee') },
  check: (fabric) =>
    losslessLinks(fabric).flatMap((link): Finding[] => {
      if (exchangeOf(link) !== 'versions') return [];
      const [one, other] = link.ends;
      const [here, there] = [one.dcb.dcbx!, other.dcb.dcbx!];
      return [
        {
          at: here.at,
          message: `\`${one.place}\` speaks DCBX of ${NAMES[here.value]}, and \`${other.place}\` of ${NAMES[there.value]}.`,
          remedy: `Write \`dcbx: ${there.value}\` here, or \`dcbx: ${here.value}\` at \`${whose(other, there)}\`.`,
          related: [{ at: there.at, message: `\`${other.place}\`` }],
          cause: there.at,
          restsOn: [there.at],
        },
      ];
    }),
};

const NAMES = { none: 'none', cin: 'Cisco, Intel and Nuova (CIN)', cee: 'CEE', ieee: 'IEEE 802.1Qaz', auto: 'any version' } as const;
