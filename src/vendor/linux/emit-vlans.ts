/** VLAN interfaces with the priorities of their tags. */
import type { Emission } from '../core/emission.ts';
import type { InterfaceNames } from './names.ts';

export function emitVlans(emission: Emission, on: readonly string[], name: string, names: InterfaceNames): void {
  for (const vlan of emission.names(...on, 'vlans')) {
    const key = [...on, 'vlans', vlan];
    const present = emission.take(...key, 'present');
    if (present === undefined) continue;
    const device = names.ofVlan(name, vlan);
    const maps = (['egress', 'ingress'] as const)
      .filter((map) => emission.has(...key, map))
      .map(
        (map) =>
          ` ${map}-qos-map ${emission
            .names(...key, map)
            .map((from) => `${from}:${String(emission.take(...key, map, from)!.value)}`)
            .join(' ')}`,
      );
    const mtu = emission.setting(...key, 'mtu');
    const most = Number(emission.peek(...on, 'mtu') ?? Infinity);
    const fits = mtu !== undefined && Number(mtu.value) <= most;
    if (mtu !== undefined && !fits) emission.refuse("A VLAN can't have a larger MTU than what it is on.", ...key, 'mtu');
    emission.command(
      `ip link add link ${name} name ${device}${fits ? ` mtu ${String(emission.take(...key, 'mtu')!.value)}` : ''} type vlan id ${vlan}${maps.join('')}`,
      present,
    );
  }
}
