/** Which settings these cmdlets have words for, and what holds where nobody set them. */
import type { Found } from '../core/found.ts';
import type { SettingValue } from '../core/setting.ts';
import { restOf } from './classes.ts';

type Key = readonly string[];

const ADDRESSES: readonly string[] = ['addresses', 'dhcp', 'autoconfigure'];
const NIC: readonly string[] = [...ADDRESSES, 'device', 'mac', 'mtu', 'speed', 'flowControl', 'encapsulationOverhead'];
const TEAM: readonly string[] = [...ADDRESSES, 'nics', 'mode', 'active', 'standby', 'hash', 'lacpRate', 'mac', 'mtu'];
const VIRTUAL_NIC: readonly string[] = [...ADDRESSES, 'virtualSwitch', 'vlan', 'mtu', 'mac', 'rdma', 'uplink', 'priorityTag'];
const VLAN: readonly string[] = [...ADDRESSES, 'present', 'mtu'];
const NO_OFFLOADS: readonly string[] = ['iscsi', 'fcoe', 'tcp'];

export function says(key: Key): boolean {
  const [section, , third, fourth] = key;
  switch (section) {
    case 'routes':
    case 'policies':
    case 'smb':
      return true;
    case 'dcb':
      return isDcb(key.slice(1));
    case 'nics':
      if (third === 'dcb') return isDcb(key.slice(3));
      if (third === 'rdma') return ['kind', 'enabled', 'mtu'].includes(fourth!);
      if (third === 'offloads') return !NO_OFFLOADS.includes(fourth!);
      if (third === 'sriov') return fourth === 'functions';
      return third === 'vlans' ? VLAN.includes(key[4]!) : NIC.includes(third!);
    case 'teams':
      return third === 'vlans' ? VLAN.includes(key[4]!) : TEAM.includes(third!);
    case 'virtualSwitches':
      return ['kind', 'uplinks', 'embeddedTeaming', 'sriov'].includes(third!) || (third === 'teaming' && fourth === 'mode');
    case 'virtualNics':
      return VIRTUAL_NIC.includes(third!);
    case 'iscsi':
      return isIscsi(key.slice(2));
    default:
      return false;
  }
}

const isDcb = ([first]: Key): boolean => first === 'willing' || first === 'pfc' || first === 'classes';

function isIscsi([first, , third, fourth]: Key): boolean {
  if (first === 'discovery' || first === 'targets') return third !== 'settings' || fourth === 'headerDigest' || fourth === 'dataDigest';
  return first === 'initiator' || first === 'kind' || first === 'transport';
}

const MTU_USUAL = 1500;

/** A port has what is set for all adapters; a team and a VLAN have the frame size of their ports. */
export const defaultsOf =
  (found: Found) =>
  (key: Key): SettingValue | undefined => {
    const [section, name, third] = key;
    const last = key.at(-1)!;
    if (section === 'dcb' || third === 'dcb') return defaultOfDcb(found, key);
    if (section === 'nics' && third === 'device') return name;
    if (section === 'teams') return defaultOfTeam(found, name!, third!, last);
    if (last === 'mtu' && third !== 'rdma') return section === 'nics' ? (found.value(['nics', name!, 'mtu']) ?? MTU_USUAL) : MTU_USUAL;
    if (section === 'virtualSwitches')
      return last === 'kind' ? 'hyper-v' : last === 'embeddedTeaming' || last === 'sriov' ? false : undefined;
    if (section === 'iscsi') return last === 'transport' ? 'tcp' : third === 'kind' ? 'software' : undefined;
    return undefined;
  };

function defaultOfTeam(found: Found, team: string, third: string, last: string): SettingValue | undefined {
  const nics = (found.value(['teams', team, 'nics']) ?? []) as readonly string[];
  const standby = (found.value(['teams', team, 'standby']) ?? []) as readonly string[];
  if (last === 'mtu') return nics.length === 0 ? MTU_USUAL : (found.value(['nics', nics[0]!, 'mtu']) ?? MTU_USUAL);
  if (third === 'active') return nics.filter((nic) => !standby.includes(nic));
  if (third === 'standby') return nics.length === 2 && found.value(['teams', team, 'mode']) === 'active-backup' ? [nics[1]!] : undefined;
  // Of two ports in a hash over TCP and UDP ports: what Windows calls the address hash.
  if (third === 'hash') return found.value(['teams', team, 'mode']) === 'transmit-balance' ? 'layer3+4' : undefined;
  return third === 'mode' ? 'load-based' : third === 'lacpRate' ? 'slow' : undefined;
}

function defaultOfDcb(found: Found, key: Key): SettingValue | undefined {
  const inner = key[0] === 'nics' ? key.slice(0, 3) : ['dcb'];
  const rest = key.slice(inner.length);
  const hasOwn = found.settings.some((one) => inner.every((step, index) => one.key[index] === step) && one.key[inner.length] === rest[0]);
  const from = hasOwn ? inner : ['dcb'];
  const set = found.value([...from, ...rest]);
  if (set !== undefined) return set;
  if (rest[0] === 'classes' && rest[1] === '0' && (rest[2] === 'priorities' || rest[2] === 'bandwidth'))
    return restOf(found, from, rest[2]);
  return rest[0] === 'pfc' ? [] : undefined;
}
