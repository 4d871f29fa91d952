/** Names of network interfaces as Linux takes them: at most 15 characters (IFNAMSIZ), and here only such that a shell leaves alone. */
import type { Emission } from '../core/emission.ts';

export const isInterfaceName = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}$/.test(text);

/** Where commands for a port are made: its name in the declaration, and what Linux calls it. */
export interface PortPlace {
  readonly nic: string;
  readonly name: string;
  readonly isMellanox: boolean;
}

export interface InterfaceNames {
  /** Of an adapter port, a team or a bridge; undefined: Linux can't call anything so. */
  of(declared: string): string | undefined;
  /** Of the interface for a VLAN on it. */
  ofVlan(on: string, vlan: string): string;
}

/** A port is called as the declaration says (`device`), else by its name there. */
export function interfaceNames(emission: Emission): InterfaceNames {
  const devices = new Map<string, string>();
  for (const nic of emission.names('nics')) {
    const device = emission.take('nics', nic, 'device')?.value;
    devices.set(nic, typeof device === 'string' ? device : nic);
  }
  const taken = new Map<string, string>();
  const of = (declared: string): string | undefined => {
    const name = devices.get(declared) ?? declared;
    return isInterfaceName(name) ? name : undefined;
  };
  return {
    of,
    ofVlan: (on, vlan) => {
      const usual = `${on}.${vlan}`;
      if (usual.length <= 15) return usual;
      const made = taken.get(usual);
      if (made !== undefined) return made;
      // `vlan1234` is the next usual form; a second one of the same number is told apart.
      const used = new Set(taken.values());
      let name = `vlan${vlan}`;
      for (let count = 2; used.has(name); count += 1) name = `vlan${vlan}-${count}`;
      taken.set(usual, name);
      return name;
    },
  };
}
