/** Reads `show running-config` of IOS, and commands as somebody typed them. */
import { parseInterfaceAddress } from '../../fabric/network/ip-prefix.ts';
import { isMistake } from '../../fabric/parsed.ts';
import { formatIp } from '../../wire/ip/address.ts';
import type { ReadContext, Reading } from '../core/dialect.ts';
import { type Block, type Opening, readBlocks } from '../running-config/blocks.ts';
import { readCiscoLine } from '../running-config/cisco-read.ts';
import { readTreeLine } from '../running-config/cisco-tree.ts';
import { type CommandLine, commandLines } from '../running-config/command-lines.ts';
import { defaultIn } from '../running-config/defaults.ts';
import {
  type Draft,
  expectUnderstood,
  interfaceOf,
  type InterfaceDraft,
  isSure,
  newDraft,
  say,
  sayInterfaces,
  takeSteps,
  type Verdict,
  switchReading,
} from '../running-config/draft.ts';
import { maskText, numbersOfInterfaces } from '../running-config/interface-names.ts';
import { VLAN_MOST, vlansIn } from '../running-config/vlan-set.ts';
import { kindOf, spelled } from './names.ts';
import { HASH_WORDS, IOS_DEFAULTS, says } from './says.ts';

interface IosDraft extends Draft {
  /** Bytes of all ports; undefined: no line says it. */
  mtu: number | undefined;
  hash: { readonly value: string; readonly line: number } | undefined;
  readonly addresses: Map<string, { readonly texts: string[]; readonly line: number }>;
}

export function readRunningConfig(text: string, context: ReadContext): Reading {
  const { lines, errors } = commandLines(text, ['!']);
  const draft: IosDraft = { ...newDraft(context.file, errors), mtu: undefined, hash: undefined, addresses: new Map() };
  readBlocks(draft, lines, (line) => open(draft, line));
  for (const [vlan, { texts, line }] of draft.addresses) say(draft, ['vlans', vlan, 'addresses'], texts, line);
  sayInterfaces(draft);
  if (draft.hash !== undefined)
    for (const { place, name } of draft.interfaces.values())
      if (place === 'aggregations') say(draft, [place, name, 'hash'], draft.hash.value, draft.hash.line, true);
  expectUnderstood(draft, 'configuration of IOS');
  return switchReading(draft, {
    covers: (key) => says(key) && isShown(draft, key) && isSure(draft, key),
    defaultOf: (key) => (key[2] === 'mtu' && key[0] !== 'vlans' ? (draft.mtu ?? 1500) : defaultIn(IOS_DEFAULTS, key)),
    spelled,
  });
}

/** The size of frames is kept beside the configuration, and so are VLANs where VTP looks after them: without a line nothing is known. */
function isShown({ mtu, settings }: IosDraft, [place, , what]: readonly string[]): boolean {
  if (what === 'mtu') return mtu !== undefined;
  if (place !== 'vlans' || (what !== 'present' && what !== 'name')) return true;
  return settings.some(({ key }) => key[0] === 'vlans' && key[2] === 'present');
}

const LEADING =
  /^(en|enable|exit|end|conf(igure)?( t(erminal)?)?|copy run(ning-config)? start(up-config)?|wr(ite)?( memory)?|reload|show .*|version .*|Building configuration.*|Current configuration.*|mls qos|ip routing|vtp mode transparent|spanning-tree mode rapid-pvst)$/;

function open(draft: IosDraft, line: CommandLine): Opening | undefined {
  const [first] = line.words;
  if (first === 'interface' || first === 'int') return openInterface(draft, line);
  if (first === 'vlan') return openVlan(draft, line);
  if (LEADING.test(line.text)) return { verdict: true, block: undefined };
  const verdict = readGlobal(draft, line);
  return verdict === undefined ? undefined : { verdict, block: undefined };
}

function readGlobal(draft: IosDraft, whole: CommandLine): Verdict | undefined {
  const { text, words, line, rest } = whole;
  const snooping = /^(no )?ip igmp snooping vlan (\d{1,4})( querier)?$/.exec(text);
  if (snooping !== null)
    say(
      draft,
      ['vlans', `${Number(snooping[2])}`, snooping[3] === undefined ? 'igmpSnooping' : 'igmpQuerier'],
      snooping[1] === undefined,
      line,
    );
  else if (text === 'lldp run' || text === 'no lldp run') say(draft, ['lldp'], words[0] === 'lldp', line);
  else if (words[0] === 'hostname' && words.length === 2) draft.node = words[1];
  else if (/^system mtu (jumbo )?\d{3,5}$/.test(text)) {
    // `system mtu` alone is that of ports below 1 Gb/s where there is another line.
    if (draft.mtu === undefined || words[2] === 'jumbo') draft.mtu = Number(words.at(-1));
  } else if (text.startsWith('port-channel load-balance ')) {
    const hash = Object.entries(HASH_WORDS).find(([, word]) => word === rest(2));
    if (hash === undefined) return 'This choice of addresses has no name in a fabric file.';
    draft.hash = { value: hash[0], line };
  } else return readTreeLine(draft, whole, VLAN_MOST);
  return true;
}

