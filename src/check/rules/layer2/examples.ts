/** Fabrics for the examples of this family. */
import { fabricExample, indent } from '../../example.ts';

/** A host of ESXi with an uplink at each of two switches with these settings at its ports, joined by a trunk. */
export const esxExample = (host: string, first: string, second = first, trunk = 'tagged: [10, 20]', nics = ''): string =>
  fabricExample(`hosts:
  esx1:
    os: esxi
    nics: { vmnic0: { ${nics} }, vmnic1: { ${nics} } }
    ${indent(host, 4)}
switches:
  tor1: { ports: { 1: { ${first} }, 48: { ${trunk} } } }
  tor2: { ports: { 1: { ${second} }, 48: { ${trunk} } } }
links:
  - [esx1:vmnic0, tor1:1]
  - [esx1:vmnic1, tor2:1]
  - [tor1:48, tor2:48]`);

/** A virtual switch with both uplinks and one port group of these settings, and what else the host has. */
export const groupHost = (group: string, more = '', mtu = ''): string =>
  `virtualSwitches:
  vSwitch0: { uplinks: [vmnic0, vmnic1], ${mtu}portGroups: { Guests: { ${group} } } }
${more}`;

/** Two hosts, one at each of two switches. */
export const pairExample = (port: string, trunk: string, mtus: readonly [number, number] = [1500, 1500], more = ''): string =>
  fabricExample(`hosts:
  host1: { nics: { nic0: { mtu: ${mtus[0]}, addresses: [192.0.2.11/24] } } }
  host2: { nics: { nic0: { mtu: ${mtus[1]}, addresses: [192.0.2.12/24] } } }
switches:
  tor1: { ports: { 1: { ${port} }, 48: { trunk: [10, 20], native: none } }${more} }
  tor2: { ports: { 1: { ${port} }, 48: { ${trunk} } }${more} }
links:
  - [host1:nic0, tor1:1]
  - [host2:nic0, tor2:1]
  - [tor1:48, tor2:48]`);
