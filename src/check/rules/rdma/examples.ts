/** Short fabrics for the examples of these rules. */
import { fabricExample } from '../../example.ts';

const lines = (text: string, columns: number): string =>
  text === '' ? '' : `\n${' '.repeat(columns)}${text.trimEnd().replace(/\n/g, `\n${' '.repeat(columns)}`)}`;

/** Two hosts at one switch in VLAN 2, with these settings of their ports. */
export const pairExample = (one: string, other: string): string =>
  fabricExample(
    `hosts:\n${host('esx1', 11, one)}${host('esx2', 12, other)}switches:\n  tor1:\n    ports:\n      1-2: { trunk: [2], native: none }\nlinks:\n  - [esx1:nic0, tor1:1]\n  - [esx2:nic0, tor1:2]`,
  );

const host = (name: string, last: number, settings: string): string =>
  `  ${name}:\n    nics:\n      nic0: { ${settings}, vlans: { 2: { addresses: [192.0.2.${last}/24] } } }\n`;

/** A host that logs in to an array by iSER, with these settings of their ports, and this address of the host's. */
export const iserExample = (initiator: string, target: string, address = '192.0.2.11/24', route = ''): string =>
  fabricExample(
    `hosts:\n  esx1:${route === '' ? '' : `\n    routes: [{ to: 192.0.2.0/24, via: ${route} }]`}\n    nics:\n      nic0: { ${initiator}, addresses: [${address}] }\n    iscsi:\n      iser0:\n        initiator: iqn.1998-01.com.vmware:esx1\n        transport: iser\n        discovery: ["192.0.2.20:3260"]\narrays:\n  array1:\n    nics:\n      eth0: { ${target}, addresses: [192.0.2.20/24] }\n    portals: [{ listen: "192.0.2.20:3260", iser: true }]\n    targets:\n      iqn.2026-01.net.example:disk1:\n        luns: [{ store: memory, size: 64MiB }]\nswitches:\n  tor1:\n    ports:\n      1-2: { vlan: 2 }\nlinks:\n  - [esx1:nic0, tor1:1]\n  - [array1:eth0, tor1:2]`,
  );

/** A Windows host with these keys, and RoCE in VLAN 2. */
export const windowsExample = (keys: string, nic = ''): string =>
  fabricExample(
    `hosts:\n  win1:\n    os: windows${lines(keys, 4)}\n    nics:\n      p1: { rdma: roce-v2, dcb: { pfc: [3] }, vlans: { 2: { addresses: [192.0.2.11/24] } }${nic === '' ? '' : `, ${nic}`} }\nswitches:\n  tor1:\n    ports:\n      1: { trunk: [2], native: none, dcb: { pfc: [3] } }\nlinks:\n  - [win1:p1, tor1:1]`,
  );

/** A Hyper-V host with RoCE on two uplinks of a team, and these interfaces. */
export const hyperVExample = (virtualNics: string, uplinks = 'rdma: roce-v2'): string =>
  fabricExample(
    `hosts:\n  win1:\n    os: windows\n    nics:\n      p1: { ${uplinks} }\n      p2: { ${uplinks} }\n    virtualSwitches:\n      S2D: { kind: hyper-v, embeddedTeaming: true, uplinks: [p1, p2] }\n    virtualNics:${lines(virtualNics, 6)}\nswitches:\n  tor1:\n    ports:\n      1: { trunk: [2], native: none }\n      48: { trunk: [2], native: none }\n  tor2:\n    ports:\n      1: { trunk: [2], native: none }\n      48: { trunk: [2], native: none }\nlinks:\n  - [win1:p1, tor1:1]\n  - [win1:p2, tor2:1]\n  - [tor1:48, tor2:48]`,
  );
