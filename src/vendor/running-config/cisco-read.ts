/** Lines below `interface` that NX-OS and IOS have in common. */
import type { CommandLine } from './command-lines.ts';
import { wholeNumber } from './command-lines.ts';
import { allowedOf, doubt, doubtVlans, type Draft, type InterfaceDraft, say, type Verdict } from './draft.ts';
import { changedVlans } from './vlan-set.ts';

/** Undefined: the line is none of these. */
export function readCiscoLine(draft: Draft, one: InterfaceDraft, line: CommandLine): Verdict | undefined {
  const isNo = line.words[0] === 'no';
  const words = isNo ? line.words.slice(1) : line.words;
  const [first, second, third] = words;
  const said = (value: string | number | boolean | undefined, ...tail: readonly string[]): Verdict => {
    if (value === undefined) return false;
    say(draft, [one.place, one.name, ...tail], value, line.line);
    return true;
  };
  switch (first) {
    case 'shutdown':
      if (words.length > 1) return false;
      // The fabric file has ports that are shut down, no aggregations.
      return one.place === 'ports' ? said(!isNo, 'disabled') : isNo || 'An aggregation that is shut down.';
    case 'description':
      return isNo ? false : said(line.rest(1), 'description');
    case 'mtu': {
      const bytes = isNo ? undefined : wholeNumber(second, 64, 65_535);
      if (bytes === undefined && !isNo) doubt(draft, one, 'mtu');
      return said(bytes, 'mtu');
    }
    case 'speed': {
      if (second === 'auto' || isNo) return true;
      const megabits = wholeNumber(second, 10, 1_600_000);
      return said(megabits === undefined ? undefined : megabits * 1e6, 'speed');
    }
    case 'flowcontrol': {
      const on = third === 'desired' ? 'auto' : third === 'on' || third === 'off' ? third : undefined;
      if (isNo || (second !== 'receive' && second !== 'send') || on === undefined) return false;
      one[second] = { on, line: line.line };
      return true;
    }
    case 'switchport': {
      const verdict = readSwitchport(one, words.slice(1), line.line, isNo);
      if (verdict === false && ABOUT_VLANS.includes(second ?? '')) doubtVlans(draft, one);
      return verdict;
    }
    case 'channel-group': {
      const [, number, ...rest] = words.filter((word) => word !== 'force');
      const mode = rest.length === 0 ? 'on' : rest[1];
      if (isNo || one.place !== 'ports' || wholeNumber(number, 1, 4096) === undefined) return false;
      if (mode !== 'on' && mode !== 'active' && mode !== 'passive') return 'The fabric file has aggregations that are static or by LACP.';
      one.group = { name: `${Number(number)}`, mode, line: line.line };
      return true;
    }
    case 'lacp':
      if (second !== 'rate' || isNo || (third !== 'fast' && third !== 'normal')) return false;
      one.lacpRate = { rate: third === 'fast' ? 'fast' : 'slow', line: line.line };
      return true;
    case 'spanning-tree':
      if (second === 'cost') return said(isNo ? undefined : wholeNumber(third, 1, 200_000_000), 'spanningTree', 'cost');
      if (second === 'bpduguard' && third === 'enable') return isNo ? true : said(true, 'spanningTree', 'bpduGuard');
      if (second === 'guard' && third === 'root') return isNo ? true : said(true, 'spanningTree', 'rootGuard');
      return undefined;
    default:
      return undefined;
  }
}

/** Words behind `switchport` that say which VLANs a port carries. */
export const ABOUT_VLANS: readonly string[] = ['mode', 'access', 'trunk', 'hybrid'];

function readSwitchport(one: InterfaceDraft, words: readonly string[], line: number, isNo: boolean): Verdict {
  const [first, second, third] = words;
  if (first === undefined) {
    if (!isNo) {
      if (one.mode === 'routed') one.mode = 'access';
      return true;
    }
    one.mode = 'routed';
    one.vlanLine = line;
    return 'The port is one of a router: it carries no VLANs.';
  }
  if (isNo) return false;
  if (first === 'mode') {
    if (second === 'dynamic') return 'What the port becomes is settled with its neighbour (DTP).';
    if (second !== 'access' && second !== 'trunk') return false;
    one.mode = second;
  } else if (first === 'access' && second === 'vlan') {
    const vlan = wholeNumber(third, 1, 4094);
    if (vlan === undefined) return false;
    one.access = vlan;
  } else if (first === 'trunk' && second === 'native' && third === 'vlan') {
    const vlan = wholeNumber(words[3], 1, 4094);
    if (vlan === undefined) return false;
    one.native = vlan;
  } else if (first === 'trunk' && second === 'allowed' && third === 'vlan') {
    const vlans = changedVlans(allowedOf(one, 'trunk'), words.slice(3));
    if (vlans === undefined) return false;
    one.trunkAllowed = vlans;
  } else return first === 'trunk' && second === 'encapsulation' && third === 'dot1q';
  one.vlanLine = line;
  return true;
}
