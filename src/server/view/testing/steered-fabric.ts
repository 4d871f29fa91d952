/** A fabric to steer: an array with two portal groups, and a host with a path by each. */

export const STEERED_TARGET = 'iqn.2026-01.net.example:disk';
export const STEERED_FABRIC = `version: 1
name: steered
arrays:
  array1:
    portals: [{ listen: "127.0.0.1:0", group: 1 }, { listen: "127.0.0.1:0", group: 2 }]
    targets: { ${STEERED_TARGET}: { luns: [{ store: memory, size: 64MiB }] } }
hosts:
  esx1: { iscsi: { vmhba64: { initiator: iqn.1998-01.com.vmware:esx1, discovery: [array1] } } }
`;
