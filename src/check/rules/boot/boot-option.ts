/** DHCP options have other meanings in IPv4 and IPv6. */
import type { Rule } from '../../rule.ts';
import { bootExample } from './examples.ts';
import { bootingOf } from './booting.ts';

/** Root path and vendor-specific information (RFC 2132); vendor class and vendor-specific information (RFC 8415). */
const OPTIONS = { 4: [17, 43], 6: [16, 17] } as const;

const example = (option: number): string =>
  bootExample(`protocol: iscsi, targetFromDhcp: true, dhcpOption: ${option}, vendorId: QLGC ISAN`);

export const bootOption: Rule = {
  id: 'SW-1195',
  name: 'boot-option',
  severity: 'error',
  title: 'A boot agent expects its target in a DHCP option of the other version of IP',
  meaning:
    'DHCP for IPv4 tells the target in option 17 (root path) or 43 (vendor); DHCPv6 in option 17 (vendor), with option 16 (vendor class) beside it. The numbers mean other things in the other version.',
  remedy: 'Write 17 or 43 with IPv4, 16 or 17 with IPv6.',
  ignored: 'The agent gets an address and no target, and the machine boots from the next device.',
  source: [
    'RFC 4173',
    'RFC 2132 §3.19 and §8.4',
    'RFC 8415 §21.16 and §21.17',
    'QLogic BCM57xx and BCM57xxx User’s Guide BC0054508-00, DHCP iSCSI Boot Configuration',
  ],
  examples: { fail: example(16), pass: example(43) },
  check: (fabric) =>
    bootingOf(fabric).flatMap(({ boot, place }) => {
      const { dhcpOption, ipVersion, at } = boot;
      const options: readonly number[] = OPTIONS[ipVersion];
      if (dhcpOption === undefined || options.includes(dhcpOption)) return [];
      return [
        {
          at: [...at, 'dhcpOption'],
          message: `\`${place}\` boots over IPv${ipVersion} and looks for its target in option ${dhcpOption}, which tells it only in IPv${ipVersion === 4 ? 6 : 4}.`,
          remedy: `Write ${options.join(' or ')}, or \`ipVersion: ${ipVersion === 4 ? 6 : 4}\`.`,
          restsOn: [[...at, 'ipVersion']],
        },
      ];
    }),
};