function openInterface(draft: IosDraft, line: CommandLine): Opening {
  const text = line.rest(line.words[1] === 'range' ? 2 : 1).replaceAll(' ', '');
  const vlan = /^vlan(\d{1,4})$/i.exec(text);
  if (vlan !== null) return { verdict: true, block: vlanInterface(draft, `${Number(vlan[1])}`) };
  const targets = interfacesIn(draft, text);
  if (targets === undefined || !takeSteps(draft, line, targets.length)) return { verdict: false, block: undefined };
  return {
    verdict: true,
    block: (inner) => {
      if (!takeSteps(draft, inner, targets.length)) return false;
      let verdict: Verdict = true;
      for (const one of targets) {
        const own = readInterfaceLine(draft, one, inner);
        if (own !== true) verdict = own;
      }
      return verdict;
    },
  };
}

/** `Gi1/0/1-4,Gi1/0/7`, `Port-channel1`. */
function interfacesIn(draft: IosDraft, text: string): readonly InterfaceDraft[] | undefined {
  const targets: InterfaceDraft[] = [];
  let kind: string | undefined;
  for (const part of text.split(',')) {
    const match = /^([A-Za-z-]{0,24})(\d[\d/-]{0,40})$/.exec(part);
    if (match === null) return undefined;
    const word = match[1]!.toLowerCase();
    const isChannel = word === 'port-channel' || word === 'po';
    if (word !== '') kind = isChannel ? 'Port-channel' : kindOf(word);
    const numbers = numbersOfInterfaces(match[2]!);
    if (kind === undefined || numbers === undefined) return undefined;
    for (const number of numbers)
      targets.push(kind === 'Port-channel' ? interfaceOf(draft, 'aggregations', number) : interfaceOf(draft, 'ports', `${kind}${number}`));
  }
  return targets;
}

function readInterfaceLine(draft: IosDraft, one: InterfaceDraft, line: CommandLine): Verdict {
  const common = readCiscoLine(draft, one, line);
  if (common !== undefined) return common;
  const { text } = line;
  const key = [one.place, one.name];
  const trust = /^mls qos trust (cos|dscp)$/.exec(text);
  if (trust !== null) say(draft, [...key, 'dcb', 'trust'], trust[1] === 'cos' ? 'pcp' : 'dscp', line.line);
  else if (/^spanning-tree portfast( edge)?( trunk)?$/.test(text)) say(draft, [...key, 'spanningTree', 'edge'], true, line.line);
  else if (text === 'spanning-tree portfast disable' || text === 'no spanning-tree portfast')
    say(draft, [...key, 'spanningTree', 'edge'], false, line.line);
  else return false;
  return true;
}

function vlanInterface(draft: IosDraft, vlan: string): Block {
  return ({ words, text, line }) => {
    const [first, second, third, fourth, fifth] = words;
    if (text === 'no shutdown' || text === 'no ip address') return true;
    if ((first !== 'ip' && first !== 'ipv6') || second !== 'address' || third === undefined) return false;
    const isSecondary = first === 'ip' ? fifth : fourth;
    const parsed = parseInterfaceAddress(first === 'ip' ? `${third}${maskText(fourth)}` : third);
    if (isMistake(parsed) || (isSecondary !== undefined && isSecondary !== 'secondary')) return false;
    const address = `${formatIp(parsed.value.address)}/${parsed.value.bits}`;
    const there = draft.addresses.get(vlan);
    // IOS prints the first address last.
    if (there === undefined) draft.addresses.set(vlan, { texts: [address], line });
    else if (first === 'ip' && isSecondary === undefined) there.texts.unshift(address);
    else there.texts.push(address);
    return true;
  };
}

function openVlan(draft: IosDraft, whole: CommandLine): Opening {
  const { line, rest } = whole;
  const vlans = vlansIn(rest(1));
  if (vlans === undefined || !takeSteps(draft, whole, vlans.length)) return { verdict: false, block: undefined };
  for (const vlan of vlans) say(draft, ['vlans', vlan, 'present'], true, line);
  return {
    verdict: true,
    block: (inner) => {
      if (inner.words[0] !== 'name' || inner.words.length < 2 || vlans.length !== 1) return false;
      say(draft, ['vlans', vlans[0]!, 'name'], inner.rest(1), inner.line);
      return true;
    },
  };
}
