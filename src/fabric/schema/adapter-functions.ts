/** What an adapter port can be besides a port: virtual functions (SR-IOV), partitions (NPAR), FCoE, a device to boot from, offloads. */
import { z } from 'zod';
import { parseAnnounceAddress } from '../address.ts';
import { parseIscsiName } from '../iscsi-name.ts';
import { parseInterfaceAddress, parseUnicast } from '../network/ip-prefix.ts';
import { mistake, type Parsed } from '../parsed.ts';
import { chapSchema } from './access.ts';
import { FLOW_CONTROL, priority } from './dcb.ts';
import { macAddress, rate, vlanNumber } from './wire-words.ts';
import { choice, mapping, named, text, whole, yesNo } from './words.ts';

const functionSchema = mapping('a mapping of settings', {
  mac: macAddress().optional().meta({ description: 'MAC address.' }),
  vlan: vlanNumber().optional().meta({ description: 'VLAN whose tags the adapter adds and takes off.' }),
  priority: priority().optional().meta({ description: 'Priority in those tags.' }),
  spoofCheck: yesNo().optional().meta({ description: 'Frames from other MAC addresses are dropped.' }),
  trust: yesNo().optional().meta({ description: 'The guest may change its address and listen to all.' }),
  maxRate: rate().optional().meta({ description: 'The most that it sends.' }),
  linkState: choice(['auto', 'enable', 'disable'])
    .optional()
    .meta({ description: 'Link that the guest sees: that of the port, always up, or down.' }),
});

export const sriovSchema = mapping('a mapping with `functions`', {
  functions: whole('a whole number from 0 to 256', 0, 256).meta({ description: 'Virtual functions of the port.' }),
  each: named('a mapping from the number of a function to its settings', functionSchema)
    .default({})
    .meta({ description: 'Settings of single functions, by number from 0.', examples: [{ 0: { vlan: 20 } }] }),
  mode: choice(['legacy', 'switchdev']).optional().meta({ description: 'Mode of the switch in the adapter (Linux: devlink eswitch).' }),
});

export const partitionSchema = mapping('a mapping with `min` and `max`', {
  name: z.string({ error: 'a text' }).max(64, { error: 'a text of at most 64 characters' }).optional().meta({ description: 'For people.' }),
  min: whole('a percentage from 0 to 100', 0, 100)
    .default(0)
    .meta({ description: 'Relative minimum bandwidth, in percent. All of a port add up to 100, or are all 0.' }),
  max: whole('a percentage from 1 to 100', 1, 100).default(100).meta({ description: 'Maximum bandwidth, in percent of the port.' }),
  mac: macAddress().optional().meta({ description: 'MAC address.' }),
  functions: z
    .array(choice(['ethernet', 'iscsi', 'fcoe']), { error: 'a list such as `[ethernet, iscsi]`' })
    .default(['ethernet'])
    .meta({ description: 'What the partition is.', examples: [['ethernet', 'iscsi']] }),
  flowControl: choice(FLOW_CONTROL).optional().meta({ description: 'Pause frames; one for all partitions of a port.' }),
});

const wwnNoun = 'a name such as `20:00:00:00:00:00:00:01`';
const parseWwn = (written: string): Parsed<string> =>
  /^([0-9a-fA-F]{2}:){7}[0-9a-fA-F]{2}$/.test(written)
    ? { value: written.toLowerCase() }
    : mistake(`\`${written.slice(0, 40)}\` is no world wide name.`, `Write ${wwnNoun}.`);

export const fcoeSchema = mapping('a mapping of settings', {
  vlan: vlanNumber().optional().meta({ description: 'VLAN of the FCoE frames. By default found by FIP.' }),
  priority: priority().default(3).meta({ description: 'Priority of the FCoE frames.' }),
  wwnn: text(wwnNoun, parseWwn).optional().meta({ description: 'World wide node name.' }),
  wwpn: text(wwnNoun, parseWwn).optional().meta({ description: 'World wide port name.' }),
  mtu: whole('a whole number from 1500 to 9216', 1500, 9216)
    .optional()
    .meta({ description: 'Largest payload of a frame for FCoE; a full one needs 2158 bytes.' }),
});

