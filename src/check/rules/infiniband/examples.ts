/** A short fabric for the examples of this family. */
import { fabricExample } from '../../example.ts';

/** Two hosts at an InfiniBand switch with a subnet manager; `infiniband` of the first port, of the second, and more keys of all three. */
export const subnetExample = (
  first: string,
  second = 'ipoib: { addresses: [192.0.2.12/24] }',
  { host = 'os: linux', nic = '', other = 'os: linux', ib = 'subnetManager: { priority: 14 }' } = {},
): string =>
  fabricExample(`hosts:
  lin1:
    ${host.replace(/\n/g, '\n    ')}
    nics:
      ib0: { portType: infiniband, ${nic}infiniband: { ${first} } }
  lin2:
    ${other.replace(/\n/g, '\n    ')}
    nics:
      ib0: { portType: infiniband, infiniband: { ${second} } }
switches:
  ib1: { kind: infiniband, ${ib} }
links:
  - [lin1:ib0, ib1:1]
  - [lin2:ib0, ib1:2]`);

export const ADDRESS = 'ipoib: { addresses: [192.0.2.11/24] }';
