/** Reads Onyx's `show running-config`, and commands as somebody typed them: with the interface in front, or below a line that names it. */
import { formatIp } from '../../wire/ip/address.ts';
import { parseInterfaceAddress } from '../../fabric/network/ip-prefix.ts';
import { isMistake } from '../../fabric/parsed.ts';
import type { ReadContext, Reading } from '../core/dialect.ts';
import { type CommandLine, commandLine, commandLines, wholeNumber } from '../running-config/command-lines.ts';
import {
  expectUnderstood,
  interfaceOf,
  isTooMuch,
  newDraft,
  note,
  say,
  sayInterfaces,
  takeSteps,
  type Verdict,
} from '../running-config/draft.ts';
import { maskText, numbersOfInterfaces } from '../running-config/interface-names.ts';
import { vlansIn } from '../running-config/vlan-set.ts';
import { finishDcb, readInterfaceLine } from './read-interface.ts';
import { mlagName, type OnyxDraft, readingOf } from './reading.ts';
import { HASH_WORDS } from './words.ts';

export function readRunningConfig(text: string, context: ReadContext): Reading {
  const { lines, errors } = commandLines(text, ['##', '# ', '!']);
  const draft: OnyxDraft = {
    ...newDraft(context.file, errors),
    pfcEnabled: 0,
    pfcPriorities: new Map(),
    snooping: false,
    snoopers: [],
    lossless: new Map(),
    channels: channelsIn(lines),
    hash: undefined,
    addresses: new Map(),
    lldpByDefault: isLldpByDefault(text),
  };
  draft.node = /^## Hostname: *(\S{1,255})/m.exec(text)?.[1];
  let context_: readonly string[] = [];
  let hasModes = true;
  for (const line of lines) {
    if (line.text === '#') continue;
    if (line.text === 'no cli default prefix-modes enable') hasModes = false;
    const isInside = context_.length > 0;
    const [verdict, next] = readLine(draft, line, context_);
    context_ = hasModes ? next : [];
    note(draft, line, verdict);
    draft.isWhole ||= verdict === true && !isInside && !ABOUT_INTERFACES.test(line.text);
    if (isTooMuch(draft)) break;
  }
  finish(draft);
  expectUnderstood(draft, 'configuration of Onyx');
  return readingOf(draft);
}

/** What `show running-config interface ethernet 1/1` prints too. */
const ABOUT_INTERFACES = /^(?:no )?(?:int(?:erface)? |cli default )/;

/** From 3.8.2000 on LLDP is on where nobody says anything. */
function isLldpByDefault(text: string): boolean {
  const release = /^## Product release: *(\d{1,3})\.(\d{1,3})\.(\d{1,5})/m.exec(text);
  if (release === null) return true;
  const [, major, minor, patch] = release.map(Number) as [number, number, number, number];
  return major > 3 || (major === 3 && (minor > 8 || (minor === 8 && patch >= 2000)));
}

/** Numbers of port-channels of this switch alone: a mlag-port-channel may have the number of one. */
function channelsIn(lines: readonly CommandLine[]): ReadonlySet<string> {
  const channels = new Set<string>();
  for (const { words } of lines)
    for (const [index, word] of words.entries())
      if (index < 4 && (word === 'port-channel' || word === 'channel-group') && /^\d{1,4}$/.test(words[index + 1] ?? ''))
        channels.add(words[index + 1]!);
  return channels;
}

/** What holds for lines that follow: the words that are in front of them. */
function readLine(draft: OnyxDraft, line: CommandLine, context: readonly string[]): readonly [Verdict, readonly string[]] {
  const opened = opens(line);
  if (opened !== undefined) {
    const verdict = readWords(draft, line);
    return [verdict, verdict === true ? opened : []];
  }
  if (context.length > 0) {
    if (line.text === 'exit') return [true, []];
    const inside = readWords(draft, commandLine(`${context.join(' ')} ${line.text}`, line.line, line.indent));
    if (inside !== false) return [inside, context];
  }
  const outside = readWords(draft, line);
  return [outside, outside === false ? context : []];
}

