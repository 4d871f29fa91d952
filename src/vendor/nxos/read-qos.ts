/** Class maps and policy maps of NX-OS, and what they come to at the ports that have them. */
import { type CommandLine, wholeNumber } from '../running-config/command-lines.ts';
import type { Block, Opening } from '../running-config/blocks.ts';
import { inherit, type InterfaceDraft, say, type Verdict } from '../running-config/draft.ts';
import { type ClassMap, type NxosDraft, type PolicyClass, qosOf } from './draft.ts';
import { priorityOfGroup } from './qos-plan.ts';
import { KBYTES } from './says.ts';

const DSCP_NAMES: Readonly<Record<string, number>> = { default: 0, ef: 46 };

function dscpOf(word: string): number | undefined {
  const named = DSCP_NAMES[word];
  if (named !== undefined) return named;
  const cs = /^cs([1-7])$/.exec(word);
  if (cs !== null) return Number(cs[1]) * 8;
  const af = /^af([1-4])([1-3])$/.exec(word);
  return af === null ? wholeNumber(word, 0, 63) : Number(af[1]) * 8 + Number(af[2]) * 2;
}

/** `3`, `0-2,4`, `af31`. */
function numbersIn(text: string, valueOf: (word: string) => number | undefined): readonly number[] | undefined {
  const numbers: number[] = [];
  for (const part of text.split(',')) {
    const [first, last] = part.trim().split('-').map(valueOf);
    if (first === undefined || (part.includes('-') && last === undefined)) return undefined;
    for (let value = first; value <= (last ?? first); value += 1) numbers.push(value);
  }
  return [...new Set(numbers)];
}

const priorityOf = (word: string): number | undefined => wholeNumber(word, 0, 7);

/** `class-map`, `policy-map` and `system qos`. */
export function openQos(draft: NxosDraft, { words, text }: CommandLine): Opening | undefined {
  if (text === 'system qos')
    return { verdict: true, block: (line) => attach(line, (kind, name) => draft.system.set(kind, { name, line: line.line })) };
  const kind = words[1] === 'type' ? words[2] : 'qos';
  const name = words.at(-1);
  if (name === undefined || words.length < 2 || (kind !== 'qos' && kind !== 'queuing' && kind !== 'network-qos')) return undefined;
  if (words[0] === 'class-map') return { verdict: true, block: matchBlock(draft, kind, name) };
  return words[0] === 'policy-map' ? { verdict: true, block: policyBlock(draft, kind, name) } : undefined;
}

function matchBlock(draft: NxosDraft, kind: string, name: string): Block {
  const map: ClassMap = { cos: [], dscp: [], group: undefined };
  draft.classMaps.set(`${kind} ${name}`, map);
  return ({ words, rest }) => {
    const [verb, what, value] = words;
    if (verb !== 'match' || value === undefined) return false;
    if (what === 'qos-group') {
      map.group = priorityOf(value);
      return map.group !== undefined;
    }
    const numbers = what === 'cos' ? numbersIn(rest(2), priorityOf) : what === 'dscp' ? numbersIn(rest(2), dscpOf) : undefined;
    if (numbers === undefined) return false;
    map[what as 'cos' | 'dscp'].push(...numbers);
    return true;
  };
}

function policyBlock(draft: NxosDraft, kind: string, name: string): Block {
  const policy = new Map<string, PolicyClass>();
  draft.policies.set(`${kind} ${name}`, policy);
  let current: PolicyClass | undefined;
  return (line) => {
    const { words } = line;
    if (words[0] === 'class') {
      const known = groupByName(words.at(-1)!);
      current = { line: line.line, group: known, bandwidth: undefined, strict: false, mark: undefined, pause: undefined };
      policy.set(words.at(-1)!, current);
      return true;
    }
    return current === undefined ? false : readClassLine(kind, current, line);
  };
}

/** Queues and network classes that every Nexus 9000 has, and the class of all that is left. */
function groupByName(name: string): number | undefined {
  const number = /^c-(?:out-)?(?:8q|4q)-(?:nq|q)(?:-default|([1-7]))$/.exec(name);
  if (number !== null) return number[1] === undefined ? 0 : Number(number[1]);
  return name === 'class-default' ? 0 : undefined;
}

