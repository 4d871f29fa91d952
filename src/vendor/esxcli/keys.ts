/** Which settings esxcli has words for, and what holds where nobody set them. */
import { defaultSettings } from '../../fabric/host-model.ts';
import type { Found } from '../core/found.ts';
import type { SettingValue } from '../core/setting.ts';

type Key = readonly string[];

const TEAMING: readonly string[] = ['mode', 'active', 'standby', 'unused', 'detection', 'failback', 'notifySwitches'];
const SECURITY: readonly string[] = ['promiscuous', 'macChanges', 'forgedTransmits'];
const OFFLOADS: readonly string[] = ['checksum', 'largeSend', 'receiveBuffers', 'sendBuffers'];
const INTERFACE: readonly string[] = ['portGroup', 'mtu', 'mac', 'services', 'addresses', 'dhcp', 'autoconfigure'];

export function says(key: Key): boolean {
  const [section, , third, fourth] = key;
  if (section === 'drivers' || section === 'routes') return true;
  if (section === 'nics')
    return ['device', 'mtu', 'speed', 'flowControl'].includes(third!) || (third === 'offloads' && OFFLOADS.includes(fourth!));
  if (section === 'virtualSwitches') {
    if (third === 'portGroups') return ['present', 'vlan'].includes(key[4]!) || isPolicy(key[4], key[5]);
    return ['kind', 'uplinks', 'ports', 'mtu'].includes(third!) || isPolicy(third, fourth);
  }
  if (section === 'virtualNics') return INTERFACE.includes(third!);
  return section === 'iscsi' && third !== 'nic' && third !== 'vlan';
}

const isPolicy = (group: string | undefined, name: string | undefined): boolean =>
  (group === 'teaming' && TEAMING.includes(name!)) || (group === 'security' && SECURITY.includes(name!));

const MTU_USUAL = 1500;

/** From what an output says of other things: a port has the MTU of its switch, an uplink is in use unless the policy says otherwise. */
export const defaultsOf = (found: Found) => {
  let mtus: ReadonlyMap<string, SettingValue> | undefined;
  return (key: Key): SettingValue | undefined => {
    const [section, name, third] = key;
    if (section === 'nics' && third === 'mtu') return (mtus ??= mtusOfPorts(found)).get(name!) ?? MTU_USUAL;
    // Ports are called here as the system calls them.
    if (section === 'nics' && third === 'device') return name;
    if (section === 'virtualSwitches') return defaultOfSwitch(found, key);
    if (section === 'virtualNics' && third === 'mtu') return MTU_USUAL;
    if (section !== 'iscsi') return undefined;
    if (third === 'kind') return 'software';
    if (key.at(-1) === 'transport') return 'tcp';
    if (key.at(-2) !== 'settings') return undefined;
    const setting = defaultSettings[key.at(-1) as keyof typeof defaultSettings] as SettingValue | undefined;
    return third === 'settings' || UNSETTABLE.has(key.at(-1)!) ? setting : undefined;
  };
};

/** Of the defaults of the fabric file those that ESXi never changes. */
const UNSETTABLE: ReadonlySet<string> = new Set(['immediateData', 'initialR2T', 'errorRecoveryLevel', 'commands', 'connections']);

function defaultOfSwitch(found: Found, key: Key): SettingValue | undefined {
  const last = key.at(-1)!;
  if (last === 'mtu') return MTU_USUAL;
  if (last === 'kind') return 'standard';
  if (last === 'vlan') return 0;
  if (last !== 'active') return undefined;
  const uplinks = found.value(['virtualSwitches', key[1]!, 'uplinks']);
  const standby = found.value([...key.slice(0, -1), 'standby']);
  return Array.isArray(uplinks)
    ? (uplinks as string[]).filter((port) => !(Array.isArray(standby) && (standby as string[]).includes(port)))
    : undefined;
}

function mtusOfPorts(found: Found): ReadonlyMap<string, SettingValue> {
  const mtus = new Map<string, SettingValue>();
  for (const { key, value } of found.settings)
    if (key[0] === 'virtualSwitches' && key.length === 3 && key[2] === 'uplinks')
      for (const nic of value as readonly string[])
        if (!mtus.has(nic)) mtus.set(nic, found.value(['virtualSwitches', key[1]!, 'mtu']) ?? MTU_USUAL);
  return mtus;
}
