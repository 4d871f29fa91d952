/** What hosts and arrays have in common as machines on the wire: adapters with their ports, addresses, VLANs, routes. */
import { z } from 'zod';
import { findAdapterModel } from '../adapters/find.ts';
import { parseNetwork, parseUnicast } from '../network/ip-prefix.ts';
import { attachSchema } from './attach.ts';
import { interfaceShape } from './interface.ts';
import { macAddress, mtu, rate } from './wire-words.ts';
import { choice, mapping, named, text, yesNo } from './words.ts';

const vlanInterfaceSchema = mapping('a mapping with `addresses`', {
  ...interfaceShape,
  mtu: mtu().optional().meta({ description: 'Largest IP packet here. By default that of the adapter port.' }),
});

const nicSchema = mapping('a mapping with `addresses`', {
  mac: macAddress()
    .optional()
    .meta({ description: 'MAC address. By default one is made of the names, and stays the same.', examples: ['02:00:00:00:00:01'] }),
  mtu: mtu().default(1500).meta({ description: 'Largest IP packet in bytes; 9000 for jumbo frames.' }),
  speed: rate()
    .optional()
    .meta({ description: 'What the port runs at, of what its adapter can. By default the fastest.', examples: ['10G'] }),
  ...interfaceShape,
  vlans: named('a mapping from VLAN to its addresses', vlanInterfaceSchema)
    .default({})
    .meta({ description: 'VLANs whose tagged frames the machine itself sends and takes, by number.' }),
  attach: attachSchema
    .optional()
    .meta({ description: 'Plugs the port into the world instead of into a link of this fabric.', examples: [{ tap: 'sw0' }] }),
});

const adapterSchema = mapping('a mapping with `model` and `ports`', {
  model: text('the name of an adapter model', findAdapterModel).meta({
    description: 'Model: it says how many ports there are, how fast they are, and what they can do. `generic` for one that is not known.',
    examples: ['chelsio-t520-cr', 'generic'],
  }),
  ports: z
    .array(z.string({ error: 'the name of a port in `nics`' }), { error: 'a list of names such as `[nic0, nic1]`' })
    .min(1, { error: 'a list with at least one name' })
    .meta({ description: 'Its ports, in order, as they are called in `nics`.', examples: [['nic0', 'nic1']] }),
});

const routeSchema = mapping('a mapping with `to` and `via`', {
  to: text('a network such as `198.51.100.0/24`', parseNetwork).meta({ description: 'Where the route leads.', examples: ['0.0.0.0/0'] }),
  via: text('the address of a router', parseUnicast).meta({
    description: 'The router, in a network of this machine.',
    examples: ['192.0.2.1'],
  }),
});

const tcpSchema = mapping('a mapping of settings', {
  congestionControl: choice(['cubic', 'new-reno', 'dctcp'])
    .default('cubic')
    .meta({ description: 'How TCP finds its rate: CUBIC (RFC 9438), NewReno (RFC 6582) or DCTCP (RFC 8257).' }),
  ecn: yesNo().default(true).meta({ description: 'Explicit congestion notification (RFC 3168), where the other end knows it too.' }),
});

export const machineShape = {
  nics: named('a mapping from the name of an adapter port to its settings', nicSchema).default({}).meta({
    description:
      'Ports of network adapters by name, such as `nic0`: the machine is in the network of the fabric. Without any it uses that of the machine it runs on.',
  }),
  adapters: named('a mapping from adapter name to adapter', adapterSchema)
    .default({})
    .meta({ description: 'Network adapters by name. A port that no adapter lists runs at any speed.' }),
  routes: z
    .array(routeSchema, { error: 'a list of routes such as `- { to: 0.0.0.0/0, via: 192.0.2.1 }`' })
    .default([])
    .meta({ description: 'Routes beyond the networks of its own addresses.' }),
  tcp: tcpSchema.prefault({}).meta({ description: 'TCP of this machine.' }),
};

export type NicDeclaration = z.output<typeof nicSchema>;
export type MachineDeclaration = z.output<z.ZodObject<typeof machineShape>>;
