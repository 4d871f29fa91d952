/** What the port of an adapter can do. */
import { portModes } from '../adapters/adapter-model.ts';
import type { Machine, NetworkAdapter, Nic } from './model.ts';

/** The adapter that has the port, and which of its ports it is. */
export function adapterOf(machine: Machine, nic: Nic): { readonly adapter: NetworkAdapter; readonly index: number } | undefined {
  for (const adapter of machine.adapters) {
    const index = adapter.ports.findIndex(({ text }) => text === nic.name);
    if (index !== -1) return { adapter, index };
  }
  return undefined;
}

/** Speeds of the port as what it is said to be, ascending; undefined: any. */
export function nicSpeeds(machine: Machine, nic: Nic): readonly number[] | undefined {
  const found = adapterOf(machine, nic);
  const modes = found === undefined ? undefined : portModes(found.adapter.model, found.index);
  const possible = modes?.filter(({ kind }) => (nic.portType === 'auto' ? kind !== 'fibre-channel' : kind === nic.portType)) ?? [];
  if (possible.length === 0 || possible.some(({ speedsBitsPerSecond }) => speedsBitsPerSecond === undefined)) return undefined;
  return [...new Set(possible.flatMap(({ speedsBitsPerSecond }) => speedsBitsPerSecond!))].toSorted((a, b) => a - b);
}