/** `interface ethernet 1/1` and `vlan 2` alone on a line open a mode. */
function opens({ words }: CommandLine): readonly string[] | undefined {
  if (isInterface(words[0]) && words.length === 3) return words;
  return words[0] === 'vlan' && words.length === 2 ? words : undefined;
}

const isInterface = (word: string | undefined): boolean => word === 'interface' || word === 'int';

/** Lines that lead somewhere, show something or save: they set nothing. */
const LEADING =
  /^(enable|en|exit|end|disable|conf(ig(ure)?)? t(erminal)?|(no )?cli default prefix-modes enable|write memory|conf(ig(uration)?)? write( to \S+)?|show .*|advanced buffer management force|ip routing( vrf default)?|protocol mlag|lacp|(no )?ip igmp snooping|vlan 1)$/;

function readWords(draft: OnyxDraft, line: CommandLine): Verdict {
  const [first, second] = line.words;
  if (isInterface(first)) return readInterface(draft, line, false);
  if (first === 'no' && isInterface(second)) return readInterface(draft, commandLine(line.rest(1), line.line, line.indent), true);
  if (first === 'vlan') return readVlan(draft, line);
  if (line.text === 'ip igmp snooping') draft.snooping = true;
  if (LEADING.test(line.text)) return true;
  return readGlobal(draft, line);
}

function readGlobal(draft: OnyxDraft, { text, words, line, rest }: CommandLine): Verdict {
  if (text === 'lldp' || text === 'no lldp') return said(() => say(draft, ['lldp'], text === 'lldp', line));
  if (text === 'spanning-tree' || text === 'no spanning-tree')
    return said(() => say(draft, ['spanningTree', 'enabled'], text === 'spanning-tree', line));
  if (text.startsWith('spanning-tree priority ')) {
    const priority = wholeNumber(words[2], 0, 61_440);
    return priority === undefined ? false : said(() => say(draft, ['spanningTree', 'priority'], priority, line));
  }
  if (text.startsWith('port-channel load-balance ethernet ')) {
    // The order of the words is nobody's choice.
    const hash = Object.entries(HASH_WORDS).find(([, all]) => sorted(all) === sorted(rest(3)));
    if (hash === undefined) return 'This choice of addresses has no name in a fabric file.';
    return said(() => (draft.hash = { value: hash[0], line }));
  }
  if (/^dcb priority-flow-control enable( force)?$/.test(text)) return said(() => (draft.pfcEnabled = line));
  if (/^no dcb priority-flow-control enable( force)?$/.test(text)) return said(() => (draft.pfcEnabled = 0));
  const priority = /^(no )?dcb priority-flow-control priority ([0-7]) enable( force)?$/.exec(text);
  if (priority !== null)
    return said(() =>
      priority[1] === undefined ? draft.pfcPriorities.set(Number(priority[2]), line) : draft.pfcPriorities.delete(Number(priority[2])),
    );
  if (words[0] === 'hostname' && words.length === 2) return said(() => (draft.node = words[1]));
  if (/^conf(ig(uration)?)? switch-to /.test(text)) return 'What the other configuration has is not here.';
  return false;
}

const sorted = (text: string): string => text.split(/ +/).toSorted().join(' ');

function said(act: () => void): true {
  act();
  return true;
}