function readClassLine(kind: string, one: PolicyClass, { words, line }: CommandLine): Verdict {
  const [first, second, third, fourth] = words;
  if (kind === 'qos') {
    if (first !== 'set' || second !== 'qos-group') return false;
    one.group = priorityOf(third ?? '');
    one.line = line;
    return one.group !== undefined;
  }
  if (kind === 'network-qos') {
    if (first === 'mtu') return 'Sizes of classes are those of ports on a Nexus 5000: the fabric file has sizes of ports.';
    if (first !== 'pause') return false;
    const list = words.indexOf('pfc-cos');
    const priorities = list < 0 ? undefined : numbersIn(words[list + 1] ?? '', priorityOf);
    if (list >= 0 && priorities === undefined) return false;
    if (list < 0 && second !== 'no-drop') return false;
    one.pause = priorities ?? 'group';
    return true;
  }
  if (first === 'priority') one.strict = true;
  else if (first === 'bandwidth') {
    const percent = wholeNumber(second === 'remaining' ? fourth : third, 0, 100);
    if (percent === undefined || !words.includes('percent')) return false;
    one.bandwidth = percent;
  } else if (first === 'random-detect') return readMark(one, words, line);
  else return false;
  one.line = line;
  return true;
}

function readMark(one: PolicyClass, words: readonly string[], line: number): Verdict {
  if (!words.includes('ecn')) return 'Frames are dropped here, not marked.';
  const min = bytesBehind(words, 'minimum-threshold');
  const max = bytesBehind(words, 'maximum-threshold');
  const at = words.indexOf('drop-probability');
  const probability = at < 0 ? 100 : wholeNumber(words[at + 1], 0, 100);
  if (min === undefined || max === undefined || probability === undefined) return 'Thresholds of the switch’s own choice.';
  one.mark = { min, max, probability, line };
  return true;
}

const UNITS: Readonly<Record<string, number>> = { bytes: 1, kbytes: KBYTES, mbytes: KBYTES * KBYTES };

function bytesBehind(words: readonly string[], word: string): number | undefined {
  const at = words.indexOf(word);
  const unit = UNITS[words[at + 2] ?? ''];
  const value = at < 0 ? undefined : wholeNumber(words[at + 1], 0, 1_000_000_000);
  return value === undefined || unit === undefined ? undefined : value * unit;
}

function attach({ words }: CommandLine, set: (kind: string, name: string) => void): Verdict {
  const [verb, , kind, way, name] = words;
  if (verb !== 'service-policy' || words[1] !== 'type') return false;
  if (kind === 'network-qos' && way !== undefined) set(kind, way);
  else if (name !== undefined && ((kind === 'qos' && way === 'input') || (kind === 'queuing' && way === 'output'))) set(kind, name);
  else return false;
  return true;
}

/** Lines of DCB below `interface`. Undefined: the line is none of these. */
export function readQosLine(draft: NxosDraft, one: InterfaceDraft, line: CommandLine): Verdict | undefined {
  const { words } = line;
  if (words[0] === 'service-policy')
    return attach(line, (kind, name) => (qosOf(draft, one)[kind === 'qos' ? 'input' : 'output'] = { name, line: line.line }));
  if (words[0] !== 'priority-flow-control' || words[1] !== 'mode') return undefined;
  if (words[2] === 'auto') return 'Whether the port has PFC is what DCBX makes of it.';
  if (words[2] !== 'on' && words[2] !== 'off') return false;
  qosOf(draft, one).pfc = { on: words[2] === 'on', line: line.line };
  return true;
}

/** Lossless priorities by group, of the policy that the switch has. */
export function losslessOf(draft: NxosDraft): ReadonlyMap<number, readonly number[]> {
  const lossless = new Map<number, readonly number[]>();
  const name = draft.system.get('network-qos')?.name;
  for (const [className, { group: known, pause }] of draft.policies.get(`network-qos ${name ?? ''}`) ?? []) {
    const group = known ?? draft.classMaps.get(`network-qos ${className}`)?.group;
    if (pause !== undefined && group !== undefined) lossless.set(group, pause === 'group' ? prioritiesOf(draft, group) : pause);
  }
  return lossless;
}

