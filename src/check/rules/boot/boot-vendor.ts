/** A DHCP server recognises boot agents by their vendor class. */
import type { Rule } from '../../rule.ts';
import { bootExample } from './examples.ts';
import { bootingOf } from './booting.ts';

const example = (vendor: string): string => bootExample(`protocol: iscsi, targetFromDhcp: true, dhcpOption: 43${vendor}`);

export const bootVendor: Rule = {
  id: 'SW-1196',
  name: 'boot-vendor',
  severity: 'warning',
  title: 'A boot agent is told its target by vendor, and the vendor is not said',
  meaning:
    'Vendor options (43 of IPv4, 16 of IPv6) are answered to agents that send the vendor class the server was set up for (option 60). Makers have different ones: `QLGC ISAN`, `BRCM ISAN`.',
  remedy: 'Write `vendorId` as it is set in the agent and at the server.',
  ignored: 'After an update of the firmware, or with a new adapter, the agent sends another class and is told no target.',
  source: ['RFC 2132 §9.13', 'RFC 8415 §21.16', 'QLogic BCM57xx and BCM57xxx User’s Guide BC0054508-00, DHCP iSCSI Boot Configuration'],
  examples: { fail: example(''), pass: example(', vendorId: QLGC ISAN') },
  check: (fabric) =>
    bootingOf(fabric).flatMap(({ boot, place }) => {
      const { dhcpOption, ipVersion, vendorId, at, targetFromDhcp } = boot;
      if (!targetFromDhcp || vendorId !== undefined || dhcpOption !== (ipVersion === 4 ? 43 : 16)) return [];
      return [
        {
          at: [...at, 'vendorId'],
          missingFrom: at,
          message: `\`${place}\` looks for its target in option ${dhcpOption}, and does not say which vendor class it sends.`,
          remedy: 'Add `vendorId`, such as `QLGC ISAN`, and set the DHCP server up for it.',
          restsOn: [[...at, 'vendorId']],
        },
      ];
    }),
};