/** `vlan 2`, `vlan 2-10`, `vlan 2 name "x"`, `vlan 2 ip igmp snooping [querier]`. */
function readVlan(draft: OnyxDraft, whole: CommandLine): Verdict {
  const { words, line } = whole;
  const vlans = vlansIn(words[1] ?? '');
  if (vlans === undefined || !takeSteps(draft, whole, vlans.length)) return false;
  const isNo = words[2] === 'no';
  const rest = words.slice(isNo ? 3 : 2);
  const what = rest.join(' ');
  let sayOne: ((key: readonly string[]) => void) | undefined;
  if (rest.length === 0) sayOne = (key) => say(draft, [...key, 'present'], true, line);
  else if (rest[0] === 'name' && rest.length === 2 && !isNo) sayOne = (key) => say(draft, [...key, 'name'], rest[1]!, line);
  else if (what === 'ip igmp snooping') sayOne = (key) => draft.snoopers.push({ key: [...key, 'igmpSnooping'], on: !isNo, line });
  else if (what === 'ip igmp snooping querier') sayOne = (key) => say(draft, [...key, 'igmpQuerier'], !isNo, line);
  if (sayOne === undefined) return false;
  for (const vlan of vlans) sayOne(['vlans', vlan]);
  return true;
}

const KINDS: Readonly<Record<string, 'ethernet' | 'port-channel' | 'mlag-port-channel'>> = {
  ethernet: 'ethernet',
  eth: 'ethernet',
  'port-channel': 'port-channel',
  po: 'port-channel',
  'mlag-port-channel': 'mlag-port-channel',
};

function readInterface(draft: OnyxDraft, line: CommandLine, isNo: boolean): Verdict {
  const [, kindWord = '', list = ''] = line.words;
  if (kindWord === 'vlan') return readVlanInterface(draft, line, isNo);
  const kind = KINDS[kindWord];
  if (kind === undefined) return /^\d+\/\d+/.test(kindWord) ? 'The kind of interface is missing: `interface ethernet 1/1`.' : false;
  const names = numbersOfInterfaces(list);
  if (names === undefined || !takeSteps(draft, line, names.length)) return false;
  const place = kind === 'ethernet' ? 'ports' : 'aggregations';
  const targets = names.map((name) => interfaceOf(draft, place, kind === 'mlag-port-channel' ? mlagName(draft, name) : name));
  if (kind === 'mlag-port-channel' && !isNo)
    for (const [index, one] of targets.entries()) say(draft, ['aggregations', one.name, 'peerGroup'], Number(names[index]), line.line);
  if (line.words.length === 3) return !isNo;
  const inner = line.words[3] === 'no';
  const rest = commandLine(line.rest(inner ? 4 : 3), line.line, line.indent);
  let verdict: Verdict = true;
  for (const one of targets) {
    const own = readInterfaceLine(draft, one, rest, isNo || inner);
    if (own !== true) verdict = own;
  }
  return verdict;
}

function readVlanInterface(draft: OnyxDraft, { words, line }: CommandLine, isNo: boolean): Verdict {
  const vlan = wholeNumber(words[2], 1, 4094);
  if (vlan === undefined || isNo) return false;
  const [, , , what, which, address, mask] = words;
  const key = ['vlans', `${vlan}`];
  if (what === undefined) return true;
  if (what === 'mtu') {
    const bytes = wholeNumber(which, 68, 16_384);
    return bytes === undefined ? false : said(() => say(draft, [...key, 'mtu'], bytes, line));
  }
  if ((what !== 'ip' && what !== 'ipv6') || which !== 'address' || address === undefined) return false;
  const parsed = parseInterfaceAddress(address.includes('/') ? address : `${address}${maskText(mask)}`);
  if (isMistake(parsed)) return false;
  const text = `${formatIp(parsed.value.address)}/${parsed.value.bits}`;
  const there = draft.addresses.get(`${vlan}`)?.texts ?? [];
  draft.addresses.set(`${vlan}`, { texts: words.at(-1) === 'primary' ? [text, ...there] : [...there, text], line });
  return true;
}

function finish(draft: OnyxDraft): void {
  for (const [vlan, { texts, line }] of draft.addresses) say(draft, ['vlans', vlan, 'addresses'], texts, line);
  // Without the switch's own word for it no VLAN has it.
  for (const { key, on, line } of draft.snoopers) say(draft, key, on && draft.snooping, line);
  sayInterfaces(draft);
  finishDcb(draft);
}
