/** Lines of Onyx about an interface: what stands behind `interface ethernet 1/1`. */
import { type CommandLine, wholeNumber } from '../running-config/command-lines.ts';
import { allowedOf, doubt, doubtVlans, inherit, type InterfaceDraft, say, type Verdict } from '../running-config/draft.ts';
import { ABOUT_VLANS } from '../running-config/cisco-read.ts';
import { changedVlans } from '../running-config/vlan-set.ts';
import { ascending, type LosslessDraft, mlagName, type OnyxDraft } from './reading.ts';
import { parseBytes, parseSpeed, parseThreshold } from './words.ts';

/** `isNo`: the line takes back what it says. */
export function readInterfaceLine(draft: OnyxDraft, one: InterfaceDraft, { words: all, line, rest }: CommandLine, isNo: boolean): Verdict {
  const words = all.at(-1) === 'force' && all[0] !== 'description' ? all.slice(0, -1) : all;
  const key = [one.place, one.name];
  const [first, second, third, fourth] = words;
  const said = (value: string | number | boolean | undefined, ...tail: readonly string[]): Verdict => {
    if (value === undefined) return false;
    say(draft, [...key, ...tail], value, line);
    return true;
  };
  switch (first) {
    case 'shutdown':
      // A mlag-port-channel starts as one that is shut down: its line says that it is in use.
      return words.length > 1
        ? false
        : one.place === 'aggregations'
          ? isNo || 'An aggregation that is shut down.'
          : said(!isNo, 'disabled');
    case 'description':
      return isNo ? false : said(words.length === 2 ? second : rest(1), 'description');
    case 'mtu':
      return isNo ? false : said(wholeNumber(second, 68, 16_384), 'mtu');
    case 'speed':
      return isNo || second === 'auto' ? second === 'auto' : said(parseSpeed(second ?? ''), 'speed');
    case 'flowcontrol':
      return readFlow(one, second, isNo ? 'off' : third, line);
    case 'switchport': {
      const verdict = readSwitchport(one, words.slice(1), line, isNo);
      if (verdict === false && ABOUT_VLANS.includes(second ?? '')) doubtVlans(draft, one);
      return verdict;
    }
    case 'channel-group':
    case 'mlag-channel-group':
      return readGroup(draft, one, words, line, isNo);
    case 'lacp':
      if (second !== 'rate' || isNo || (third !== 'fast' && third !== 'slow')) return false;
      one.lacpRate = { rate: third, line };
      return true;
    case 'lldp':
      // Both ways is how ports are where LLDP is on.
      return !isNo && words.length === 2 && (second === 'transmit' || second === 'receive');
    case 'spanning-tree':
      return readTree(words, isNo, said);
    case 'dcb':
      return readPfc(draft, one, words, line, isNo);
    case 'qos':
      if (isNo) return false;
      if (second === 'trust')
        return said(third === 'L2' ? 'pcp' : third === 'L3' ? 'dscp' : third === 'both' ? 'both' : undefined, 'dcb', 'trust');
      if (second === 'map' && third === 'dscp' && words[4] === 'to' && words[5] === 'switch-priority') {
        const dscp = wholeNumber(fourth, 0, 63);
        return dscp === undefined ? false : said(wholeNumber(words[6], 0, 7), 'dcb', 'dscp', `${dscp}`);
      }
      return false;
    case 'traffic-class':
      return isNo ? false : readClass(draft, one, words, line);
    case 'ingress-buffer':
    case 'egress-buffer':
      return isNo ? false : readBuffer(draft, one, words, line);
    default:
      return false;
  }
}

function readFlow(one: InterfaceDraft, direction: string | undefined, value: string | undefined, line: number): Verdict {
  if ((direction !== 'receive' && direction !== 'send') || (value !== 'on' && value !== 'off')) return false;
  one[direction] = { on: value, line };
  return true;
}

