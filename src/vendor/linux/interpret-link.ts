/** `ip link add`, `ip link set` and `ip link property add`, word by word (ip-link(8) of iproute2 6.1). */
import type { Line } from '../core/lines.ts';
import type { BondOptions, FunctionOptions, Link } from './link.ts';
import { modeName } from './bond.ts';
import { isWord, linkOf, type Machine } from './machine.ts';

export function readIpLink(machine: Machine, verb: string, words: readonly string[], line: Line): boolean {
  if (verb === 'property') return readProperty(machine, words, line);
  if (isWord(verb, 'add')) return readAdd(machine, words, line);
  return isWord(verb, 'set') && readSet(machine, words, line);
}

function readProperty(machine: Machine, [add, dev, name, word, alternative]: readonly string[], line: Line): boolean {
  if (add !== 'add' || dev !== 'dev' || name === undefined || word !== 'altname' || alternative === undefined) return false;
  linkOf(machine, name, line).alternativeName = alternative;
  return true;
}

function readAdd(machine: Machine, words: readonly string[], line: Line): boolean {
  let at = 0;
  let parent: string | undefined;
  let name: string | undefined;
  const plain: string[] = [];
  for (; at < words.length && words[at] !== 'type'; at += 2) {
    const word = words[at]!;
    if (word === 'link') parent = words[at + 1];
    else if (word === 'name' || word === 'dev') name = words[at + 1];
    else if (['mtu', 'address', 'alias'].includes(word)) plain.push(word, words[at + 1] ?? '');
    else if (name === undefined) {
      name = word;
      at -= 1;
    } else return false;
  }
  const [kind, ...options] = words.slice(at + 1);
  if (name === undefined) return false;
  const link = linkOf(machine, name, line);
  link.line = line.number;
  if (kind === 'vlan') {
    link.kind = 'vlan';
    if (parent === undefined) return false;
    link.parent = parent;
    linkOf(machine, parent, line);
  } else if (kind === 'bond' || kind === 'bridge') link.kind = kind;
  else if (kind !== 'dummy' && kind !== 'veth') {
    link.kind = 'other';
    link.kindName = kind ?? 'none';
    return true;
  }
  return readPlain(link, plain) && (kind === 'dummy' || kind === 'veth' || readOptions(link, options));
}

function readSet(machine: Machine, all: readonly string[], line: Line): boolean {
  const words = all[0] === 'dev' ? all.slice(1) : all;
  const [name, ...rest] = words;
  if (name === undefined) return false;
  const link = linkOf(machine, name, line);
  if (rest[0] === 'vf') return readFunction(link, rest.slice(1));
  const type = rest.indexOf('type');
  if (rest[type + 1] === 'vlan' && link.kind === 'port') becomeVlan(machine, link, line);
  const plain = type === -1 ? rest : rest.slice(0, type);
  return readPlain(link, plain) && (type === -1 || readOptions(link, rest.slice(type + 2), rest[type + 1]));
}

/** Guides write `ip link set p1.2 type vlan egress 0:3` of an interface that is there already: its name says what it is on. */
function becomeVlan(machine: Machine, link: Link, line: Line): void {
  const named = /^(.{1,10})\.(\d{1,4})$/.exec(link.name);
  if (named === null) return;
  linkOf(machine, named[1]!, line);
  Object.assign(link, { kind: 'vlan', parent: named[1]!, vlan: Number(named[2]) });
}

/** What every interface has. */
function readPlain(link: Link, words: readonly string[]): boolean {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    if (word === 'up' || word === 'down' || word === 'nomaster') {
      if (word === 'nomaster') delete link.master;
      continue;
    }
    const value = words[(at += 1)];
    if (value === undefined) return false;
    if (word === 'mtu' && /^\d{1,6}$/.test(value)) link.mtu = Number(value);
    else if (word === 'address') link.mac = value.toLowerCase();
    else if (word === 'master') link.master = value;
    else if (word === 'alias') link.alias = value;
    else return false;
  }
  return true;
}

