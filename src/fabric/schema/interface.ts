/** IP on an interface: its addresses, where they come from, and what it gives out to others. */
import { z } from 'zod';
import { parseInterfaceAddress, parseUnicast } from '../network/ip-prefix.ts';
import { isMistake, mistake, type Parsed } from '../parsed.ts';
import { duration } from './session.ts';
import { mapping, named, text, yesNo } from './words.ts';

const addressNoun = 'an address with the length of its network, such as `192.0.2.11/24`';

const parseIpv4 = (written: string): Parsed<unknown> => {
  const parsed = parseUnicast(written);
  return !isMistake(parsed) && parsed.value.length !== 4
    ? mistake(`\`${written.slice(0, 60)}\` is not an IPv4 address.`, 'DHCP here is for IPv4: write an address such as `192.0.2.100`.')
    : parsed;
};
const ipv4 = () => text('an IPv4 address', parseIpv4);

/** RFC 4862 §5.5.3: stations make addresses of prefixes of 64 bits. */
const parseStationPrefix = (written: string): Parsed<unknown> => {
  const parsed = parseInterfaceAddress(written);
  if (!isMistake(parsed) && (parsed.value.address.length !== 16 || parsed.value.bits !== 64))
    return mistake(`\`${written.slice(0, 60)}\` is no prefix for addresses.`, 'Write an IPv6 prefix of 64 bits, such as `2001:db8::/64`.');
  return parsed;
};

const dhcpServerSchema = mapping('a mapping with `first` and `last`', {
  first: ipv4().meta({ description: 'First address to give out.', examples: ['192.0.2.100'] }),
  last: ipv4().meta({ description: 'Last address to give out.', examples: ['192.0.2.199'] }),
  lease: duration()
    .default('1h')
    .meta({ description: 'How long an address is lent.', examples: ['1h'] }),
  router: ipv4().optional().meta({ description: 'Router told to clients (option 3).' }),
  reservations: named('a mapping from MAC address to address', ipv4())
    .default({})
    .meta({ description: 'Addresses kept for stations, by MAC address.', examples: [{ '02:00:00:00:00:01': '192.0.2.21' }] }),
});

export const interfaceShape = {
  addresses: z
    .array(text(addressNoun, parseInterfaceAddress), { error: 'a list of addresses such as `- 192.0.2.11/24`' })
    .default([])
    .meta({ description: 'IP addresses, with the length of their network.', examples: [['192.0.2.11/24', '2001:db8::11/64']] }),
  dhcp: yesNo().default(false).meta({ description: 'Asks for an IPv4 address (DHCP, RFC 2131).' }),
  autoconfigure: yesNo().default(false).meta({ description: 'Takes IPv6 addresses and routers from router advertisements (RFC 4862).' }),
  dhcpServer: dhcpServerSchema.optional().meta({ description: 'Gives IPv4 addresses to others (RFC 2131).' }),
  advertise: z
    .array(text('a prefix such as `2001:db8::/64`', parseStationPrefix), { error: 'a list of prefixes such as `- 2001:db8::/64`' })
    .min(1, { error: 'a list with at least one prefix' })
    .optional()
    .meta({ description: 'IPv6 prefixes advertised for others to make addresses of (RFC 4861 §6.2).', examples: [['2001:db8::/64']] }),
};

export type DhcpServerDeclaration = z.output<typeof dhcpServerSchema>;
export type InterfaceDeclaration = z.output<z.ZodObject<typeof interfaceShape>>;
