/** What a list of commands makes of a machine: its interfaces and routes, and, by the other programs, settings of their ports. */
import { shellWords } from '../core/shell-words.ts';
import { vlanRanges } from '../core/say.ts';
import type { Line } from '../core/lines.ts';
import { readIpLink } from './interpret-link.ts';
import { isWord, linkOf, type Machine } from './machine.ts';
import { commandOf } from './prompts.ts';

export interface Interpreted extends Machine {
  /** Commands of other programs, for whom it may concern. */
  readonly others: readonly { readonly line: Line; readonly words: readonly string[] }[];
  readonly unknown: readonly { readonly line: Line; readonly why?: string }[];
}

export function interpret(lines: readonly Line[]): Interpreted {
  const machine: Machine = { links: new Map(), routes: [] };
  const others: { line: Line; words: readonly string[] }[] = [];
  const unknown: { line: Line; why?: string }[] = [];
  for (const line of lines) {
    const text = commandOf(line.text);
    if (text === undefined) continue;
    const words = shellWords(text);
    if (words === undefined) unknown.push({ line, why: 'A quote or a substitution does not end.' });
    else if (words[0] === 'ip' || words[0] === 'bridge') {
      if (!(words[0] === 'ip' ? readIp(machine, words.slice(1), line) : readBridge(machine, words.slice(1), line))) unknown.push({ line });
    } else if (!readDynamic(machine, words, line)) others.push({ line, words });
  }
  return { ...machine, others, unknown };
}

function readIp(machine: Machine, all: readonly string[], line: Line): boolean {
  const words = all.filter((word) => !/^-[46dsjpoc]+(?:etails|son|retty|s?tatistics)?$/.test(word));
  const [object, verb = 'show', ...rest] = words;
  // What only shows sets nothing.
  if (isWord(verb, 'show') || isWord(verb, 'list') || verb === 'lst')
    return ['link', 'address', 'addr', 'route'].some((word) => isWord(object, word));
  if (isWord(object, 'link')) return readIpLink(machine, verb, rest, line);
  if (isWord(object, 'address') || object === 'addr') return isWord(verb, 'add') && readAddress(machine, rest, line);
  return isWord(object, 'route') && isWord(verb, 'add') && readRoute(machine, rest, line);
}

function readAddress(machine: Machine, words: readonly string[], line: Line): boolean {
  const [address, dev, name, ...more] = words;
  // `brd +` is what most have there.
  if (address === undefined || dev !== 'dev' || name === undefined || !(more.length === 0 || more.join(' ') === 'brd +')) return false;
  const link = linkOf(machine, name, line);
  const whole = address.includes('/') ? address : `${address}/${address.includes(':') ? 128 : 32}`;
  // Grows in place: copies of long lists would cost their square.
  (link.addresses ??= []).push(whole);
  link.line = line.number;
  return true;
}

function readRoute(machine: Machine, words: readonly string[], line: Line): boolean {
  const [written, via, router, ...more] = words;
  if (written === undefined || via !== 'via' || router === undefined || more.length > 0) return false;
  const six = router.includes(':');
  const to = written === 'default' ? (six ? '::/0' : '0.0.0.0/0') : written.includes('/') ? written : `${written}/${six ? 128 : 32}`;
  machine.routes.push({ to, via: router, line: line.number });
  return true;
}

/** `bridge vlan add|del dev D vid V [pvid] [untagged] [self]`. */
function readBridge(machine: Machine, all: readonly string[], line: Line): boolean {
  const words = all.filter((word) => !word.startsWith('-'));
  const [object, verb = 'show', ...rest] = words;
  if (isWord(verb, 'show')) return true;
  if (!isWord(object, 'vlan') || (verb !== 'add' && verb !== 'del')) return false;
  const [dev, name, vid, vlans, ...flags] = rest;
  const ranges = vlanRanges(vlans ?? '');
  if (
    dev !== 'dev' ||
    name === undefined ||
    vid !== 'vid' ||
    ranges?.length !== 1 ||
    flags.some((flag) => !['pvid', 'untagged', 'self', 'master'].includes(flag))
  )
    return false;
  const link = linkOf(machine, name, line);
  const [range] = ranges;
  const before = link.bridgeVlans ?? { line: line.number, untagged: 1, tagged: [], odd: false };
  const isIn = (vlan: number | undefined): boolean => vlan !== undefined && vlan >= range!.first && vlan <= range!.last;
  const without = before.tagged.filter(({ first, last }) => !(first >= range!.first && last <= range!.last));
  const untagged = flags.includes('pvid') ? range!.first : isIn(before.untagged) ? undefined : before.untagged;
  const tagged = verb === 'add' && !flags.includes('untagged') ? [...without, range!] : without;
  link.bridgeVlans = { line: line.number, untagged, tagged, odd: before.odd || flags.includes('untagged') !== flags.includes('pvid') };
  return true;
}

/** Addresses that come from elsewhere. */
function readDynamic(machine: Machine, words: readonly string[], line: Line): boolean {
  if (words[0] === 'dhclient') {
    const name = words.at(-1);
    if (words.length < 2 || name!.startsWith('-')) return false;
    linkOf(machine, name!, line).dhcp = true;
    return true;
  }
  const setting = /^net\/ipv6\/conf\/([^/]{1,15})\/(accept_ra|autoconf)=1$/.exec(words.at(-1) ?? '');
  if (words[0] !== 'sysctl' || setting === null) return false;
  linkOf(machine, setting[1]!, line).autoconfigure = true;
  return true;
}
