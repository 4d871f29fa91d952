/** Lines below `vlan N`. */
import type { Line } from '../core/lines.ts';
import { formatIp, parseAddress } from '../../wire/ip/address.ts';
import type { Draft } from './draft.ts';
import { portsOf } from './port-names.ts';
import { bitsOfMask } from '../core/netmask.ts';

export function readVlan(draft: Draft, line: Line, vlan: number, all: readonly string[]): boolean {
  const isNo = all[0] === 'no';
  const words = isNo ? all.slice(1) : all;
  const [first, second, third] = words;
  const key = ['vlans', `${vlan}`];
  draft.vlan(line, vlan);
  if (first === 'tagged' || first === 'untagged') {
    const ports = portsOf(second ?? '');
    if (ports === undefined || words.length > 2) return false;
    draft.carry(line, vlan, ports, isNo ? 'none' : first);
    return true;
  }
  if (first === 'name' && second !== undefined && words.length === 2 && !isNo) {
    // The names that they have from the beginning are nobody's.
    draft.found.say(line, [...key, 'name'], second, second === 'DEFAULT_VLAN' || second === `VLAN${vlan}`);
    return true;
  }
  if (first === 'jumbo' && words.length === 1) {
    draft.jumbo(line, vlan, !isNo);
    return true;
  }
  if (first === 'ip' && second === 'igmp') {
    if (words.length > 3 || (third !== undefined && third !== 'querier')) return false;
    draft.found.say(line, [...key, third === 'querier' ? 'igmpQuerier' : 'igmpSnooping'], !isNo);
    return true;
  }
  if ((first !== 'ip' && first !== 'ipv6') || second !== 'address') return false;
  // `no ip address`: as it is from the beginning.
  if (isNo) return words.length === 2;
  const address = addressOf(third ?? '', words[3]);
  if (address === undefined) return false;
  draft.found.add(line, [...key, 'addresses'], address);
  return true;
}

function addressOf(written: string, mask: string | undefined): string | undefined {
  const [text, length] = written.split('/');
  const address = parseAddress(text!);
  const bits = length === undefined ? bitsOfMask(mask ?? '') : /^\d{1,3}$/.test(length) ? Number(length) : undefined;
  return address === undefined || bits === undefined ? undefined : `${formatIp(address)}/${bits}`;
}
