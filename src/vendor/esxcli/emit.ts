/** A host of ESXi as commands, in an order that works: modules, ports, switches, interfaces, routes, iSCSI. */
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import { Emission } from '../core/emission.ts';
import { emitDrivers, emitNics, settleMtus } from './emit-nic.ts';
import { emitInterfaces, emitRoutes, emitSwitches } from './emit-virtual.ts';
import { emitIscsi } from './emit-iscsi.ts';

export function emit(node: DeclaredNode): Rendering {
  const emission = new Emission(node);
  emitDrivers(emission);
  emitNics(emission);
  emitSwitches(emission);
  settleMtus(emission);
  emitInterfaces(emission);
  emitRoutes(emission);
  emitIscsi(emission);
  return emission.rendering(whyNot);
}

function whyNot(key: readonly string[]): string {
  if (key[0] === 'nics') return 'On ESXi addresses and VLANs are those of VMkernel interfaces (`virtualNics`) and port groups.';
  if (key[0] === 'teams') return 'On ESXi ports are teamed by a virtual switch (`virtualSwitches`, `teaming`).';
  if (key[0] === 'vteps') return 'NSX makes the ends of VXLAN tunnels.';
  if (key[0] === 'policies') return 'ESXi has no priorities by traffic outside a distributed switch.';
  return 'esxcli has no word for it.';
}
