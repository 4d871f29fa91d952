/** VLANs with their names, addresses and ports. */
import type { Emission } from '../core/emission.ts';
import type { Memberships } from './memberships.ts';
import { portText } from './port-names.ts';
import { maskOfBits } from '../core/netmask.ts';
import { JUMBO_MTU_BYTES, USUAL_MTU_BYTES } from './words.ts';

export function emitVlans(emission: Emission, { untagged, tagged, without }: Memberships): void {
  emitJumboMtu(emission);
  const vlans = new Set([...emission.names('vlans').map(Number), ...untagged.keys(), ...tagged.keys(), ...(without.length > 0 ? [1] : [])]);
  // Ports leave VLAN 1 when they have another one.
  for (const vlan of [...vlans].toSorted((one, other) => Number(one === 1) - Number(other === 1) || one - other)) {
    const key = ['vlans', `${vlan}`];
    emission.command(`vlan ${vlan}`, emission.take(...key, 'present'));
    emitOwn(emission, key);
    for (const { port, from } of untagged.get(vlan) ?? []) emission.command(`   untagged ${portText(port)}`, from);
    for (const { port, from } of tagged.get(vlan) ?? []) emission.command(`   tagged ${portText(port)}`, from);
    if (vlan === 1) for (const { port, from } of without) emission.command(`   no untagged ${portText(port)}`, from);
    emission.command('   exit');
  }
}

/** One size for all VLANs with jumbo frames. */
function emitJumboMtu(emission: Emission): void {
  let size: number | undefined;
  for (const vlan of emission.names('vlans')) {
    const mtu = emission.setting('vlans', vlan, 'mtu');
    if (mtu === undefined || mtu.value === USUAL_MTU_BYTES) continue;
    const bytes = Number(mtu.value);
    if (bytes < USUAL_MTU_BYTES || bytes > JUMBO_MTU_BYTES)
      emission.refuse(`The switch knows sizes from ${USUAL_MTU_BYTES} to ${JUMBO_MTU_BYTES}.`, 'vlans', vlan, 'mtu');
    else if (size !== undefined && size !== bytes) emission.refuse('All VLANs with jumbo frames have one size.', 'vlans', vlan, 'mtu');
    else if (size === undefined) {
      size = bytes;
      emission.command(`jumbo ip-mtu ${bytes}`, mtu);
    }
  }
}

function emitOwn(emission: Emission, key: readonly string[]): void {
  const name = emission.setting(...key, 'name');
  if (name !== undefined && !/^[^"\\~\n]{1,32}$/.test(String(name.value)))
    emission.refuse('Names of VLANs have at most 32 characters.', ...key, 'name');
  else if (name !== undefined) emission.command(`   name "${String(name.value)}"`, emission.take(...key, 'name'));
  const mtu = emission.take(...key, 'mtu');
  if (mtu !== undefined) emission.command(mtu.value === USUAL_MTU_BYTES ? '   no jumbo' : '   jumbo', mtu);
  const addresses = emission.take(...key, 'addresses');
  for (const written of Array.isArray(addresses?.value) ? addresses.value.map(String) : []) {
    const [address, bits] = written.split('/');
    emission.command(
      address!.includes(':') ? `   ipv6 address ${written}` : `   ip address ${address} ${maskOfBits(Number(bits))}`,
      addresses,
    );
  }
  for (const [setting, words] of [
    ['igmpSnooping', 'ip igmp'],
    ['igmpQuerier', 'ip igmp querier'],
  ] as const) {
    const one = emission.take(...key, setting);
    if (one !== undefined) emission.command(one.value === true ? `   ${words}` : `   no ${words}`, one);
  }
}
