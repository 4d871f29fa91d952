/** A short fabric for the examples of this family. */
import { below, EXAMPLE_HOST, EXAMPLE_TARGET, fabricExample } from '../../example.ts';

interface Differing {
  /** Keys of the array beside those of its network. */
  readonly array?: string;
  /** Keys of its target beside its LUN. */
  readonly target?: string;
  /** Settings of the host's port at the switch, and of the array's. */
  readonly port?: string;
  readonly arrayPort?: string;
  /** Keys of the host beside its port. */
  readonly host?: string;
  /** Keys of the switch beside its ports. */
  readonly switchKeys?: string;
}

/** A host `esx1` whose port boots with these settings, at a switch, and an array with one target there. */
export const bootExample = (boot: string, differing: Differing = {}): string => {
  const {
    array = '',
    target = `access: [${EXAMPLE_HOST}]`,
    port = 'vlan: 20',
    arrayPort = 'vlan: 20',
    host = '',
    switchKeys = '',
  } = differing;
  return fabricExample(`arrays:
  array1:
    nics: { eth0: { addresses: [192.0.2.20/24] } }
    portals: ["192.0.2.20:3260"]${below(array, 4)}
    targets:
      ${EXAMPLE_TARGET}:
        luns: [{ store: memory, size: 64MiB }]
        ${target}
hosts:
  esx1:
    nics:
      nic0: { boot: { ${boot} } }${below(host, 4)}
switches:
  tor1:
    ports:
      1: { ${port} }
      2: { ${arrayPort} }${below(switchKeys, 4)}
links:
  - [esx1:nic0, tor1:1]
  - [array1:eth0, tor1:2]`);
};

/** An agent with an address of its own, and these keys. */
export const staticBoot = (more: string): string =>
  `protocol: iscsi, dhcp: false, address: 192.0.2.11/24, initiator: ${EXAMPLE_HOST}${more}`;

/** That logs in to the target of the array; these keys stand beside its name. */
export const targetBoot = (more = '', agent = '', address = '192.0.2.20:3260'): string =>
  staticBoot(`, targets: [{ address: "${address}", name: "${EXAMPLE_TARGET}"${more} }]${agent}`);
