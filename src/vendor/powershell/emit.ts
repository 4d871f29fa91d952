/** A Windows host as cmdlets, in an order that works: ports, teams, switches, interfaces, Data Center Bridging, addresses, SMB, iSCSI. */
import type { DeclaredNode, Rendering } from '../core/dialect.ts';
import { Emission } from '../core/emission.ts';
import { emitAddresses, emitNics } from './emit-adapter.ts';
import { emitDcb } from './emit-dcb.ts';
import { emitIscsi, emitSmb } from './emit-iscsi.ts';
import { emitInterfaces, emitSwitches, emitTeams } from './emit-virtual.ts';

export function emit(node: DeclaredNode): Rendering {
  const emission = new Emission(node);
  emitNics(emission);
  emitTeams(emission);
  emitSwitches(emission);
  emitInterfaces(emission);
  emitDcb(emission);
  emitAddresses(emission);
  emitSmb(emission);
  emitIscsi(emission);
  return emission.rendering(whyNot);
}

function whyNot(key: readonly string[]): string {
  if (key[0] === 'drivers') return 'On Windows parameters of drivers are properties of their adapters.';
  if (key[0] === 'vteps') return 'The network controller makes the ends of VXLAN tunnels.';
  if (key[0] === 'iscsi') return 'The initiator of Windows has no such setting.';
  return 'Windows has no cmdlet for it.';
}
