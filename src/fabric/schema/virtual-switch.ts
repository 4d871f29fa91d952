/** Virtual switches of a host: standard switches of ESXi, its part of a distributed one, Hyper-V's, bridges and Open vSwitch of Linux. */
import { z } from 'zod';
import { mistake, type Parsed } from '../parsed.ts';
import { interfaceShape } from './interface.ts';
import { portList, teamingSchema } from './teaming.ts';
import { macAddress, mtu, vlanList } from './wire-words.ts';
import { choice, mapping, named, readBy, whole, yesNo } from './words.ts';

export const VIRTUAL_SWITCH_KINDS = ['standard', 'distributed', 'hyper-v', 'bridge', 'open-vswitch'] as const;

const vlanNoun = 'a VLAN from 1 to 4094, `0` for none, or `4095` for all with their tags';

const securitySchema = mapping('a mapping of settings', {
  promiscuous: yesNo().optional().meta({ description: 'Guests see the frames of others.' }),
  macChanges: yesNo().optional().meta({ description: 'Guests may change their MAC address.' }),
  forgedTransmits: yesNo().optional().meta({ description: 'Guests may send from other MAC addresses.' }),
});

const portGroupSchema = mapping('a mapping with `vlan`', {
  vlan: whole(vlanNoun, 0, 4095).optional().meta({
    description:
      'VLAN whose tags the switch adds and takes off (VST); `0`: no tags, the physical switch decides (EST); `4095`: the guest tags (VGT).',
  }),
  trunk: vlanList().optional().meta({ description: 'VLANs that guests tag themselves, instead of `vlan`.' }),
  teaming: teamingSchema.optional().meta({ description: 'Where it differs from the switch.' }),
  security: securitySchema.optional().meta({ description: 'Where it differs from the switch.' }),
});

const virtualSwitchShape = {
  mtu: mtu().optional().meta({ description: 'Largest IP packet of its ports. By default 1500.' }),
  teaming: teamingSchema.optional().meta({ description: 'What it does with several uplinks.' }),
  security: securitySchema.optional().meta({ description: 'What guests may do.' }),
  portGroups: named('a mapping from port group to its settings', portGroupSchema)
    .default({})
    .meta({ description: 'Port groups by name: where virtual machines and the host itself are plugged in.' }),
};

export const virtualSwitchSchema = mapping('a mapping with `uplinks`', {
  kind: choice(VIRTUAL_SWITCH_KINDS)
    .default('standard')
    .meta({ description: '`distributed`: the part in this host of that of `distributedSwitches`.' }),
  uplinks: portList()
    .default([])
    .meta({ description: 'Adapter ports or teams of the host.', examples: [['vmnic0', 'vmnic1']] }),
  ports: whole('a whole number from 1 to 65536', 1, 65_536).optional().meta({ description: 'Ports it has.' }),
  ...virtualSwitchShape,
  embeddedTeaming: yesNo().optional().meta({ description: 'Hyper-V: it teams its uplinks itself (SET).' }),
  sriov: yesNo().optional().meta({ description: 'Hyper-V: guests may be given virtual functions.' }),
});

export const distributedSwitchSchema = mapping('a mapping with `uplinks`', {
  uplinks: whole('a whole number from 1 to 32', 1, 32).default(4).meta({ description: 'Uplinks a host may have.' }),
  version: z
    .string({ error: 'a version such as `6.6.0`' })
    .max(16, { error: 'a version such as `6.6.0`' })
    .optional()
    .meta({ description: 'Its version.' }),
  lacp: yesNo().optional().meta({ description: 'Aggregations with LACP are set up.' }),
  networkControl: yesNo().optional().meta({ description: 'Network I/O control is on.' }),
  ...virtualSwitchShape,
});

export const SERVICES = [
  'management',
  'vmotion',
  'iscsi',
  'vsan',
  'fault-tolerance',
  'vtep',
  'nfs',
  'smb-direct',
  'live-migration',
  'cluster',
] as const;

