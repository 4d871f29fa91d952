/** Lists of virtual switches and of VMkernel interfaces: `esxcfg-vswitch -l`, `esxcfg-vmknic -l`, and what esxcli prints in blocks. */
import { bitsOfMask } from '../core/netmask.ts';
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress } from '../../fabric/network/ip-prefix.ts';
import { formatMac, parseMac } from '../../wire/ethernet/mac.ts';
import { formatIp, parseAddress } from '../../wire/ip/address.ts';
import type { Found } from '../core/found.ts';
import type { Line } from '../core/lines.ts';
import { listing } from './listing.ts';
import { numberOf } from './read-network-commands.ts';

const isGroupKey = (key: readonly string[]): boolean => key[2] === 'portGroups' && (key[4] === 'present' || key[4] === 'vlan');

/** Names may have blanks, and may be longer than their column: numbers are counted from the right. */
function numbersAtEnd(
  text: string,
  count: number,
): { readonly name: string; readonly numbers: readonly string[]; readonly last: string } | undefined {
  const words = text.trim().split(/\s+/);
  const last = /^\d+$/.test(words.at(-1)!) ? '' : words.pop()!;
  const numbers = words.splice(Math.max(0, words.length - count));
  return numbers.length < count || words.length === 0 || numbers.some((word) => !/^\d{1,6}$/.test(word))
    ? undefined
    : { name: words.join(' '), numbers, last };
}

/** Those of the switch are nobody's wish; one alone is; of several nobody knows which stand by. */
function tellUplinks(found: Found, line: Line, place: readonly string[], group: string, ports: readonly string[]): void {
  const all = found.value([...place, 'uplinks']);
  const isUsual = !Array.isArray(all) || all.every((port) => ports.includes(`${port}`));
  found.say(line, [...place, 'portGroups', group, 'teaming', 'active'], ports, isUsual || ports.length > 1);
  if (!isUsual && ports.length > 1) found.unknown(line, 'The port group has its own uplinks; which of them stand by is not said here.');
}

export const vswitchList = listing({
  name: 'esxcfg-vswitch -l',
  isWhole: true,
  command: /esxcfg-vswitch\s+(?:-l|--list)/,
  mark: /^ *(?:Switch|DVS) Name\s+Num Ports\s+Used Ports/m,
  covers: (key) => key[0] === 'virtualSwitches' && (['kind', 'uplinks', 'mtu'].includes(key[2]!) || isGroupKey(key)),
  read: (found, lines) => {
    let isSuch = false;
    let mode: 'none' | 'switch' | 'distributed' | 'groups' | 'ports' = 'none';
    let place: readonly string[] = [];
    for (const line of lines) {
      const text = line.text.trim();
      if (text === '') continue;
      if (/^Switch Name\s+Num Ports/.test(text)) mode = 'switch';
      else if (/^DVS Name\s+Num Ports/.test(text)) mode = 'distributed';
      else if (/^PortGroup Name\s+VLAN ID/.test(text)) mode = 'groups';
      else if (/^DVPort ID\s+In Use/.test(text)) mode = 'ports';
      else if (mode === 'switch' || mode === 'distributed') {
        const row = numbersAtEnd(text, 4);
        if (row === undefined) {
          found.unknown(line);
          continue;
        }
        place = ['virtualSwitches', row.name];
        found.say(line, [...place, 'kind'], mode === 'switch' ? 'standard' : 'distributed');
        // That of a distributed switch is declared with it, not with its part here.
        found.say(line, [...place, 'mtu'], Number(row.numbers[3]), mode === 'distributed');
        found.say(line, [...place, 'ports'], Number(row.numbers[2]), true);
        if (row.last !== '') found.say(line, [...place, 'uplinks'], row.last.split(','));
      } else if (mode === 'groups') {
        const row = numbersAtEnd(text, 2);
        const vlan = numberOf(row?.numbers[0], 0, 4095);
        if (row === undefined || vlan === undefined) {
          found.unknown(line);
          continue;
        }
        found.say(line, [...place, 'portGroups', row.name, 'present'], true);
        found.say(line, [...place, 'portGroups', row.name, 'vlan'], vlan);
        if (row.last !== '') tellUplinks(found, line, place, row.name, row.last.split(','));
      } else if (mode === 'ports') found.unknown(line, 'A port of a distributed switch: vCenter has its settings.');
      else found.unknown(line);
      isSuch ||= mode !== 'none';
    }
    return isSuch;
  },
});

export const standardSwitchList = listing({
  name: 'esxcli network vswitch standard list',
  isWhole: true,
  command: /esxcli\s+network\s+vswitch\s+standard\s+list/,
  mark: /^ *Class: (?:etherswitch|cswitch|\S+)\s*\n\s*Num Ports:/m,
  covers: (key) =>
    key[0] === 'virtualSwitches' && (['kind', 'uplinks', 'mtu'].includes(key[2]!) || (key[2] === 'portGroups' && key[4] === 'present')),
  read: (found, lines) =>
    readBlocks(found, lines, 'Name', (line, name, key, value) => {
      const place = ['virtualSwitches', name];
      if (key === 'Name') found.say(line, [...place, 'kind'], 'standard');
      else if (key === 'MTU' || key === 'Configured Ports') {
        const number = numberOf(value, 1, 65_536);
        if (number === undefined) return false;
        found.say(line, [...place, key === 'MTU' ? 'mtu' : 'ports'], number, key !== 'MTU');
      } else if (key === 'Uplinks') {
        if (value !== '') found.say(line, [...place, 'uplinks'], listOf(value));
      } else if (key === 'Portgroups') {
        for (const group of listOf(value)) found.say(line, [...place, 'portGroups', group, 'present'], true);
      } else return key === 'Class' || key === 'Num Ports' || key === 'Used Ports';
      return true;
    }),
});

