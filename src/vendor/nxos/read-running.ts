/** Reads `show running-config` of NX-OS, and commands as somebody typed them. */
import { isMistake } from '../../fabric/parsed.ts';
import { parseInterfaceAddress } from '../../fabric/network/ip-prefix.ts';
import { formatIp } from '../../wire/ip/address.ts';
import type { ReadContext, Reading } from '../core/dialect.ts';
import { keyText } from '../core/setting.ts';
import { type Block, type Opening, readBlocks } from '../running-config/blocks.ts';
import { readCiscoLine } from '../running-config/cisco-read.ts';
import { readTreeLine } from '../running-config/cisco-tree.ts';
import { type CommandLine, commandLines, wholeNumber } from '../running-config/command-lines.ts';
import { defaultIn } from '../running-config/defaults.ts';
import {
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
import { numbersOfInterfaces } from '../running-config/interface-names.ts';
import { vlansIn } from '../running-config/vlan-set.ts';
import type { NxosDraft } from './draft.ts';
import { spelled } from './names.ts';
import { finishQos, losslessOf, openQos, readQosLine } from './read-qos.ts';
import { HASH_WORDS, NXOS_DEFAULTS, says, VLAN_MOST_FREE } from './says.ts';

export function readRunningConfig(text: string, context: ReadContext): Reading {
  const { lines, errors } = commandLines(text, ['!']);
  const draft: NxosDraft = {
    ...newDraft(context.file, errors),
    classMaps: new Map(),
    policies: new Map(),
    system: new Map(),
    interfaceQos: new Map(),
    hash: undefined,
    dcbxp: true,
    addresses: new Map(),
  };
  readBlocks(draft, lines, (line) => open(draft, line));
  for (const [vlan, { texts, line }] of draft.addresses) say(draft, ['vlans', vlan, 'addresses'], texts, line);
  sayInterfaces(draft);
  finishQos(draft);
  const { hash } = draft;
  if (hash !== undefined)
    for (const { place, name } of draft.interfaces.values())
      if (place === 'aggregations') say(draft, [place, name, 'hash'], hash.name, hash.line, true);
  expectUnderstood(draft, 'configuration of NX-OS');
  return readingOf(draft);
}

function readingOf(draft: NxosDraft): Reading {
  const lldp = draft.settings.findLast(({ key }) => keyText(key) === 'lldp')?.value === true;
  const hasLossless = losslessOf(draft).size > 0;
  return switchReading(draft, {
    covers: (key) => says(key) && isSure(draft, key),
    defaultOf: (key) => {
      const tail = (key[0] === 'dcb' ? key : key.slice(2)).join('.');
      // Without a line a port does what DCBX agrees on.
      if (tail === 'dcb.pfc') return hasLossless && key[0] !== 'dcb' ? undefined : [];
      return tail === 'dcb.dcbx' ? (lldp && draft.dcbxp ? 'auto' : 'none') : defaultIn(NXOS_DEFAULTS, key);
    },
    spelled,
  });
}

/** Lines that lead somewhere, show something or save, and features whose absence would show elsewhere. */
const LEADING =
  /^(en|enable|exit|end|conf(igure)?( t(erminal)?)?|copy run(ning-config)? start(up-config)?( .*)?|wr(ite)?( memory)?|show .*|version .*|Building configuration.*|feature (lacp|interface-vlan|vpc)|system jumbomtu \d+|lldp tlv-select dcbxp( egress-queuing)?|spanning-tree mode rapid-pvst)$/;

function open(draft: NxosDraft, line: CommandLine): Opening | undefined {
  const [first] = line.words;
  if (first === 'interface' || first === 'int') return openInterface(draft, line);
  if (first === 'vlan') return openVlan(draft, line);
  if (first === 'class-map' || first === 'policy-map' || line.text === 'system qos') return openQos(draft, line);
  if (LEADING.test(line.text)) return { verdict: true, block: undefined };
  const verdict = readGlobal(draft, line);
  return verdict === undefined ? undefined : { verdict, block: undefined };
}

function readGlobal(draft: NxosDraft, whole: CommandLine): Verdict | undefined {
  const { text, words, line, rest } = whole;
  const [first, second] = words;
  if (text === 'feature lldp' || text === 'no feature lldp') say(draft, ['lldp'], first === 'feature', line);
  else if (text === 'no lldp tlv-select dcbxp') draft.dcbxp = false;
  else if ((first === 'hostname' || first === 'switchname') && second !== undefined) draft.node = second;
  else if (text.startsWith('port-channel load-balance ')) {
    const hash = Object.entries(HASH_WORDS).find(([, words_]) => words_ === rest(2));
    if (hash === undefined) return 'This choice of addresses has no name in a fabric file.';
    draft.hash = { name: hash[0], line };
  } else return readTreeLine(draft, whole, VLAN_MOST_FREE);
  return true;
}

function openInterface(draft: NxosDraft, line: CommandLine): Opening {
  const text = line.rest(1).replaceAll(' ', '').toLowerCase();
  const vlan = /^vlan(\d{1,4})$/.exec(text);
  if (vlan !== null) return { verdict: true, block: vlanInterface(draft, `${Number(vlan[1])}`) };
  const match = /^(ethernet|eth|e|port-channel|po)(\d[\d/,-]{0,200})$/.exec(text.replaceAll(/,(?:ethernet|eth|port-channel|po)/g, ','));
  const names = match === null ? undefined : numbersOfInterfaces(match[2]!);
  if (names === undefined || !takeSteps(draft, line, names.length)) return { verdict: false, block: undefined };
  const place = match![1]!.startsWith('p') ? 'aggregations' : 'ports';
  const targets = names.map((name) => interfaceOf(draft, place, name));
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

function readInterfaceLine(draft: NxosDraft, one: InterfaceDraft, line: CommandLine): Verdict {
  const common = readCiscoLine(draft, one, line) ?? readQosLine(draft, one, line);
  if (common !== undefined) return common;
  const [first, second, third, fourth] = line.words;
  if (first === 'vpc' && one.place === 'aggregations') {
    const number = wholeNumber(second, 1, 4096);
    if (number === undefined) return second === 'peer-link' ? 'The link between the two switches of a vPC.' : false;
    say(draft, [one.place, one.name, 'peerGroup'], number, line.line);
    return true;
  }
  if (first === 'lldp' && second === 'dcbx' && third === 'version') {
    if (fourth !== 'auto' && fourth !== 'cee' && fourth !== 'ieee') return false;
    say(draft, [one.place, one.name, 'dcb', 'dcbx'], fourth, line.line);
    return true;
  }
  if (first !== 'spanning-tree' || second !== 'port' || third !== 'type') return false;
  if (fourth === 'network') return 'Ports between switches that have to hear one another (bridge assurance) are none of the fabric file.';
  if (fourth !== 'edge' && fourth !== 'normal') return false;
  say(draft, [one.place, one.name, 'spanningTree', 'edge'], fourth === 'edge', line.line);
  return true;
}

function vlanInterface(draft: NxosDraft, vlan: string): Block {
  return ({ words, line }) => {
    const [first, second, third, fourth] = words;
    if (first === 'no' && second === 'shutdown') return true;
    if (first === 'mtu') {
      const bytes = wholeNumber(second, 64, 65_535);
      if (bytes === undefined) return false;
      say(draft, ['vlans', vlan, 'mtu'], bytes, line);
      return true;
    }
    if ((first !== 'ip' && first !== 'ipv6') || second !== 'address') return false;
    const parsed = parseInterfaceAddress(third ?? '');
    if (isMistake(parsed) || (fourth !== undefined && fourth !== 'secondary')) return false;
    const text = `${formatIp(parsed.value.address)}/${parsed.value.bits}`;
    const there = draft.addresses.get(vlan);
    if (there === undefined) draft.addresses.set(vlan, { texts: [text], line });
    else there.texts.push(text);
    return true;
  };
}

/** `vlan 2,10-12`, with a name below a single one, and `vlan configuration 10`. */
function openVlan(draft: NxosDraft, whole: CommandLine): Opening {
  const { words, line, rest } = whole;
  const isConfiguration = words[1] === 'configuration';
  const vlans = vlansIn(rest(isConfiguration ? 2 : 1));
  if (vlans === undefined || !takeSteps(draft, whole, vlans.length)) return { verdict: false, block: undefined };
  if (!isConfiguration) for (const vlan of vlans) say(draft, ['vlans', vlan, 'present'], true, line);
  return { verdict: true, block: isConfiguration ? snoopingBlock(draft, vlans) : nameBlock(draft, vlans) };
}

function nameBlock(draft: NxosDraft, vlans: readonly string[]): Block {
  return ({ words, line, rest }) => {
    if (words[0] !== 'name' || words.length < 2 || vlans.length !== 1) return false;
    say(draft, ['vlans', vlans[0]!, 'name'], rest(1), line);
    return true;
  };
}

function snoopingBlock(draft: NxosDraft, vlans: readonly string[]): Block {
  return (inner) => {
    const { text, line } = inner;
    const match = /^(no )?ip igmp snooping( querier( \d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})?)?$/.exec(text);
    if (match === null) return false;
    if (!takeSteps(draft, inner, vlans.length)) return false;
    for (const vlan of vlans)
      say(draft, ['vlans', vlan, match[2] === undefined ? 'igmpSnooping' : 'igmpQuerier'], match[1] === undefined, line);
    return true;
  };
}
