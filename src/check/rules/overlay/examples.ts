/** Fabrics for the examples of this family. */
import { fabricExample } from '../../example.ts';

export interface OverlayExample {
  readonly vxlan?: string;
  readonly vtep1?: string;
  readonly vtep2?: string;
  readonly vteps2?: string;
  readonly guest?: string;
  readonly vlan?: string;
  readonly port2?: string;
  readonly routes?: string;
}

export const UNICAST = `segments: [5000-5999]
  zones: { zone1: { hosts: [host1, host2] } }
  networks: { red: { segment: 5001, zone: zone1 } }`;

export const MULTICAST = UNICAST.replace('[host1, host2]', '[host1, host2], replication: multicast').replace(
  'zone: zone1 }',
  'zone: zone1, group: 239.1.0.1 }',
);

/** Two hosts with a guest in a logical network each, and tunnel ends at one switch. */
export const overlayExample = ({
  vxlan = UNICAST,
  vtep1 = 'addresses: [192.0.2.11/24]',
  vtep2 = 'addresses: [192.0.2.12/24]',
  vteps2 = 'vteps: [p1]',
  guest = '',
  vlan = 'igmpSnooping: true, igmpQuerier: true',
  port2 = 'vlan: 10',
  routes = '',
}: OverlayExample): string =>
  fabricExample(`hosts:
  host1:
    nics: { p1: { mtu: 1600, ${vtep1} } }
    vteps: [p1]
    vms: { vm1: { nics: { eth0: { network: red${guest} } } } }${routes}
  host2:
    nics: { p1: { mtu: 1600, ${vtep2} } }
    ${vteps2}
    vms: { vm2: { nics: { eth0: { network: red${guest} } } } }
switches:
  tor1:
    vlans: { 10: { ${vlan} }, 20: {} }
    ports: { 1: { vlan: 10 }, 2: { ${port2} }, 48: { tagged: [10, 20] } }
links:
  - [host1:p1, tor1:1]
  - [host2:p1, tor1:2]
vxlan:
  ${vxlan}`);
