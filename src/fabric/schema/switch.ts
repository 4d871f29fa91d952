/** Physical switches: bridges with VLANs (IEEE 802.1Q), spanning tree (IEEE 802.1D) and LLDP (IEEE 802.1AB). */
import { z } from 'zod';
import { attachSchema } from './attach.ts';
import { bufferSize, dcbSchema, FLOW_CONTROL } from './dcb.ts';
import { subnetManagerSchema } from './infiniband.ts';
import { parseInterfaceAddress } from '../network/ip-prefix.ts';
import { duration } from './session.ts';
import { macAddress, mtu, rate, vlanList, vlanNumber } from './wire-words.ts';
import { choice, mapping, named, text, whole, yesNo } from './words.ts';

const framesNoun = 'a whole number of frames a second';
const stormRate = () => whole(framesNoun, 0, 1_000_000_000).optional();

const portSpanningTreeSchema = mapping('a mapping of settings', {
  edge: yesNo().optional().meta({
    description: 'Only stations are here: forwards at once (PortFast). By default where a link leads to a host, an array or the world.',
  }),
  cost: whole('a whole number from 1 to 200000000', 1, 200_000_000).optional().meta({ description: 'Path cost. By default by the speed.' }),
  priority: z
    .literal([0, 16, 32, 48, 64, 80, 96, 112, 128, 144, 160, 176, 192, 208, 224, 240], { error: 'choice' })
    .default(128)
    .meta({ description: 'Of equal ports the one with the lower number serves.' }),
  bpduGuard: yesNo().default(false).meta({ description: 'A switch that shows up here takes the port out of service.' }),
  rootGuard: yesNo().default(false).meta({ description: 'The root of the tree is never behind this port.' }),
});

const description = () =>
  z.string({ error: 'a text' }).max(255, { error: 'a text of at most 255 characters' }).optional().meta({ description: 'For people.' });

/** What single ports and aggregations have in common. */
const carryingShape = {
  description: description(),
  vlan: vlanNumber()
    .optional()
    .meta({ description: 'Access port: one VLAN, without tags. By default VLAN 1.', examples: [10] }),
  trunk: vlanList()
    .optional()
    .meta({ description: 'Trunk: VLANs carried with tags, but for the native one.', examples: ['all', [10, '20-29']] }),
  native: z
    .union([z.literal('none'), vlanNumber()], { error: 'a VLAN from 1 to 4094, or `none`' })
    .optional()
    .meta({ description: 'Of a trunk: the VLAN of frames without a tag. By default 1.' }),
  tagged: vlanList()
    .optional()
    .meta({ description: 'VLANs carried with tags, as ProCurve switches list them.', examples: [[10, 20]] }),
  untagged: vlanNumber().optional().meta({ description: 'With `tagged`: the VLAN carried without tags.' }),
  mtu: mtu().optional().meta({ description: 'Largest payload of a frame here. By default that of the switch.' }),
  dcb: dcbSchema.optional().meta({ description: 'Data Center Bridging of the port, where it differs from the switch.' }),
};

const portSchema = mapping('a mapping of settings', {
  ...carryingShape,
  flowControl: choice(FLOW_CONTROL)
    .optional()
    .meta({ description: 'Pause frames for all priorities (IEEE 802.3 Annex 31B): taken, sent, or both.' }),
  speed: rate()
    .optional()
    .meta({ description: 'By default that of the switch.', examples: ['25G'] }),
  priority: whole('a whole number from 0 to 7', 0, 7).default(0).meta({ description: 'Priority of frames that carry none.' }),
  spanningTree: portSpanningTreeSchema.prefault({}).meta({ description: 'Spanning tree at this port.' }),
  storm: mapping('a mapping of limits', {
    broadcast: stormRate().meta({ description: 'Broadcasts taken in a second.' }),
    multicast: stormRate().meta({ description: 'Multicasts taken in a second.' }),
    unknown: stormRate().meta({ description: 'Frames to unknown stations taken in a second.' }),
  })
    .prefault({})
    .meta({ description: 'Limits against storms, in frames a second. By default there are none.' }),
  disabled: yesNo().default(false).meta({ description: 'Shut down.' }),
  attach: attachSchema
    .optional()
    .meta({ description: 'Plugs the port into the world instead of into a link.', examples: [{ qemu: './vm1.sock' }] }),
});

const aggregationSchema = mapping('a mapping with `ports`', {
  ports: z
    .array(z.union([z.string(), z.number()], { error: 'a port' }), { error: 'a list of ports such as `[1, 2]`' })
    .meta({ description: 'Its ports, as they are called in `ports`.', examples: [[1, 2]] }),
  mode: choice(['static', 'lacp']).default('lacp').meta({ description: 'Always on, or by agreement (IEEE 802.1AX).' }),
  active: yesNo().default(true).meta({ description: 'Of `lacp`: begins to speak, or only answers.' }),
  lacpRate: choice(['slow', 'fast']).optional().meta({ description: 'Of `lacp`: a message each 30 seconds, or each second.' }),
  hash: choice(['layer2', 'layer2+3', 'layer3+4']).optional().meta({ description: 'Which addresses choose the port.' }),
  peerGroup: whole('a whole number from 1 to 4095', 1, 4095)
    .optional()
    .meta({ description: 'The same number here and at the peer switch: one aggregation over both (MLAG, vPC).' }),
  ...carryingShape,
});

