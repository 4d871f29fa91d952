/** IP addresses of interfaces, with the length of their network: `192.0.2.11/24`, `2001:db8::11/64`. */
import { type IpAddress, isAny, isLoopback, isMulticast, parseAddress } from '../../wire/ip/address.ts';
import { mistake, type Parsed } from '../parsed.ts';

export interface IpPrefix {
  readonly address: IpAddress;
  readonly bits: number;
}

const split = (written: string): { readonly text: string; readonly bits: number | undefined } => {
  const slash = written.lastIndexOf('/');
  const bits = slash === -1 ? undefined : written.slice(slash + 1);
  return {
    text: slash === -1 ? written : written.slice(0, slash),
    bits: bits !== undefined && /^\d{1,3}$/.test(bits) ? Number(bits) : undefined,
  };
};

/** An address that an interface can have. */
export function parseInterfaceAddress(written: string): Parsed<IpPrefix> {
  const { text, bits } = split(written.trim());
  const parsed = parseAddress(text);
  if (parsed === undefined)
    return mistake(
      `\`${written.slice(0, 60)}\` is no address.`,
      'Write an address with the length of its network, such as `192.0.2.11/24`.',
    );
  const most = parsed.length * 8;
  if (bits === undefined || bits < 1 || bits > most)
    return mistake(
      `\`${written.slice(0, 60)}\` does not say how long its network's prefix is.`,
      `Write \`${text}/${most === 32 ? 24 : 64}\`, or another length from 1 to ${most}.`,
    );
  if (isAny(parsed) || isMulticast(parsed) || isLoopback(parsed))
    return mistake(`\`${text}\` can't be the address of an interface.`, 'Write a unicast address such as `192.0.2.11/24`.');
  return { value: { address: parsed, bits } };
}

/** Where a route leads: `0.0.0.0/0`, `default` for both families' all is not said here. */
export function parseNetwork(written: string): Parsed<IpPrefix> {
  const { text, bits } = split(written.trim());
  const parsed = parseAddress(text);
  if (parsed === undefined || bits === undefined || bits > parsed.length * 8)
    return mistake(`\`${written.slice(0, 60)}\` is no network.`, 'Write an address and a length, such as `198.51.100.0/24` or `::/0`.');
  return { value: { address: parsed, bits } };
}

export function parseUnicast(written: string): Parsed<IpAddress> {
  const parsed = parseAddress(written.trim());
  if (parsed === undefined || isAny(parsed) || isMulticast(parsed))
    return mistake(
      `\`${written.slice(0, 60)}\` is not the address of a machine.`,
      'Write an address such as `192.0.2.1` or `2001:db8::1`.',
    );
  return { value: parsed };
}