const bootTargetSchema = mapping('a mapping with `address` and `name`', {
  address: text('an address such as `192.0.2.1:3260`', parseAnnounceAddress).meta({
    description: 'Portal of the target.',
    examples: ['192.0.2.1:3260'],
  }),
  name: text('the iSCSI name of a target', parseIscsiName).meta({ description: 'iSCSI name of the target.' }),
  lun: whole('a whole number from 0 to 255', 0, 255).default(0).meta({ description: 'Logical unit to boot from.' }),
  chap: chapSchema.optional().meta({ description: 'How the boot agent proves who it is.' }),
});

export const bootSchema = mapping('a mapping with `protocol`', {
  protocol: choice(['none', 'pxe', 'iscsi', 'fcoe']).default('none').meta({ description: 'What the boot agent of the port does.' }),
  vlan: vlanNumber().optional().meta({ description: 'VLAN it uses.' }),
  dhcp: yesNo().default(true).meta({ description: 'Its own address comes by DHCP.' }),
  targetFromDhcp: yesNo().default(false).meta({ description: 'The target comes by DHCP too.' }),
  dhcpOption: z.literal([16, 17, 43], { error: 'choice' }).optional().meta({
    description: 'Where in the answer: option 17 (root path) or 43 (vendor) of IPv4, 16 (vendor class) or 17 (vendor) of IPv6.',
  }),
  vendorId: z
    .string({ error: 'a text' })
    .max(32, { error: 'a text of at most 32 characters' })
    .optional()
    .meta({ description: 'Vendor class identifier that the DHCP server looks for.' }),
  ipVersion: z.literal([4, 6], { error: 'choice' }).default(4).meta({ description: 'IPv4 or IPv6.' }),
  address: text('an address with its network, such as `192.0.2.11/24`', parseInterfaceAddress)
    .optional()
    .meta({ description: 'Its address, without DHCP.' }),
  gateway: text('the address of a router', parseUnicast).optional().meta({ description: 'Its router, without DHCP.' }),
  initiator: text('an iSCSI name', parseIscsiName).optional().meta({ description: 'iSCSI name it logs in with.' }),
  targets: z
    .array(bootTargetSchema, { error: 'a list of targets' })
    .max(2, { error: 'a list of one or two targets' })
    .default([])
    .meta({ description: 'First target, and one to fall back on.' }),
  headerDigest: yesNo().default(false).meta({ description: 'Header digests.' }),
  dataDigest: yesNo().default(false).meta({ description: 'Data digests.' }),
  crashDump: yesNo().default(false).meta({ description: 'The system dumps its memory to the boot disk when it crashes.' }),
});

export const offloadsSchema = mapping('a mapping of settings', {
  checksum: yesNo().optional().meta({ description: 'Checksums of TCP and UDP.' }),
  largeSend: yesNo().optional().meta({ description: 'Cuts large pieces into segments (TSO, LSO).' }),
  largeReceive: yesNo().optional().meta({ description: 'Joins segments before the host sees them (LRO, GRO, RSC).' }),
  receiveScaling: yesNo().optional().meta({ description: 'Spreads flows over processors (RSS).' }),
  receiveQueues: whole('a whole number from 1 to 256', 1, 256).optional().meta({ description: 'Queues for that.' }),
  virtualQueues: yesNo().optional().meta({ description: 'Queues for virtual machines (VMQ, NetQueue).' }),
  encapsulated: yesNo().optional().meta({ description: 'Does the same inside VXLAN or NVGRE.' }),
  interruptModeration: yesNo().optional().meta({ description: 'One interrupt for several frames.' }),
  receiveBuffers: whole('a whole number from 1 to 65536', 1, 65_536).optional().meta({ description: 'Receive descriptors.' }),
  sendBuffers: whole('a whole number from 1 to 65536', 1, 65_536).optional().meta({ description: 'Send descriptors.' }),
  iscsi: yesNo().optional().meta({ description: 'iSCSI in the adapter.' }),
  fcoe: yesNo().optional().meta({ description: 'FCoE in the adapter.' }),
  tcp: yesNo().optional().meta({ description: 'TCP in the adapter (TOE).' }),
});

export type SriovDeclaration = z.output<typeof sriovSchema>;
export type PartitionDeclaration = z.output<typeof partitionSchema>;
export type FcoeDeclaration = z.output<typeof fcoeSchema>;
export type BootDeclaration = z.output<typeof bootSchema>;
export type OffloadsDeclaration = z.output<typeof offloadsSchema>;
