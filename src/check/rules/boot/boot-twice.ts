/** Two ports that boot have two addresses. */
import type { Path } from '../../../fabric/problem.ts';
import { addressKey, formatIp } from '../../../wire/ip/address.ts';
import type { Finding, Rule } from '../../rule.ts';
import { machineExample } from '../../example.ts';
import { bootingOf, usesIp } from './booting.ts';

const example = (second: string): string =>
  machineExample(
    `nics:\n  nic0: { boot: { protocol: pxe, dhcp: false, address: 192.0.2.11/24 } }\n  nic1: { boot: { protocol: pxe, dhcp: false, address: ${second}/24 } }`,
  );

export const bootTwice: Rule = {
  id: 'SW-1204',
  name: 'boot-twice',
  severity: 'error',
  title: 'Two boot agents of one machine have the same address',
  meaning:
    'The agent of the second port starts while that of the first still holds its session, and the boot table tells the system of both. Answers then reach now the one port, now the other.',
  remedy: 'Give each agent an address of its own, in a network of its own. The system may go on with it at the same port.',
  ignored: 'The machine boots as long as one path is there; with both it hangs at the second login.',
  source: ['RFC 5227', 'RFC 826'],
  examples: { fail: example('192.0.2.11'), pass: example('192.0.2.12') },
  check(fabric) {
    const agents = new Map<string, { readonly at: Path; readonly place: string }>();
    return bootingOf(fabric).flatMap((booting): Finding[] => {
      const { boot, place, port } = booting;
      if (boot.address === undefined || boot.dhcp || !usesIp(booting)) return [];
      const at = [...boot.at, 'address'];
      // Those of two machines are told of together with all other addresses.
      const key = `${port.node} ${addressKey(boot.address.address)}`;
      const other = agents.get(key);
      if (other === undefined) {
        agents.set(key, { at, place });
        return [];
      }
      return [
        {
          at,
          message: `\`${place}\` boots with ${formatIp(boot.address.address)}, and so does \`${other.place}\`.`,
          remedy: 'Write another address.',
          related: [{ at: other.at, message: `\`${other.place}\`` }],
          restsOn: [[...boot.at, 'dhcp']],
        },
      ];
    });
  },
};