function readSwitchport(one: InterfaceDraft, words: readonly string[], line: number, isNo: boolean): Verdict {
  const [first, second, ...rest] = words;
  if (first === undefined) {
    one.mode = isNo ? 'routed' : one.mode === 'routed' ? 'access' : one.mode;
    if (isNo) one.vlanLine = line;
    return isNo ? 'The port is one of a router: it carries no VLANs.' : true;
  }
  if (isNo) return false;
  if (first === 'mode') {
    if (second !== 'access' && second !== 'trunk' && second !== 'hybrid') return false;
    one.mode = second;
  } else if (first === 'access') {
    const vlan = second === 'vlan' ? wholeNumber(rest[0], 1, 4094) : undefined;
    if (vlan === undefined) return false;
    one.access = vlan;
  } else if ((first === 'trunk' || first === 'hybrid') && second === 'allowed-vlan') {
    const vlans = changedVlans(allowedOf(one, first), rest);
    if (vlans === undefined) return false;
    one.vlanLine = line;
    // In a running configuration the mode stands before the lists.
    if (one.mode !== first) return `The port is no ${first} port here: the list does nothing.`;
    if (first === 'trunk') one.trunkAllowed = vlans;
    else one.hybridAllowed = vlans;
    return true;
  } else return false;
  // Frames without a tag are dropped by a trunk of Onyx.
  if (one.mode === 'trunk') one.native = 0;
  one.vlanLine = line;
  return true;
}

function readGroup(
  draft: OnyxDraft,
  one: InterfaceDraft,
  [kind, number, mode, way]: readonly string[],
  line: number,
  isNo: boolean,
): Verdict {
  if (isNo || one.place !== 'ports' || mode !== 'mode' || !/^\d{1,4}$/.test(number ?? '')) return false;
  if (way !== 'on' && way !== 'active' && way !== 'passive') return false;
  one.group = { name: kind === 'mlag-channel-group' ? mlagName(draft, number!) : number!, mode: way, line };
  return true;
}

function readTree(
  words: readonly string[],
  isNo: boolean,
  said: (value: string | number | boolean | undefined, ...tail: readonly string[]) => Verdict,
): Verdict {
  const [, first, second, third] = words;
  const tree = (value: number | boolean | undefined, what: string): Verdict => said(value, 'spanningTree', what);
  if (isNo) return false;
  if (first === 'port' && second === 'type') {
    if (third === 'network') return 'Ports between switches that have to hear one another (bridge assurance) are none of the fabric file.';
    return tree(third === 'edge' ? true : third === 'normal' ? false : undefined, 'edge');
  }
  if (first === 'cost') return tree(wholeNumber(second, 1, 200_000_000), 'cost');
  if (first === 'bpduguard') return tree(second === 'enable' ? true : undefined, 'bpduGuard');
  return first === 'guard' ? tree(second === 'root' ? true : undefined, 'rootGuard') : false;
}

const losslessOf = (draft: OnyxDraft, one: InterfaceDraft): LosslessDraft => {
  const there = draft.lossless.get(one);
  if (there !== undefined) return there;
  const made: LosslessDraft = { pfc: undefined, classOf: new Map(), bound: new Map() };
  draft.lossless.set(one, made);
  return made;
};

function readPfc(draft: OnyxDraft, one: InterfaceDraft, words: readonly string[], line: number, isNo: boolean): Verdict {
  const [, second, third, fourth] = words;
  if (second !== 'priority-flow-control' || third !== 'mode') return false;
  if (!isNo && fourth === 'auto') {
    doubt(draft, one, 'dcb', 'pfc');
    return 'Whether the port has PFC is what DCBX makes of it.';
  }
  if (!(isNo ? fourth === undefined || fourth === 'on' : fourth === 'on')) return false;
  losslessOf(draft, one).pfc = { on: !isNo, line };
  return true;
}

function readClass(draft: OnyxDraft, one: InterfaceDraft, words: readonly string[], line: number): Verdict {
  const number = wholeNumber(words[1], 0, 7);
  if (number === undefined) return false;
  const key = [one.place, one.name, 'dcb'];
  const [, , what, how, which, ...rest] = words;
  if (what === 'bind' && how === 'switch-priority') {
    const priorities = [which, ...rest].map((word) => wholeNumber(word, 0, 7));
    if (priorities.length === 0 || priorities.includes(undefined)) return false;
    for (const priority of priorities) losslessOf(draft, one).classOf.set(priority!, { trafficClass: number, line });
    return true;
  }
  if (what === 'dcb' && how === 'ets') {
    const weight = which === 'wrr' ? wholeNumber(rest[0], 1, 100) : undefined;
    if (which === 'strict') say(draft, [...key, 'classes', `${number}`, 'strict'], true, line);
    else if (weight === undefined) return false;
    else say(draft, [...key, 'classes', `${number}`, 'bandwidth'], weight, line);
    return true;
  }
  if (what !== 'congestion-control' || how !== 'ecn') return false;
  const least = which === 'minimum-absolute' ? parseThreshold(rest[0]) : undefined;
  const most = rest[1] === 'maximum-absolute' ? parseThreshold(rest[2]) : undefined;
  if (least === undefined || most === undefined) return false;
  say(draft, [...key, 'marks', `${number}`, 'min'], least, line);
  say(draft, [...key, 'marks', `${number}`, 'max'], most, line);
  return true;
}