function readOptions(link: Link, words: readonly string[], type: string = link.kind): boolean {
  if (type === 'vlan') return readVlanOptions(link, words);
  if (type === 'bond') return readBondOptions(link, words);
  if (type === 'bond_slave' && words[0] === 'prio' && words.length === 2) {
    link.priority = Number(words[1]);
    return true;
  }
  if (type !== 'bridge' || words.length % 2 === 1) return false;
  for (let at = 0; at < words.length; at += 2) {
    if (words[at] !== 'vlan_filtering') return false;
    link.vlanFiltering = words[at + 1] === '1';
  }
  return true;
}

function readVlanOptions(link: Link, words: readonly string[]): boolean {
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at]!;
    if (word === 'id' && /^\d{1,4}$/.test(words[at + 1] ?? '')) link.vlan = Number(words[(at += 1)]);
    else if (word === 'protocol') at += 1;
    else if (isWord(word, 'egress-qos-map') || isWord(word, 'ingress-qos-map')) {
      const which = isWord(word, 'egress-qos-map') ? 'egress' : 'ingress';
      const entries = (link[which] ??= new Map<number, number>());
      for (; /^\d{1,10}:[0-7]$/.test(words[at + 1] ?? ''); at += 1) {
        const [from, to] = words[at + 1]!.split(':').map(Number);
        entries.set(from!, to!);
      }
    } else return false;
  }
  return true;
}

const BOND_OPTIONS: Readonly<Record<string, (value: string) => BondOptions>> = {
  mode: (value) => ({ mode: modeName(value) }),
  miimon: (value) => ({ miimon: Number(value) }),
  arp_interval: (value) => ({ arpInterval: Number(value) }),
  primary: (primary) => ({ primary }),
  primary_reselect: (primaryReselect) => ({ primaryReselect }),
  xmit_hash_policy: (hash) => ({ hash }),
  lacp_active: (lacpActive) => ({ lacpActive }),
  lacp_rate: (value) => ({ lacpRate: value === '0' ? 'slow' : value === '1' ? 'fast' : value }),
  num_grat_arp: (value) => ({ notifications: Number(value) }),
  num_unsol_na: (value) => ({ notifications: Number(value) }),
};

function readBondOptions(link: Link, words: readonly string[]): boolean {
  for (let at = 0; at < words.length; at += 2) {
    const read = Object.hasOwn(BOND_OPTIONS, words[at]!) ? BOND_OPTIONS[words[at]!] : undefined;
    if (read === undefined || words[at + 1] === undefined) return false;
    link.bond = { ...link.bond, ...read(words[at + 1]!) };
  }
  return true;
}

/** No adapter has more of them. */
const FUNCTIONS_MAX = 4095;

function readFunction(link: Link, [written, ...words]: readonly string[]): boolean {
  const number = Number(written);
  if (!/^\d{1,5}$/.test(written ?? '') || number > FUNCTIONS_MAX) return false;
  let change: Partial<FunctionOptions> = {};
  for (let at = 0; at < words.length; at += 2) {
    const value = words[at + 1];
    if (value === undefined) return false;
    const one = functionOption(words[at]!, value);
    if (one === undefined) return false;
    change = { ...change, ...one };
  }
  const others = (link.functions ?? []).filter((one) => one.number !== number);
  const before = link.functions?.find((one) => one.number === number) ?? { number };
  link.functions = [...others, { ...before, ...change }];
  return true;
}

function functionOption(word: string, value: string): Partial<FunctionOptions> | undefined {
  if (word === 'mac') return { mac: value.toLowerCase() };
  if (word === 'vlan' || word === 'qos' || word === 'max_tx_rate') {
    if (!/^\d{1,9}$/.test(value)) return undefined;
    return { [word === 'vlan' ? 'vlan' : word === 'qos' ? 'priority' : 'maxRateMegabits']: Number(value) };
  }
  if (word === 'spoofchk') return { spoofCheck: value === 'on' };
  if (word === 'trust') return { trust: value === 'on' };
  return word === 'state' ? { linkState: value } : undefined;
}
