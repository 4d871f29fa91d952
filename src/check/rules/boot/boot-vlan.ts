/** The frames of a boot agent are of a VLAN that its switch carries. */
import { NOT_MEMBER } from '../../../link/port-vlans.ts';
import { vlansOf, vlansPlace, vlansRestOn } from '../../bridge-ports.ts';
import { placeOf } from '../../network.ts';
import type { Rule } from '../../rule.ts';
import { LOWE_BLOG } from '../../sources.ts';
import { bootExample } from './examples.ts';
import { bootingOf, bootUplinks, bootVlanAt } from './booting.ts';

const example = (port: string): string => bootExample('protocol: pxe, vlan: 20', { port });

export const bootVlan: Rule = {
  id: 'SW-1199',
  name: 'boot-vlan',
  severity: 'error',
  title: 'A boot agent sends frames that its switch drops',
  meaning:
    'The agent knows nothing of the VLANs of the operating system: it sends without a tag, or with the one that is set in it, and the port of the switch has to carry that.',
  remedy: 'Write the `vlan` of the agent that the port carries with tags, or let the port carry the VLAN without tags.',
  ignored: 'The operating system works on the same cable; the machine never boots: "PXE-E51: No DHCP or proxyDHCP offers were received".',
  source: ['IEEE 802.1Q', LOWE_BLOG],
  examples: { fail: example('vlan: 20'), pass: example('tagged: [20]') },
  check: (fabric) =>
    bootingOf(fabric)
      .filter(({ boot }) => boot.protocol !== 'fcoe' || boot.vlan !== undefined)
      .flatMap((booting) =>
        bootUplinks(fabric, booting)
          .filter((uplink) => bootVlanAt(uplink, booting.boot) === 0)
          .map(({ at: end }) => {
            const { boot, place } = booting;
            const related = [{ at: vlansPlace(end), message: `what \`${placeOf(end)}\` carries` }];
            const restsOn = [...vlansRestOn(end), [...boot.at, 'vlan']];
            if (boot.vlan === undefined)
              return {
                at: boot.at,
                message: `\`${place}\` boots without a tag, and \`${placeOf(end)}\` carries nothing without one.`,
                remedy: 'Write the `vlan` of the agent, or give the port of the switch a `native` or `untagged` VLAN.',
                related,
                restsOn,
              };
            const how = vlansOf(end).members[boot.vlan] === NOT_MEMBER ? 'does not carry it' : 'carries it without tags';
            return {
              at: [...boot.at, 'vlan'],
              message: `\`${place}\` boots in VLAN ${boot.vlan} with tags, and \`${placeOf(end)}\` ${how}.`,
              remedy: how === 'does not carry it' ? `Add ${boot.vlan} to \`trunk\` or \`tagged\` there.` : 'Take `vlan` out of `boot`.',
              related,
              restsOn,
            };
          }),
      ),
};