const vlanSchema = mapping('a mapping of settings', {
  name: z
    .string({ error: 'a text' })
    .max(64, { error: 'a text of at most 64 characters' })
    .optional()
    .meta({ description: 'Name of the VLAN.' }),
  addresses: z
    .array(text('an address with the length of its network, such as `192.0.2.1/24`', parseInterfaceAddress), {
      error: 'a list of addresses',
    })
    .default([])
    .meta({ description: 'Addresses of the switch as a router in the VLAN.', examples: [['192.0.2.1/24']] }),
  mtu: mtu().optional().meta({ description: 'Largest IP packet that it routes. By default 1500.' }),
  igmpSnooping: yesNo().optional().meta({ description: 'Multicasts go where somebody asked for them.' }),
  igmpQuerier: yesNo().optional().meta({ description: 'Asks who wants which multicasts.' }),
});

const treeSchema = mapping('`true`, `false`, or a mapping of settings', {
  priority: whole('a multiple of 4096 from 0 to 61440', 0, 61_440)
    .refine((value) => value % 4096 === 0, { error: 'a multiple of 4096 from 0 to 61440' })
    .default(32_768)
    .meta({ description: 'The switch with the lowest number becomes the root.' }),
  helloTime: whole('a whole number of seconds from 1 to 10', 1, 10).default(2).meta({ description: 'Seconds between two messages.' }),
  maxAge: whole('a whole number of seconds from 6 to 40', 6, 40)
    .default(20)
    .meta({ description: 'Seconds after which old news counts no more.' }),
  forwardDelay: whole('a whole number of seconds from 4 to 30', 4, 30)
    .default(15)
    .meta({ description: 'Seconds in each state on the way to forwarding.' }),
  legacy: yesNo().default(false).meta({ description: 'Speaks the spanning tree of before 2004 only.' }),
});

export const switchSchema = mapping('a mapping with `ports`', {
  ports: named('a mapping from port to settings', portSchema).default({}).meta({
    description: 'Ports by number or name, or by range such as `1-8`. What links use and nobody lists is an access port of VLAN 1.',
  }),
  portCount: whole('a whole number from 1 to 1024', 1, 1024).default(48).meta({ description: 'Ports that have numbers, from 1 on.' }),
  speed: rate()
    .default('10G')
    .meta({ description: 'What its ports can do, where they say nothing else.', examples: ['10G', '100G'] }),
  mtu: mtu().default(9216).meta({ description: 'Largest payload of a frame; longer ones are dropped.' }),
  forwarding: choice(['store-and-forward', 'cut-through'])
    .default('store-and-forward')
    .meta({ description: 'Frames are relayed when they are whole, or as soon as it is clear where to.' }),
  addresses: whole('a whole number from 1 to 1048576', 1, 1_048_576)
    .default(16_384)
    .meta({ description: 'MAC addresses it can remember.' }),
  ageing: duration().default('300s').meta({ description: 'A station that is silent for so long is forgotten.' }),
  spanningTree: z
    .union([yesNo(), treeSchema], { error: '`true`, `false`, or a mapping of settings' })
    .default(true)
    .meta({ description: 'Rapid spanning tree, so that loops do no harm.' }),
  lldp: yesNo().default(true).meta({ description: 'Tells neighbours who it is, and listens to them.' }),
  mac: macAddress().optional().meta({ description: 'Its own MAC address. By default one is made of its name.' }),
  kind: choice(['ethernet', 'infiniband']).default('ethernet').meta({ description: 'What its ports are.' }),
  vlans: named('a mapping from VLAN to its settings', vlanSchema)
    .optional()
    .meta({ description: 'VLANs that are set up, by number. Without it all that ports list.', examples: [{ 10: { name: 'storage' } }] }),
  aggregations: named('a mapping from aggregation to its settings', aggregationSchema).default({}).meta({
    description: 'Ports used as one (LAG, port channel, trunk of ProCurve), by number or name. VLANs are those of the aggregation.',
  }),
  peer: z
    .string({ error: 'the name of a switch' })
    .optional()
    .meta({ description: 'The switch that it shares aggregations with (MLAG, vPC).' }),
  dcb: dcbSchema.optional().meta({ description: 'Data Center Bridging of all its ports.' }),
  losslessClasses: whole('a whole number from 0 to 8', 0, 8)
    .optional()
    .meta({ description: 'Priorities without loss that its hardware can keep apart.' }),
  buffer: bufferSize()
    .optional()
    .meta({ description: 'Bytes of its packet memory.', examples: ['16MB'] }),
  flowControl: choice(FLOW_CONTROL).optional().meta({ description: 'Pause frames at all its ports.' }),
  subnetManager: subnetManagerSchema.optional().meta({ description: 'An InfiniBand subnet manager runs in it.' }),
});

export type SwitchPortDeclaration = z.output<typeof portSchema>;
export type SwitchDeclaration = z.output<typeof switchSchema>;
export type AggregationDeclaration = z.output<typeof aggregationSchema>;
export type SwitchVlanDeclaration = z.output<typeof vlanSchema>;
