/** Several adapter ports as one: bonds and teams of a host, and what a virtual switch does with its uplinks. */
import { z } from 'zod';
import { interfaceShape } from './interface.ts';
import { vlanInterfaceSchema } from './vlan-interface.ts';
import { macAddress, mtu } from './wire-words.ts';
import { choice, mapping, named, yesNo } from './words.ts';

/** What several vendors call in many ways; docs/fabric-file.md says which is which. */
const TEAM_MODES = [
  'active-backup',
  'port-id',
  'source-mac',
  'ip-hash',
  'load-based',
  'round-robin',
  'transmit-balance',
  'smart-balance',
  'static',
  'lacp',
] as const;
export type TeamMode = (typeof TEAM_MODES)[number];

/** Modes that want the ports of the switch to be one aggregation. */
export const AGGREGATED_MODES: readonly TeamMode[] = ['ip-hash', 'round-robin', 'static', 'lacp'];

const portsNoun = 'a list of adapter ports such as `[vmnic0, vmnic1]`';
export const portList = () => z.array(z.string({ error: 'the name of an adapter port' }), { error: portsNoun });

const teamingShape = {
  mode: choice(TEAM_MODES).optional().meta({
    description:
      'Which port a frame leaves by. `port-id`: by where it came from (ESXi: originating virtual port), `source-mac`, `ip-hash`: one static aggregation (ESXi), `active-backup`: the first that works (ESXi: explicit failover order), `load-based`: by load (ESXi), `transmit-balance`: sends by load, receives by one (Linux: balance-tlb), `smart-balance`: sends and receives by load without the switch (Linux: balance-alb, Marvell: Smart Load Balancing), `round-robin`, `static` aggregation, `lacp` (IEEE 802.1AX).',
  }),
  active: portList().optional().meta({ description: 'Ports in use, in order. By default all that are not listed below.' }),
  standby: portList().optional().meta({ description: 'Ports used when too few others work, in order.' }),
  unused: portList().optional().meta({ description: 'Ports never used.' }),
  hash: choice(['layer2', 'layer2+3', 'layer3+4', 'ports'])
    .optional()
    .meta({ description: 'Of an aggregation: which addresses choose the port. `ports`: TCP and UDP ports alone.' }),
  lacpRate: choice(['slow', 'fast']).optional().meta({ description: 'Of `lacp`: a message each 30 seconds, or each second.' }),
  lacpActive: yesNo().optional().meta({ description: 'Of `lacp`: begins to speak, or only answers.' }),
  detection: choice(['link', 'beacon', 'arp'])
    .optional()
    .meta({ description: 'How a failure is noticed: link down, beacons, or ARP requests.' }),
  failback: yesNo().optional().meta({ description: 'A port that works again is used again.' }),
  notifySwitches: yesNo().optional().meta({ description: 'Tells the switches where stations are after a change.' }),
};

export const teamingSchema = mapping('a mapping of settings', teamingShape);

export const teamSchema = mapping('a mapping with `nics`', {
  nics: portList().meta({ description: 'Its ports, as they are called in `nics`.', examples: [['p1', 'p2']] }),
  ...teamingShape,
  mac: macAddress().optional().meta({ description: 'MAC address. By default that of its first port.' }),
  mtu: mtu().optional().meta({ description: 'Largest IP packet. By default that of its ports.' }),
  ...interfaceShape,
  vlans: named('a mapping from VLAN to its addresses', vlanInterfaceSchema)
    .default({})
    .meta({ description: 'VLANs with tags, by number.' }),
});

export type TeamingDeclaration = z.output<typeof teamingSchema>;
export type TeamDeclaration = z.output<typeof teamSchema>;
