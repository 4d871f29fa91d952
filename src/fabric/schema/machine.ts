/** What hosts and arrays have in common as machines on the wire: adapters with their ports, addresses, VLANs, routes. */
import { z } from 'zod';
import { findAdapterModel } from '../adapters/find.ts';
import { parseFirmware } from '../adapters/firmware.ts';
import { parseNetwork, parseUnicast } from '../network/ip-prefix.ts';
import { bootSchema, fcoeSchema, offloadsSchema, partitionSchema, sriovSchema } from './adapter-functions.ts';
import { attachSchema } from './attach.ts';
import { dcbSchema, FLOW_CONTROL } from './dcb.ts';
import { infinibandSchema, subnetManagerSchema } from './infiniband.ts';
import { interfaceShape } from './interface.ts';
import { qosPolicySchema } from './qos-policy.ts';
import { rdmaSchema } from './rdma.ts';
import { teamSchema } from './teaming.ts';
import { virtualMachineSchema, virtualNicSchema, virtualSwitchSchema } from './virtual-switch.ts';
import { vlanInterfaceSchema } from './vlan-interface.ts';
import { macAddress, mtu, rate } from './wire-words.ts';
import { choice, mapping, named, text, whole, yesNo } from './words.ts';

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
  device: z
    .string({ error: 'a name of 1 to 128 characters' })
    .regex(/^[^\n"]{1,128}$/, { error: 'a name of 1 to 128 characters' })
    .optional()
    .meta({ description: 'What the operating system calls the port, where that is another name.', examples: ['SLOT 4 Port 1'] }),
  portType: choice(['ethernet', 'infiniband', 'auto']).default('ethernet').meta({ description: 'What a port that can be both is (VPI).' }),
  flowControl: choice(FLOW_CONTROL)
    .optional()
    .meta({ description: 'Pause frames for all priorities (IEEE 802.3 Annex 31B): taken, sent, or both.' }),
  dcb: dcbSchema.optional().meta({ description: 'Data Center Bridging of the port, where it differs from the machine.' }),
  rdma: rdmaSchema.optional().meta({ description: 'Remote direct memory access.', examples: ['roce-v2'] }),
  offloads: offloadsSchema.optional().meta({ description: 'What the adapter does in the place of the host.' }),
  encapsulationOverhead: whole('a whole number from 0 to 480', 0, 480)
    .optional()
    .meta({ description: 'Bytes of a frame beyond the MTU that are kept for VXLAN or NVGRE (Windows: EncapOverhead).' }),
  sriov: sriovSchema.optional().meta({ description: 'Virtual functions (SR-IOV).' }),
  partitions: z
    .array(partitionSchema, { error: 'a list of partitions' })
    .optional()
    .meta({ description: 'Partitions of the port (NPAR), each a function of its own.' }),
  fcoe: fcoeSchema.optional().meta({ description: 'Fibre Channel over Ethernet.' }),
  boot: bootSchema.optional().meta({ description: 'The boot agent of the port.' }),
  infiniband: infinibandSchema.optional().meta({ description: 'The port as one of InfiniBand.' }),
});

const driverValueNoun = 'a number, `true`, `false` or a text';
const driverSchema = named(
  'a mapping from parameter to value',
  z.union([z.number(), z.boolean(), z.string().max(256, { error: driverValueNoun })], { error: driverValueNoun }),
);

const adapterSchema = mapping('a mapping with `model` and `ports`', {
  model: text('the name of an adapter model', findAdapterModel).meta({
    description: 'Model: it says how many ports there are, how fast they are, and what they can do. `generic` for one that is not known.',
    examples: ['chelsio-t520-cr', 'generic'],
  }),
  ports: z
    .array(z.string({ error: 'the name of a port in `nics`' }), { error: 'a list of names such as `[nic0, nic1]`' })
    .min(1, { error: 'a list with at least one name' })
    .meta({ description: 'Its ports, in order, as they are called in `nics`.', examples: [['nic0', 'nic1']] }),
  firmware: text('a version such as `2.9.1000`', parseFirmware)
    .optional()
    .meta({
      description: 'Version of its firmware. With one that its driver does not work with, the adapter does not come up.',
      examples: ['2.9.1000'],
    }),
  vectors: whole('a whole number from 1 to 2048', 1, 2048)
    .optional()
    .meta({ description: 'Interrupt vectors (MSI-X) that the machine gives it.', examples: [33] }),
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
  os: choice(['linux', 'windows', 'esxi']).optional().meta({ description: 'Operating system: whose commands and limits count.' }),
  dcb: dcbSchema.optional().meta({ description: 'Data Center Bridging of all its ports.' }),
  policies: named('a mapping from policy to its settings', qosPolicySchema)
    .default({})
    .meta({
      description: 'Priorities of traffic by name (Windows: NetQosPolicy).',
      examples: [{ SMB: { match: 'net-direct:445', priority: 3 } }],
    }),
  teams: named('a mapping from team to its settings', teamSchema)
    .default({})
    .meta({
      description: 'Adapter ports used as one, by name, such as `bond0`.',
      examples: [{ bond0: { nics: ['p1', 'p2'], mode: 'lacp' } }],
    }),
  virtualSwitches: named('a mapping from virtual switch to its settings', virtualSwitchSchema)
    .default({})
    .meta({ description: 'Virtual switches by name, such as `vSwitch0`.' }),
  virtualNics: named('a mapping from interface to its settings', virtualNicSchema)
    .default({})
    .meta({ description: 'Interfaces of the machine itself at its virtual switches, such as `vmk0`.' }),
  vteps: z
    .array(z.string({ error: 'the name of an interface' }), { error: 'a list of interfaces' })
    .default([])
    .meta({ description: 'Interfaces that VXLAN tunnels end at: of `nics`, `teams` or `virtualNics`.', examples: [['vmk3']] }),
  vms: named('a mapping from virtual machine to its settings', virtualMachineSchema)
    .default({})
    .meta({ description: 'Virtual machines by name.' }),
  drivers: named('a mapping from driver to its parameters', driverSchema)
    .default({})
    .meta({ description: 'Parameters of drivers that are kept over restarts.', examples: [{ cxl: { max_vfs: '2,2' } }] }),
  subnetManager: subnetManagerSchema.optional().meta({ description: 'An InfiniBand subnet manager runs here.' }),
};

export type NicDeclaration = z.output<typeof nicSchema>;
export type MachineDeclaration = z.output<z.ZodObject<typeof machineShape>>;
