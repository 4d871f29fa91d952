/** Fabrics for the examples of this family: a host and an array in one network, by RDMA or without. */
import { EXAMPLE_HOST, fabricExample } from '../../example.ts';

interface Parts {
  /** Keys of the host's port `nic0` beside its address. */
  readonly nic?: string;
  /** Keys of the host's adapter beside its name. */
  readonly adapter: string;
  /** Keys of the host. */
  readonly host?: string;
  /** Keys of the array's port `eth0` beside its address. */
  readonly port?: string;
  /** Keys of the array's portal beside its address. */
  readonly portal?: string;
  /** Keys of its LUN. */
  readonly lun?: string;
}

const also = (keys: string | undefined): string => (keys === undefined ? '' : `, ${keys}`);

/** Host and array at one switch, in 192.0.2.0/24. */
export const networkExample = ({ nic, adapter, host, port, portal, lun }: Parts): string =>
  fabricExample(`arrays:
  array1:
    nics: { eth0: { addresses: [192.0.2.20/24]${also(port)} } }
    portals: [{ listen: "192.0.2.20:3260"${also(portal)} }]
    targets:
      iqn.2026-01.net.example:disk1:
        luns: [{ store: memory, size: 64MiB${also(lun)} }]
hosts:
  esx1:
    nics: { nic0: { addresses: [192.0.2.11/24]${also(nic)} } }${host === undefined ? '' : `\n    ${host}`}
    iscsi:
      vmhba64: { initiator: ${EXAMPLE_HOST}, ${adapter} }
switches:
  tor1: {}
links:
  - [esx1:nic0, tor1:1]
  - [array1:eth0, tor1:2]
`);
