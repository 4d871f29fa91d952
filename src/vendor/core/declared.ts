/** What the declaration says of one node, as settings. */
import { memoized } from '../../base/memoized.ts';
import type { Fabric } from '../../fabric/model.ts';
import { sayAdapter, sayArray } from './declared-storage.ts';
import { sayMachine } from './declared-machine.ts';
import { settingsOfSwitch } from './declared-switch.ts';
import type { DeclaredNode } from './dialect.ts';
import { Sayings } from './say.ts';

/** Undefined: there is no node of that name. */
export function declaredNode(fabric: Fabric, name: string): DeclaredNode | undefined {
  return nodesOf(fabric).get(name);
}

export const declaredNodes = (fabric: Fabric): readonly DeclaredNode[] => [...nodesOf(fabric).values()];

const nodesOf = memoized((fabric: Fabric): ReadonlyMap<string, DeclaredNode> => {
  const nodes = new Map<string, DeclaredNode>();
  for (const host of fabric.hosts) {
    const sayings = new Sayings();
    sayMachine(sayings, host.machine);
    for (const name of ['multichannel', 'signing', 'encryption', 'liveMigrationLimit'] as const)
      sayings.said<string | number | boolean>(['smb', name], host.smb?.[name]);
    for (const adapter of host.adapters) sayAdapter(sayings, adapter, fabric);
    nodes.set(host.name, { fabric, name: host.name, kind: 'host', settings: sayings.settings });
  }
  for (const array of fabric.arrays) {
    const sayings = new Sayings();
    sayMachine(sayings, array.machine);
    sayArray(sayings, array);
    nodes.set(array.name, { fabric, name: array.name, kind: 'array', settings: sayings.settings });
  }
  for (const one of fabric.switches) nodes.set(one.name, { fabric, name: one.name, kind: 'switch', settings: settingsOfSwitch(one) });
  return nodes;
});
