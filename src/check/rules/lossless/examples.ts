/** Short fabrics for the examples of these rules: a host at a switch, with what is said of both. */
import { below, fabricExample } from '../../example.ts';

export interface LinkParts {
  /** Keys of host `esx1`, lines. */
  readonly host?: string;
  /** Settings of its port `nic0`, on one line. */
  readonly nic: string;
  /** Keys of switch `tor1`, lines. */
  readonly tor?: string;
  /** Settings of its port 1, on one line. */
  readonly port?: string;
  readonly link?: string;
}

export const linkExample = ({ host = '', nic, tor = '', port = 'vlan: 10', link = '[esx1:nic0, tor1:1]' }: LinkParts): string =>
  fabricExample(
    `hosts:\n  esx1:${below(host, 4)}\n    nics:\n      nic0: { ${nic} }\nswitches:\n  tor1:${below(tor, 4)}\n    ports:\n      1: { ${port} }\nlinks:\n  - ${link}`,
  );

/** A RoCE port in VLAN 2, with these settings besides. */
export const roceExample = (rdma: string, more = '', { port = 'dcb: { pfc: [3] }', ...parts }: Partial<LinkParts> = {}): string =>
  linkExample({
    ...parts,
    nic: `rdma: { kind: roce-v2${rdma === '' ? '' : `, ${rdma}`} }, vlans: { 2: { addresses: [192.0.2.11/24] } }${more === '' ? '' : `, ${more}`}`,
    port: `trunk: [2], native: none, ${port}`,
  });