/** The host's own interface at a virtual switch: VMkernel adapters, vEthernet adapters of Hyper-V. */
export const virtualNicSchema = mapping('a mapping with `portGroup`', {
  portGroup: z.string({ error: 'the name of a port group' }).optional().meta({ description: 'Port group it is plugged into.' }),
  virtualSwitch: z
    .string({ error: 'the name of a virtual switch' })
    .optional()
    .meta({ description: 'Virtual switch, where there are no port groups.' }),
  vlan: whole(vlanNoun, 0, 4094).optional().meta({ description: 'VLAN, where no port group says it.' }),
  mtu: mtu().optional().meta({ description: 'Largest IP packet. By default 1500.' }),
  mac: macAddress().optional().meta({ description: 'MAC address.' }),
  services: z
    .array(choice(SERVICES), { error: 'a list of services' })
    .default([])
    .meta({ description: 'What the host uses it for.', examples: [['iscsi']] }),
  rdma: yesNo().optional().meta({ description: 'RDMA through the switch is on.' }),
  priorityTag: yesNo().optional().meta({ description: 'Keeps the priority in the tags of what it sends (Hyper-V: IeeePriorityTag).' }),
  uplink: z
    .string({ error: 'the name of an adapter port' })
    .optional()
    .meta({ description: 'Adapter port of the team that it keeps to (Hyper-V: team mapping).' }),
  ...interfaceShape,
});

const functionNoun = 'an adapter port and the number of a function, such as `vmnic4/0`';
const parseFunction = (written: string): Parsed<unknown> =>
  /^[A-Za-z0-9_-]{1,64}\/\d{1,3}$/.test(written)
    ? { value: written }
    : mistake(`\`${written.slice(0, 40)}\` is no virtual function.`, `Write ${functionNoun}.`);

const vmNicSchema = mapping('a mapping with `portGroup` or `function`', {
  kind: choice(['emulated', 'paravirtual', 'pass-through']).default('paravirtual').meta({
    description: 'A made-up device such as e1000, one made for guests such as vmxnet3 or virtio, or a function of the adapter itself.',
  }),
  portGroup: z
    .string({ error: 'the name of a port group' })
    .optional()
    .meta({ description: 'Port group or virtual switch it is plugged into.' }),
  function: z
    .string({ error: functionNoun })
    .superRefine(readBy(parseFunction))
    .optional()
    .meta({ description: 'Virtual function given to the guest.', examples: ['vmnic4/0'] }),
  network: z
    .string({ error: 'the name of a logical network' })
    .optional()
    .meta({ description: 'VXLAN network that it is in, instead of a port group.' }),
  vlan: whole('a VLAN from 1 to 4094', 1, 4094).optional().meta({ description: 'VLAN that the guest tags itself.' }),
  mac: macAddress().optional().meta({ description: 'MAC address.' }),
  mtu: mtu().default(1500).meta({ description: 'Largest IP packet of the guest.' }),
  ...interfaceShape,
});

export const virtualMachineSchema = mapping('a mapping with `nics`', {
  os: z
    .string({ error: 'the name of an operating system' })
    .max(64, { error: 'a text of at most 64 characters' })
    .optional()
    .meta({
      description: 'Guest, such as `windows-server-2019`, `rhel-8.2`, `ubuntu-20.04`.',
      examples: ['rhel-8.2'],
    }),
  processors: whole('a whole number from 1 to 1024', 1, 1024).optional().meta({ description: 'Processors of the guest.' }),
  vectors: whole('a whole number from 1 to 2048', 1, 2048)
    .optional()
    .meta({ description: 'MSI-X vectors for each of its functions (ESXi: pciPassthru.maxMSIXvectors).' }),
  memoryReserved: yesNo().optional().meta({ description: 'All its memory is reserved, as devices passed through need.' }),
  migrates: yesNo().optional().meta({ description: 'It is to move to other hosts while it runs.' }),
  nics: named('a mapping from adapter to its settings', vmNicSchema).default({}).meta({ description: 'Its network adapters by name.' }),
});

export type PortGroupDeclaration = z.output<typeof portGroupSchema>;
export type VirtualSwitchDeclaration = z.output<typeof virtualSwitchSchema>;
export type DistributedSwitchDeclaration = z.output<typeof distributedSwitchSchema>;
export type VirtualNicDeclaration = z.output<typeof virtualNicSchema>;
export type VirtualMachineDeclaration = z.output<typeof virtualMachineSchema>;
