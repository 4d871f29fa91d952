/** VXLAN (RFC 7348) as controllers such as NSX declare it: segment pools, transport zones, logical networks. */
import { z } from 'zod';
import { mistake, type Parsed } from '../parsed.ts';
import { parseAddress } from '../../wire/ip/address.ts';
import { choice, mapping, named, text, whole } from './words.ts';

const NETWORK_MAX = 0xff_ffff;
const rangeNoun = 'a range of network identifiers such as `5000-5999`';
export function parseNetworkRange(written: string): Parsed<{ readonly first: number; readonly last: number }> {
  const match = /^(\d{1,8})(?:-(\d{1,8}))?$/.exec(written.trim());
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  return match !== null && first <= last && last <= NETWORK_MAX
    ? { value: { first, last } }
    : mistake(`\`${written.slice(0, 40)}\` is no range of network identifiers.`, `Write ${rangeNoun}.`);
}

const groupsNoun = 'a range of multicast addresses such as `239.1.0.0-239.1.0.255`';
export function parseGroupRange(written: string): Parsed<{ readonly first: Uint8Array; readonly last: Uint8Array }> {
  const [first, last] = written.split('-', 2).map((part) => parseAddress(part.trim()));
  const end = written.includes('-') ? last : first;
  return first !== undefined && end !== undefined && first.length === end.length
    ? { value: { first, last: end } }
    : mistake(`\`${written.slice(0, 60)}\` is no range of addresses.`, `Write ${groupsNoun}.`);
}

const groupNoun = 'a multicast address such as `239.1.0.1`';
const parseGroup = (written: string): Parsed<unknown> =>
  parseAddress(written) === undefined ? mistake(`\`${written.slice(0, 60)}\` is no address.`, `Write ${groupNoun}.`) : { value: written };

export const REPLICATIONS = ['unicast', 'multicast', 'hybrid'] as const;

const zoneSchema = mapping('a mapping with `hosts`', {
  hosts: z
    .array(z.string({ error: 'the name of a host' }), { error: 'a list of hosts' })
    .meta({ description: 'Hosts whose guests can be in its networks.' }),
  replication: choice(REPLICATIONS).default('unicast').meta({
    description: 'How frames to all are sent: to each host, to a multicast group, or to each subnet and from there on by multicast.',
  }),
});

const networkSchema = mapping('a mapping with `segment` and `zone`', {
  segment: whole('a network identifier from 0 to 16777215', 0, NETWORK_MAX).meta({ description: 'VXLAN network identifier (VNI).' }),
  zone: z.string({ error: 'the name of a transport zone' }).meta({ description: 'Its transport zone.' }),
  replication: choice(REPLICATIONS).optional().meta({ description: 'Where it differs from its zone.' }),
  group: text(groupNoun, parseGroup).optional().meta({ description: 'Multicast group of the network.' }),
});

export const vxlanSchema = mapping('a mapping with `segments` and `zones`', {
  segments: z
    .array(text(rangeNoun, parseNetworkRange), { error: 'a list of ranges' })
    .default([])
    .meta({ description: 'Network identifiers to choose from (segment ID pools).', examples: [['5000-5999']] }),
  groups: z
    .array(text(groupsNoun, parseGroupRange), { error: 'a list of ranges' })
    .default([])
    .meta({ description: 'Multicast addresses to choose from.', examples: [['239.1.0.0-239.1.0.255']] }),
  port: whole('a whole number from 1 to 65535', 1, 65_535).default(4789).meta({ description: 'UDP port.' }),
  zones: named('a mapping from transport zone to its settings', zoneSchema).default({}).meta({ description: 'Transport zones by name.' }),
  networks: named('a mapping from logical network to its settings', networkSchema)
    .default({})
    .meta({ description: 'Logical networks (logical switches) by name.' }),
});

export type VxlanDeclaration = z.output<typeof vxlanSchema>;
