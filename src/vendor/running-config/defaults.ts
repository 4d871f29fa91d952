/** What holds on a switch where its configuration says nothing. */
import { keyText, type SettingValue } from '../core/setting.ts';

/** By the steps below a port or an aggregation, a VLAN, or of the switch: `ports.mtu`, `vlans.igmpSnooping`, `lldp`. */
export type Defaults = Readonly<Record<string, SettingValue>>;

export const CISCO_DEFAULTS: Defaults = {
  'spanningTree.enabled': true,
  'spanningTree.priority': 32_768,
  lldp: false,
  'vlans.mtu': 1500,
  'vlans.igmpSnooping': true,
  'vlans.igmpQuerier': false,
  'ports.untagged': 1,
  'ports.tagged': 'none',
  'ports.disabled': false,
  'ports.flowControl': 'none',
  'ports.mtu': 1500,
  'ports.spanningTree.edge': false,
  'aggregations.untagged': 1,
  'aggregations.tagged': 'none',
  'aggregations.mtu': 1500,
  'aggregations.lacpRate': 'slow',
  'aggregations.active': true,
};

export function defaultIn(defaults: Defaults, key: readonly string[]): SettingValue | undefined {
  const [place, name, ...rest] = key;
  if (place !== 'vlans' && place !== 'ports' && place !== 'aggregations') return defaults[keyText(key)];
  // Every switch has VLAN 1.
  if (place === 'vlans' && rest[0] === 'present') return name === '1' ? true : undefined;
  return defaults[`${place}.${rest.join('.')}`];
}
