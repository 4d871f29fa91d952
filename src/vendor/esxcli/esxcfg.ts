/** The older tools beside esxcli: `esxcfg-vswitch`, `esxcfg-vmknic`, `esxcfg-module`, `esxcfg-route`. */
import { bitsOfMask } from '../core/netmask.ts';
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress, parseNetwork } from '../../fabric/network/ip-prefix.ts';
import { formatMac, parseMac } from '../../wire/ethernet/mac.ts';
import { formatIp, parseAddress } from '../../wire/ip/address.ts';
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { numberOf, readParameters } from './read-network-commands.ts';
import type { Told } from './shell.ts';

const MISSING = 'Something that it needs is missing or makes no sense.';
const TAKES = 'It takes something away: only what is set is read here.';

export function readEsxcfg(found: Found, line: Line, words: readonly string[]): Told {
  const rest = words.slice(1);
  if (words[0] === 'esxcfg-vswitch') return readVswitch(found, line, rest);
  if (words[0] === 'esxcfg-module') return readModule(found, line, rest);
  if (words[0] === 'esxcfg-vmknic') return readVmknic(found, line, rest);
  if (words[0] === 'esxcfg-route') return readRoute(found, line, rest);
  return '';
}

/** Options with their values; what is left are the operands, in their order. */
function split(
  words: readonly string[],
  withValue: readonly string[],
): { readonly options: Map<string, string>; readonly operands: string[] } {
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index]!;
    if (!word.startsWith('-')) operands.push(word);
    else if (withValue.includes(word.replace(/^--?/, ''))) options.set(word.replace(/^--?/, ''), words[(index += 1)] ?? '');
    else if (word.includes('=')) options.set(word.replace(/^--?/, '').split('=', 1)[0]!, word.slice(word.indexOf('=') + 1));
    else options.set(word.replace(/^--?/, ''), '');
  }
  return { options, operands };
}

function readVswitch(found: Found, line: Line, words: readonly string[]): Told {
  const { options, operands } = split(words, ['L', 'A', 'v', 'p', 'm', 'link', 'add-pg', 'vlan', 'pg', 'mtu', 'U', 'D', 'N', 'M']);
  const name = operands.at(-1);
  const of = (...names: readonly string[]): string | undefined => names.map((one) => options.get(one)).find((one) => one !== undefined);
  if (of('d', 'delete', 'U', 'unlink', 'D', 'del-pg', 'N') !== undefined) return TAKES;
  if (name === undefined || operands.length !== 1) return MISSING;
  if (of('a', 'add') !== undefined) {
    const [bare, ports] = name.split(':') as [string, string?];
    found.say(line, ['virtualSwitches', bare, 'kind'], 'standard');
    const count = numberOf(ports, 1, 65_536);
    if (count !== undefined) found.say(line, ['virtualSwitches', bare, 'ports'], count);
    return true;
  }
  const place = ['virtualSwitches', name];
  const link = of('L', 'link');
  if (link !== undefined) {
    found.add(line, [...place, 'uplinks'], link);
    return true;
  }
  const group = of('A', 'add-pg');
  if (group !== undefined) {
    found.say(line, [...place, 'portGroups', group, 'present'], true);
    return true;
  }
  const mtu = of('m', 'mtu');
  if (mtu !== undefined) {
    const size = numberOf(mtu, 576, 65_535);
    if (size !== undefined) found.say(line, [...place, 'mtu'], size);
    return size === undefined ? MISSING : true;
  }
  const vlan = numberOf(of('v', 'vlan'), 0, 4095);
  const ofGroup = of('p', 'pg');
  if (vlan === undefined || ofGroup === undefined || ofGroup === '') return MISSING;
  found.say(line, [...place, 'portGroups', ofGroup, 'present'], true);
  found.say(line, [...place, 'portGroups', ofGroup, 'vlan'], vlan);
  return true;
}

/** Either order: `-s max_vfs=2,2 cxl` and `cxl -s max_vfs=2,2`. */
function readModule(found: Found, line: Line, words: readonly string[]): Told {
  const { options, operands } = split(words, ['s', 'set-options']);
  const text = options.get('s') ?? options.get('set-options');
  if (text === undefined || operands.length !== 1) return MISSING;
  return readParameters(found, line, operands[0]!, text) || MISSING;
}

/** Configuration Maximums of vSphere 6.7. */
const INTERFACES_MAX = 256;
const ROUTES_MAX = 1024;

/** `esxcfg-vmknic -a -i 192.0.2.1 -n 255.255.255.0 -m 9000 'Port Group'`: the host takes the next name that is free. */
function readVmknic(found: Found, line: Line, words: readonly string[]): Told {
  const { options, operands } = split(words, ['i', 'ip', 'n', 'netmask', 'm', 'mtu', 'M', 'mac', 'p', 'portgroup']);
  if (!options.has('a') && !options.has('add')) return options.has('d') || options.has('del') ? TAKES : MISSING;
  const group = options.get('p') ?? options.get('portgroup') ?? operands[0];
  const address = options.get('i') ?? options.get('ip');
  const bits = bitsOfMask(options.get('n') ?? options.get('netmask') ?? '');
  let number = 0;
  while (number < INTERFACES_MAX && found.hasSeen(['virtualNics', `vmk${number}`])) number += 1;
  if (number === INTERFACES_MAX) return 'ESXi has no more VMkernel interfaces.';
  const place = ['virtualNics', `vmk${number}`];
  const parsed = parseInterfaceAddress(`${address}/${bits}`);
  if (group === undefined || (address !== undefined && address !== 'DHCP' && isMistake(parsed))) return MISSING;
  found.say(line, [...place, 'portGroup'], group);
  if (address === 'DHCP') found.say(line, [...place, 'dhcp'], true);
  else if (!isMistake(parsed)) found.say(line, [...place, 'addresses'], [`${formatIp(parsed.value.address)}/${parsed.value.bits}`]);
  const mtu = numberOf(options.get('m') ?? options.get('mtu'), 576, 65_535);
  if (mtu !== undefined) found.say(line, [...place, 'mtu'], mtu);
  const mac = parseMac(options.get('M') ?? options.get('mac') ?? '');
  if (mac !== undefined) found.say(line, [...place, 'mac'], formatMac(mac));
  return true;
}

/** `esxcfg-route 192.0.2.1`, `esxcfg-route -a 198.51.100.0/24 192.0.2.1`. */
function readRoute(found: Found, line: Line, words: readonly string[]): Told {
  const operands = words.filter((word) => !word.startsWith('-'));
  if (words.includes('-d')) return TAKES;
  const via = parseAddress(operands.at(-1) ?? '');
  const network = operands.length === 1 || operands[0] === 'default' ? '0.0.0.0/0' : operands.slice(0, -1).join('/');
  const [base, length] = network.split('/') as [string, string?];
  const to = parseNetwork(`${base}/${length !== undefined && length.includes('.') ? bitsOfMask(length) : length}`);
  if (via === undefined || isMistake(to)) return MISSING;
  const before = found.value(['routes']);
  if (Array.isArray(before) && before.length >= ROUTES_MAX) return 'No host has so many routes.';
  found.add(line, ['routes'], `${formatIp(to.value.address)}/${to.value.bits} via ${formatIp(via)}`);
  found.say(line, ['routes'], (found.value(['routes']) as string[]).toSorted());
  return true;
}
