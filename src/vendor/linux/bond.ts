/** Modes and options of bonds in the words of the fabric file, and the way back (Linux Ethernet Bonding Driver HOWTO; iproute2 6.1 ip-link(8)). */
import type { Found } from '../core/found.ts';
import { type Link, odd, tell } from './link.ts';

export const BOND_MODES: ReadonlyMap<string, string> = new Map([
  ['round-robin', 'balance-rr'],
  ['active-backup', 'active-backup'],
  ['static', 'balance-xor'],
  ['lacp', '802.3ad'],
  ['transmit-balance', 'balance-tlb'],
  ['smart-balance', 'balance-alb'],
]);
const TEAM_MODES = new Map([...BOND_MODES].map(([team, bond]) => [bond, team]));
/** Modes that know a preferred port. */
export const PRIMARY_MODES: readonly string[] = ['active-backup', 'transmit-balance', 'smart-balance'];
export const BOND_HASHES: readonly string[] = ['layer2', 'layer2+3', 'layer3+4'];

/** Names of modes that the options of `ip` and the module's parameters take besides: numbers. */
const NUMBERED = ['balance-rr', 'active-backup', 'balance-xor', 'broadcast', '802.3ad', 'balance-tlb', 'balance-alb'];
export const modeName = (written: string): string => (/^[0-6]$/.test(written) ? NUMBERED[Number(written)]! : written);

export function bondSettings(found: Found, key: readonly string[], link: Link, ports: readonly Link[]): void {
  const { line } = link;
  const options = link.bond ?? {};
  const strange = (text: string, why: string): void => odd(found, line, `${link.name} ${text}`, why);
  const mode = options.mode === undefined ? undefined : TEAM_MODES.get(modeName(options.mode));
  if (options.mode !== undefined && mode === undefined) strange(`mode ${options.mode}`, 'No mode of a team is like it.');
  tell(found, line, [...key, 'mode'], mode, mode === 'round-robin');
  const { hash } = options;
  if (hash !== undefined && !BOND_HASHES.includes(hash)) strange(`xmit_hash_policy ${hash}`, 'No hash of a team is like it.');
  else tell(found, line, [...key, 'hash'], hash, hash === 'layer2');
  if (mode === 'lacp') {
    tell(found, line, [...key, 'lacpRate'], options.lacpRate, options.lacpRate === 'slow');
    if (options.lacpActive !== undefined)
      tell(found, line, [...key, 'lacpActive'], options.lacpActive === 'on', options.lacpActive === 'on');
  }
  if ((options.arpInterval ?? 0) > 0) tell(found, line, [...key, 'detection'], 'arp');
  else if ((options.miimon ?? 0) > 0) tell(found, line, [...key, 'detection'], 'link', true);
  else if (options.miimon === 0) strange('miimon 0', 'It does not notice when the link of a port fails.');
  if (options.primaryReselect !== undefined) {
    const failback = options.primaryReselect === 'always';
    if (options.primaryReselect === 'better') strange('primary_reselect better', 'A team goes back to its first port always or never.');
    else tell(found, line, [...key, 'failback'], failback, failback);
  }
  if (options.notifications !== undefined)
    tell(found, line, [...key, 'notifySwitches'], options.notifications > 0, options.notifications > 0);
  if (options.primary === undefined) return;
  tell(found, line, [...key, 'active'], [options.primary]);
  const others = ports.filter(({ name }) => name !== options.primary).toSorted((one, other) => (other.priority ?? 0) - (one.priority ?? 0));
  tell(
    found,
    line,
    [...key, 'standby'],
    others.map(({ name }) => name),
    true,
  );
}