/** What any class map puts into a group by its tag; the group's own number where none does. */
function prioritiesOf(draft: NxosDraft, group: number): readonly number[] {
  for (const [key, policy] of draft.policies)
    if (key.startsWith('qos '))
      for (const [name, one] of policy) {
        const cos = draft.classMaps.get(`qos ${name}`)?.cos ?? [];
        if (one.group === group && cos.length > 0) return cos;
      }
  return [group];
}

const ascending = (numbers: readonly number[]): number[] => [...new Set(numbers)].toSorted((one, other) => one - other);

export function finishQos(draft: NxosDraft): void {
  const lossless = losslessOf(draft);
  const priorities = ascending([...lossless.values()].flat());
  const network = draft.system.get('network-qos');
  if (network !== undefined && priorities.length > 0) say(draft, ['dcb', 'pfc'], priorities, network.line, true);
  for (const one of draft.interfaces.values()) {
    const own = draft.interfaceQos.get(one);
    const key = [one.place, one.name, 'dcb'];
    if (own?.pfc !== undefined && (draft.isWhole || !own.pfc.on || priorities.length > 0))
      say(draft, [...key, 'pfc'], own.pfc.on ? priorities : [], own.pfc.line);
    const isMember = one.group !== undefined;
    const input = own?.input ?? (isMember ? undefined : draft.system.get('qos'));
    const output = own?.output ?? (isMember ? undefined : draft.system.get('queuing'));
    const queues = draft.policies.get(`queuing ${output?.name ?? ''}`);
    const served = queues === undefined ? new Set<number>() : sayQueues(draft, key, queues);
    const classes = draft.policies.get(`qos ${input?.name ?? ''}`);
    if (classes !== undefined) sayClasses(draft, key, classes, lossless, served);
  }
  inherit(draft, (tail) => tail[0] === 'dcb' && tail[1] !== 'dcbx');
}

/** Which queues have a share or go first. */
function sayQueues(draft: NxosDraft, key: readonly string[], queues: ReadonlyMap<string, PolicyClass>): Set<number> {
  const served = new Set<number>();
  for (const [name, { group: known, bandwidth, strict, mark, line }] of queues) {
    const group = known ?? draft.classMaps.get(`queuing ${name}`)?.group;
    if (group === undefined) continue;
    const place = [...key, 'classes', `${group}`];
    if (strict) say(draft, [...place, 'strict'], true, line);
    // Queues that nobody uses get nothing, so that the shares of all add up to 100.
    if (bandwidth !== undefined) say(draft, [...place, 'bandwidth'], bandwidth, line, bandwidth === 0);
    if (strict || (bandwidth ?? 0) > 0) served.add(group);
    if (mark === undefined) continue;
    for (const part of ['min', 'max', 'probability'] as const) say(draft, [...key, 'marks', `${group}`, part], mark[part], mark.line);
  }
  return served;
}

function sayClasses(
  draft: NxosDraft,
  key: readonly string[],
  classes: ReadonlyMap<string, PolicyClass>,
  lossless: ReadonlyMap<number, readonly number[]>,
  served: ReadonlySet<number>,
): void {
  for (const [name, { group, line }] of classes) {
    const map = draft.classMaps.get(`qos ${name}`);
    if (group === undefined || map === undefined) continue;
    const cos = ascending(map.cos);
    // A priority without loss has a group of its own, whether or not the fabric file speaks of classes.
    const isOnlyLossless = cos.length === 1 && cos[0] === group && lossless.has(group) && !served.has(group);
    if (cos.length > 0) say(draft, [...key, 'classes', `${group}`, 'priorities'], cos, line, isOnlyLossless);
    for (const dscp of map.dscp) say(draft, [...key, 'dscp', `${dscp}`], priorityOfGroup(group, cos), line);
  }
}