/** The pools that the manual calls so. */
const USUAL_POOLS: readonly string[] = ['iPool0', 'ePool0'];

function readBuffer(draft: OnyxDraft, one: InterfaceDraft, [kind, name = '', verb, ...words]: readonly string[], line: number): Verdict {
  const isIngress = kind === 'ingress-buffer';
  if (!(isIngress ? /^iPort\.pg[0-9]$/ : /^ePort\.(tc|mc)[0-9]{1,2}$/).test(name)) return false;
  if (verb === 'bind') {
    const priority = words[0] === 'switch-priority' ? wholeNumber(words[1], 0, 7) : undefined;
    if (priority === undefined || !isIngress) return false;
    const { bound } = losslessOf(draft, one);
    bound.set(name, { priorities: new Set([...(bound.get(name)?.priorities ?? []), priority]), line });
    return true;
  }
  const values = new Map<string, string>();
  if (verb !== 'map') return false;
  for (let index = 0; index < words.length; index += 2) {
    // `shared` goes before `alpha`, and is about the same.
    if (words[index] === 'shared') index += 1;
    values.set(words[index]!, words[index + 1] ?? '');
  }
  const numbers = (['reserved', 'xoff', 'xon'] as const).map(
    (what) => [what, values.has(what) ? parseBytes(values.get(what)) : 0] as const,
  );
  const alpha = values.get('alpha');
  const type = values.get('type') ?? 'lossy';
  if (numbers.some(([, value]) => value === undefined) || (type !== 'lossy' && type !== 'lossless')) return false;
  const key = [one.place, one.name, 'dcb', 'buffers', name];
  say(draft, [...key, 'direction'], isIngress ? 'ingress' : 'egress', line);
  const pool = values.get('pool');
  if (pool !== undefined) say(draft, [...key, 'pool'], pool, line, USUAL_POOLS.includes(pool));
  if (isIngress) say(draft, [...key, 'lossless'], type === 'lossless', line);
  for (const [what, value] of numbers) if (values.has(what)) say(draft, [...key, what], value!, line);
  if (alpha !== undefined) say(draft, [...key, 'alpha'], alpha, line);
  return true;
}

/** PFC of ports is the switch's list where they have it on; classes have the priorities that no line took away. */
export function finishDcb(draft: OnyxDraft): void {
  const priorities = draft.pfcEnabled > 0 ? ascending(draft.pfcPriorities.keys()) : [];
  if (draft.pfcEnabled > 0 && priorities.length > 0)
    say(draft, ['dcb', 'pfc'], priorities, Math.max(...draft.pfcPriorities.values()), true);
  for (const [{ place, name }, { pfc, classOf, bound }] of draft.lossless) {
    if (pfc !== undefined && (draft.isWhole || !pfc.on || priorities.length > 0))
      say(draft, [place, name, 'dcb', 'pfc'], pfc.on ? priorities : [], pfc.line);
    for (const [buffer, { priorities: list, line }] of bound)
      say(draft, [place, name, 'dcb', 'buffers', buffer, 'priorities'], ascending(list), line);
    if (classOf.size === 0) continue;
    const members = Array.from({ length: 8 }, (): number[] => []);
    for (let priority = 0; priority < 8; priority += 1) members[classOf.get(priority)?.trafficClass ?? priority]!.push(priority);
    const named = new Map([...classOf.values()].map(({ trafficClass, line }) => [trafficClass, line] as const));
    const last = Math.max(...named.values());
    for (const [number, list] of members.entries())
      say(draft, [place, name, 'dcb', 'classes', `${number}`, 'priorities'], list, named.get(number) ?? last, !named.has(number));
  }
  if (draft.hash !== undefined) {
    const names = new Set([...draft.interfaces.values()].filter(({ place }) => place === 'aggregations').map(({ name }) => name));
    for (const name of names) say(draft, ['aggregations', name, 'hash'], draft.hash.value, draft.hash.line, true);
  }
  inherit(draft, (tail) => tail[0] === 'dcb' && tail[1] !== 'buffers');
}
