/** Fabrics for the examples of this family. */
import { fabricExample, indent } from '../../example.ts';

/** A host with ports `p1` and `p2` and these keys, both at one switch with these keys. */
export const oneSwitch = (host: string, tor: string, nics = 'p1: {}, p2: {}'): string =>
  fabricExample(`hosts:
  host1:
    nics: { ${nics} }
    ${indent(host, 4)}
switches:
  tor1:
    ${indent(tor, 4)}
links:
  - [host1:p1, tor1:1]
  - [host1:p2, tor1:2]`);

/** The same with a port at each of two switches. */
export const twoSwitches = (host: string, tor1 = '', tor2 = tor1, nics = 'p1: {}, p2: {}'): string =>
  fabricExample(`hosts:
  host1:
    nics: { ${nics} }
    ${indent(host, 4)}
switches:
  tor1: { ports: { 47: {}, 48: {} }${tor1} }
  tor2: { ports: { 47: {}, 48: {} }${tor2} }
links:
  - [host1:p1, tor1:1]
  - [host1:p2, tor2:1]
  - [tor1:48, tor2:48]`);

export const team = (keys: string): string => `teams: { bond0: { nics: [p1, p2], ${keys}addresses: [192.0.2.11/24] } }`;

export const vSwitch = (keys: string, more = ''): string =>
  `os: esxi\nvirtualSwitches:\n  vSwitch0: { uplinks: [p1, p2], ${keys}portGroups: { Guests: { vlan: 10 } } }\n${more}`;

export const lag = (keys: string): string => `aggregations: { Trk1: { ports: [1, 2], ${keys} } }`;