export const interfaceList = listing({
  name: 'esxcli network ip interface list',
  isWhole: true,
  command: /esxcli\s+network\s+ip\s+interface\s+list/,
  mark: /^ *Portset: .*\n\s*Portgroup:/m,
  covers: (key) => key[0] === 'virtualNics' && ['portGroup', 'mtu', 'mac'].includes(key[2]!),
  read: (found, lines) =>
    readBlocks(found, lines, 'Name', (line, name, key, value) => {
      const place = ['virtualNics', name];
      if (key === 'Name') return true;
      if (key === 'Portgroup') {
        if (value !== 'N/A') found.say(line, [...place, 'portGroup'], value);
      } else if (key === 'MTU') {
        const mtu = numberOf(value, 576, 65_535);
        if (mtu === undefined) return false;
        found.say(line, [...place, 'mtu'], mtu);
      } else if (key === 'MAC Address') {
        const mac = parseMac(value);
        if (mac === undefined) return false;
        found.say(line, [...place, 'mac'], formatMac(mac), true);
      } else if (key === 'Netstack Instance') return value === 'defaultTcpipStack';
      else return value === 'N/A' || value === '-1' || ['Enabled', 'Portset', 'TSO MSS', 'Port ID', 'RXDispQueue Size'].includes(key);
      return true;
    }),
});

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');

/** Blocks of `Key: value` under a name; `first`: the key that begins with the name itself. */
function readBlocks(
  found: Found,
  lines: readonly Line[],
  first: string,
  say: (line: Line, name: string, key: string, value: string) => boolean,
): boolean {
  let name: string | undefined;
  let isSuch = false;
  for (const [index, line] of lines.entries()) {
    const text = line.text.trim();
    if (text === '') continue;
    const at = text.indexOf(':');
    const key = at === -1 ? '' : text.slice(0, at);
    const value = at === -1 ? '' : text.slice(at + 1).trim();
    if (key === first) {
      name = value;
      isSuch = true;
      say(line, name, key, value);
      continue;
    }
    // The heading: the name alone, before the key that repeats it.
    const next = lines[index + 1]?.text.trim();
    if (next === `${first}: ${text}`) continue;
    if (name === undefined || at === -1 || !say(line, name, key, value)) found.unknown(line);
  }
  return isSuch;
}

export const vmknicList = listing({
  name: 'esxcfg-vmknic -l',
  isWhole: true,
  command: /esxcfg-vmknic\s+(?:-l|--list)/,
  mark: /^ *Interface\s+Port Group/m,
  covers: (key) => key[0] === 'virtualNics' && ['portGroup', 'mtu', 'mac', 'addresses', 'dhcp'].includes(key[2]!),
  read: (found, lines) => {
    let isSuch = false;
    for (const line of lines) {
      const words = line.text.trim().split(/\s+/);
      if (words[0] === '') continue;
      if (words[0] === 'Interface') isSuch = true;
      else if (!readVmknic(found, line, words)) found.unknown(line);
    }
    return isSuch;
  },
});

/** The address begins after its family; the port group before it may have blanks. */
function readVmknic(found: Found, line: Line, words: readonly string[]): boolean {
  const family = words.findIndex(
    (word, index) => (word === 'IPv4' || word === 'IPv6') && parseAddress(words[index + 1] ?? '') !== undefined,
  );
  const macAt = words.findIndex((word, index) => index > family && parseMac(word) !== undefined && word.length === 17);
  if (family < 1 || macAt === -1 || !/^vmk\d{1,3}$/.test(words[0]!)) return false;
  const place = ['virtualNics', words[0]!];
  const bits = words[family] === 'IPv4' ? bitsOfMask(words[family + 2]!) : numberOf(words[family + 2], 1, 128);
  const parsed = parseInterfaceAddress(`${words[family + 1]}/${bits}`);
  const mtu = numberOf(words[macAt + 1], 576, 65_535);
  if (isMistake(parsed) || mtu === undefined) return false;
  const group = words.slice(1, family).join(' ');
  // A number is a port of a distributed switch.
  if (group !== '' && !/^\d+$/.test(group)) found.say(line, [...place, 'portGroup'], group);
  found.say(line, [...place, 'mtu'], mtu);
  found.say(line, [...place, 'mac'], words[macAt]!.toLowerCase(), true);
  const text = `${formatIp(parsed.value.address)}/${parsed.value.bits}`;
  if (words.slice(macAt).includes('DHCP')) found.say(line, [...place, 'dhcp'], true);
  else if (!text.startsWith('fe80:')) found.add(line, [...place, 'addresses'], text);
  return true;
}
