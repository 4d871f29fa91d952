/** Teams as bonds. Ports are taken down before they join, or the kernel refuses them; the MTU of a bond becomes that of its ports. */
import type { Emission } from '../core/emission.ts';
import { BOND_HASHES, BOND_MODES, PRIMARY_MODES } from './bond.ts';
import { type InterfaceNames, isInterfaceName } from './names.ts';

/** How often a bond looks at the links of its ports; without it a bond notices nothing. */
const MIIMON_MILLISECONDS = 100;

export function emitBonds(emission: Emission, names: InterfaceNames): void {
  for (const team of emission.names('teams')) if (isInterfaceName(team)) emitBond(emission, team, names);
}

/** A port that joins a bond takes its MTU: before anything is set, what can't last is told. */
export function refuseOtherMtus(emission: Emission): void {
  for (const team of emission.names('teams')) {
    const mtu = mtuOf(emission, ['teams', team]);
    for (const nic of list(emission.peek('teams', team, 'nics')))
      if (Number(emission.peek('nics', nic, 'mtu') ?? mtu) !== mtu)
        emission.refuse('The ports of a bond have its MTU.', 'nics', nic, 'mtu');
  }
}

/** That of its ports, where the team says none. */
function mtuOf(emission: Emission, key: readonly string[]): number {
  const ports = list(emission.peek(...key, 'nics')).map((nic) => Number(emission.peek('nics', nic, 'mtu') ?? 1500));
  return Number(emission.peek(...key, 'mtu') ?? Math.min(...ports));
}

const list = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

function emitBond(emission: Emission, team: string, names: InterfaceNames): void {
  const key = ['teams', team];
  const mode = emission.setting(...key, 'mode');
  const bondMode = mode === undefined ? 'balance-rr' : BOND_MODES.get(String(mode.value));
  if (bondMode === undefined) return emission.refuseAll(`A bond of Linux has no mode like \`${String(mode!.value)}\`.`, ...key);
  const declared = list(emission.peek(...key, 'nics'));
  const ports = declared.map((nic) => names.of(nic));
  if (ports.some((name) => name === undefined)) return emission.refuseAll('One of its ports has no name that Linux takes.', ...key);
  emission.take(...key, 'mode');

  emission.take(...key, 'mtu');
  const mtu = mtuOf(emission, key);
  const mac = emission.take(...key, 'mac');
  emission.command(
    `ip link add name ${team} mtu ${mtu}${mac === undefined ? '' : ` address ${String(mac.value)}`} type bond mode ${bondMode}`,
    mode ?? emission.setting(...key, 'nics'),
  );
  emitOptions(emission, key, team, String(mode?.value ?? 'round-robin'));

  const nics = emission.take(...key, 'nics');
  for (const name of ports) {
    emission.command(`ip link set dev ${name!} down`, nics);
    emission.command(`ip link set dev ${name!} master ${team}`, nics);
  }
  emitOrder(emission, key, team, names, String(mode?.value ?? 'round-robin'));
}

function emitOptions(emission: Emission, key: readonly string[], team: string, mode: string): void {
  const set = `ip link set dev ${team} type bond`;
  const detection = emission.setting(...key, 'detection');
  if (detection?.value === 'arp')
    emission.refuse(
      '`arp_interval` wants addresses to ask for (`arp_ip_target`), which the declaration does not say.',
      ...key,
      'detection',
    );
  else if (detection?.value === 'beacon') emission.refuse('Bonds of Linux have no beacons.', ...key, 'detection');
  else emission.take(...key, 'detection');
  emission.command(`${set} miimon ${MIIMON_MILLISECONDS}`, detection ?? emission.setting(...key, 'nics'));

  const hash = emission.setting(...key, 'hash');
  if (hash !== undefined && !BOND_HASHES.includes(String(hash.value)))
    emission.refuse(`Bonds of Linux have no hash over ${String(hash.value)} alone.`, ...key, 'hash');
  else if (hash !== undefined) emission.command(`${set} xmit_hash_policy ${String(hash.value)}`, emission.take(...key, 'hash'));
  if (mode === 'lacp') {
    const active = emission.take(...key, 'lacpActive');
    if (active !== undefined) emission.command(`${set} lacp_active ${active.value === true ? 'on' : 'off'}`, active);
    const rate = emission.take(...key, 'lacpRate');
    if (rate !== undefined) emission.command(`${set} lacp_rate ${String(rate.value)}`, rate);
  } else for (const one of ['lacpActive', 'lacpRate']) emission.refuse('The mode of the team is not `lacp`.', ...key, one);
  const notify = emission.take(...key, 'notifySwitches');
  if (notify !== undefined) emission.command(`${set} num_grat_arp ${notify.value === true ? 1 : 0}`, notify);
}

/** One port is active in these modes; which others come next is their priority (bond_slave prio, from Linux 6.0 on). */
function emitOrder(emission: Emission, key: readonly string[], team: string, names: InterfaceNames, mode: string): void {
  const set = `ip link set dev ${team} type bond`;
  const active = emission.setting(...key, 'active');
  const standby = emission.setting(...key, 'standby');
  emission.refuse('A bond uses all its ports: leave it out of `nics`.', ...key, 'unused');
  const preferred = list(active?.value);
  if (!PRIMARY_MODES.includes(mode)) {
    for (const one of ['active', 'standby', 'failback']) emission.refuse('In this mode a bond uses all its ports alike.', ...key, one);
    return;
  }
  const first = names.of(preferred[0] ?? '');
  if (first !== undefined && preferred.length === 1) {
    emission.command(`${set} primary ${first}`, emission.take(...key, 'active'));
    const failback = emission.take(...key, 'failback');
    if (failback !== undefined) emission.command(`${set} primary_reselect ${failback.value === true ? 'always' : 'failure'}`, failback);
  } else {
    emission.refuse('A bond has one preferred port: list it alone, and the others in `standby`.', ...key, 'active');
    emission.refuse('A bond goes back to a preferred port: list one in `active`.', ...key, 'failback');
  }
  const others = list(standby?.value);
  if (standby === undefined) return;
  if (preferred.length !== 1)
    return emission.refuse('Without one port in `active` the order of the others says nothing.', ...key, 'standby');
  emission.take(...key, 'standby');
  for (const [index, nic] of others.entries())
    emission.command(`ip link set dev ${names.of(nic) ?? nic} type bond_slave prio ${others.length - index}`, standby);
}
