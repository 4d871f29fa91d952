/**
 * Commands for a host or an array with Linux: `ip` and `bridge` of iproute2 6.1, `dcb` of the same, ethtool 6.1, and `mlnx_qos` where the adapter is of
 * Mellanox. Ports first, then what is made of them (bonds, bridges, VLANs), what is sent in which priority, and addresses and routes at the end.
 */
import { Emission } from '../core/emission.ts';
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import type { Key } from '../core/say.ts';
import { emitBonds, refuseOtherMtus } from './emit-bonds.ts';
import { emitBridges, emitVirtualNics } from './emit-bridges.ts';
import { emitDcb } from './emit-dcb.ts';
import { emitPortSettings } from './emit-ports.ts';
import { emitRdma } from './emit-rdma.ts';
import { emitFunctions } from './emit-functions.ts';
import { emitAddresses, emitRoutes } from './emit-addresses.ts';
import { emitVlans } from './emit-vlans.ts';
import { interfaceNames, isInterfaceName, type PortPlace } from './names.ts';
import { networkdFiles } from './networkd.ts';
import { verifications } from './verify.ts';

export function emit(node: DeclaredNode): Rendering {
  const emission = new Emission(node);
  const names = interfaceNames(emission);
  const machine = [...node.fabric.hosts, ...node.fabric.arrays].find((one) => one.name === node.name)?.machine;
  const mellanox = new Set(
    (machine?.adapters ?? [])
      .filter(({ model }) => model.vendor.toLowerCase() === 'mellanox')
      .flatMap(({ ports }) => ports.map(({ text }) => text)),
  );
  if (machine?.os !== undefined && machine.os !== 'linux') {
    emission.refuseAll(`The node has ${machine.os === 'esxi' ? 'ESXi' : 'Windows'}.`);
    return emission.rendering(() => '');
  }
  const ports: PortPlace[] = [];
  for (const nic of emission.names('nics')) {
    const name = names.of(nic);
    if (name === undefined) refuseName(emission, ['nics', nic]);
    else ports.push({ nic, name, isMellanox: mellanox.has(nic) });
  }
  for (const section of ['teams', 'virtualSwitches', 'virtualNics'])
    for (const one of emission.names(section)) if (!isInterfaceName(one)) refuseName(emission, [section, one]);

  emitDrivers(emission);
  refuseOtherMtus(emission);
  for (const port of ports) emitPortSettings(emission, port);
  for (const port of ports) emitFunctions(emission, port);
  emitBonds(emission, names);
  emitBridges(emission, names);
  for (const { nic, name } of ports) emitVlans(emission, ['nics', nic], name, names);
  for (const team of emission.names('teams')) if (isInterfaceName(team)) emitVlans(emission, ['teams', team], team, names);
  emitVirtualNics(emission);
  for (const port of ports) emitDcb(emission, port);
  for (const port of ports) emitRdma(emission, port);
  emitAddresses(emission, ports, names);
  emitRoutes(emission);
  // At a machine it stands for its ports, which have said it.
  for (const setting of node.settings) if (setting.key[0] === 'dcb' && ports.length > 0) emission.take(...setting.key);

  verifications(emission, ports);
  const rendering = emission.rendering(whyNot);
  return { ...rendering, files: networkdFiles(rendering, node.name) };
}

const refuseName = (emission: Emission, key: Key): void =>
  emission.refuseAll(
    `\`${key.at(-1)}\` is no name that a Linux interface can have: at most 15 letters, digits, \`_\`, \`.\` and \`-\`.`,
    ...key,
  );

/** Parameters are read when a driver is loaded; the folder is that of modprobe.d(5). */
function emitDrivers(emission: Emission): void {
  for (const driver of emission.names('drivers'))
    for (const parameter of emission.names('drivers', driver)) {
      const value = emission.peek('drivers', driver, parameter);
      const text = typeof value === 'boolean' ? (value ? '1' : '0') : String(value);
      if (![driver, parameter].every((word) => /^[A-Za-z0-9_-]{1,64}$/.test(word)) || !/^[A-Za-z0-9_.,:/-]{1,256}$/.test(text))
        emission.refuse("The parameter can't be written in a line of modprobe.d.", 'drivers', driver, parameter);
      else
        emission.command(
          `echo 'options ${driver} ${parameter}=${text}' >> /etc/modprobe.d/samewire.conf`,
          emission.take('drivers', driver, parameter),
          'Holds from the next loading of the driver on.',
        );
    }
}

const NO_WORDS: Readonly<Record<string, string>> = {
  iscsi: 'The commands of the iSCSI initiator are another dialect: `--as iscsiadm`.',
  portals: 'The commands of the iSCSI target are another dialect: `--as targetcli`.',
  targets: 'The commands of the iSCSI target are another dialect: `--as targetcli`.',
  discovery: 'The commands of the iSCSI target are another dialect: `--as targetcli`.',
  policies: 'Linux has no such policies: applications set the priority of their sockets, and `egress` of a VLAN makes tags of it.',
  vteps: 'VXLAN is set up by what manages it, not by this dialect.',
  dcb: 'No port of the node is declared that could have it.',
};

const whyNot = (key: Key): string => NO_WORDS[key[0]!] ?? 'There is no command of Linux for it.';
