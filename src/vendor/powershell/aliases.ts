/** What Windows calls the interfaces of a declaration, and the way back. */
import type { Emission } from '../core/emission.ts';
import type { Found } from '../core/found.ts';

type Key = readonly string[];

/** `vEthernet (SMB1)`: the host's own interface at a virtual switch. */
export const virtualAlias = (name: string): string => `vEthernet (${name})`;

/** What New-NetLbfoTeam and Add-NetLbfoTeamNic call them. */
export const teamVlanAlias = (team: string, vlan: string): string => `${team} - VLAN ${vlan}`;

/** `place`: of something with addresses. */
export function aliasOf(emission: Emission, place: Key): string {
  const [section, name, vlans, vlan] = place as [string, string, string?, string?];
  if (section === 'virtualNics') return virtualAlias(name);
  if (section === 'teams') return vlans === undefined ? name : teamVlanAlias(name, vlan!);
  return emission.device(name);
}

/** Where the settings of an interface belong. Teams have to be known before. */
export function placeOf(found: Found, alias: string): Key {
  const virtual = /^vEthernet \((.{1,128})\)$/.exec(alias);
  if (virtual !== null) return ['virtualNics', virtual[1]!];
  const vlan = / - VLAN (\d{1,4})$/.exec(alias);
  const team = vlan === null ? alias : alias.slice(0, vlan.index);
  if (found.value(['teams', team, 'nics']) !== undefined) return vlan === null ? ['teams', team] : ['teams', team, 'vlans', vlan[1]!];
  return ['nics', alias];
}
