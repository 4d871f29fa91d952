/** A host, a switch, an array, what is published of it, and a port for a machine of QEMU. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const smallRack = (socket: string = join(mkdtempSync(join(tmpdir(), 'samewire-')), 'vm.sock')): string => `
version: 1
name: small
switches:
  tor1:
    speed: 25G
    spanningTree: {}
    ports: { 1-2: {}, 9: { attach: { qemu: ${socket} } } }
hosts:
  esx1:
    nics: { nic0: { mtu: 9000, addresses: [192.0.2.11/25] } }
    iscsi: { vmhba64: { initiator: "iqn.1998-01.com.vmware:esx1", discovery: [array1] } }
    publish: 127.0.0.1:0 -> array1:3260
arrays:
  array1:
    nics: { eth0: { mtu: 9000, addresses: [192.0.2.20/25] } }
    portals: ["192.0.2.20:3260"]
    targets: { "iqn.2026-01.net.example:disks": { luns: [{ store: memory, size: 8MiB }] } }
links:
  - [esx1:nic0, tor1:1]
  - [array1:eth0, tor1:2]
`;
