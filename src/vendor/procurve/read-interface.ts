/** Lines below `interface`, and those of spanning tree that name ports. */
import type { Line } from '../core/lines.ts';
import type { Draft } from './draft.ts';
import { isTrunk, portsOf } from './port-names.ts';
import { megabitsOf } from './words.ts';

export function readInterface(draft: Draft, line: Line, ports: readonly string[], all: readonly string[]): boolean {
  const isNo = all[0] === 'no';
  const words = isNo ? all.slice(1) : all;
  const [first, second] = words;
  if (ports.some(isTrunk)) return false;
  const say = (value: string | number | boolean, key: readonly string[], quiet = false): boolean => {
    draft.seen(ports);
    for (const port of ports) draft.found.say(line, ['ports', port, ...key], value, quiet);
    return true;
  };
  if (first === 'name' && second !== undefined && !isNo) return words.length === 2 && say(second, ['description']);
  if (words.length === 1 && (first === 'disable' || first === 'enable')) return say((first === 'disable') !== isNo, ['disabled']);
  if (words.length === 1 && first === 'flow-control') return say(isNo ? 'none' : 'both', ['flowControl']);
  if (first === 'speed-duplex' && words.length === 2 && !isNo) {
    const megabits = megabitsOf(second!);
    if (megabits === undefined) return false;
    return megabits === 'any' || say(megabits * 1e6, ['speed']);
  }
  if (first === 'qos' && second === 'trust' && words.length === 3 && !isNo) {
    const trust = words[2] === 'dscp' ? 'dscp' : words[2] === 'dot1p' ? 'pcp' : undefined;
    return trust !== undefined && say(trust, ['dcb', 'trust']);
  }
  if ((first === 'tagged' || first === 'untagged') && second === 'vlan') {
    const vlans = /^\d{1,4}(?:,\d{1,4}){0,200}$/.test(words[2] ?? '') ? words[2]!.split(',').map(Number) : undefined;
    if (vlans === undefined || vlans.some((vlan) => vlan < 1 || vlan > 4094)) return false;
    for (const vlan of vlans) draft.carry(line, vlan, ports, isNo ? 'none' : first);
    return true;
  }
  return false;
}

/** Behind `spanning-tree`: of the switch, or of ports. Trunks have it too; the fabric file has it at ports. */
export function readTree(draft: Draft, line: Line, words: readonly string[], isNo: boolean): boolean {
  const [first, second] = words;
  const { found } = draft;
  if (words.length === 0 || (first === 'enable' && words.length === 1)) {
    found.say(line, ['spanningTree', 'enabled'], !isNo);
    if (!isNo && found.value(['spanningTree', 'priority']) === undefined) found.say(line, ['spanningTree', 'priority'], 32_768, true);
    return true;
  }
  if (first === 'priority' && /^(?:\d|1[0-5])$/.test(second ?? '') && !isNo) {
    found.say(line, ['spanningTree', 'priority'], Number(second) * 4096);
    return true;
  }
  const ports = portsOf(first ?? '');
  if (ports === undefined || ports.some(isTrunk)) return false;
  const say = (key: string, value: number | boolean, quiet = false): boolean => {
    for (const port of ports) found.say(line, ['ports', port, 'spanningTree', key], value, quiet);
    return true;
  };
  if (second === 'admin-edge-port') return isNo || say('edge', true);
  if (second === 'auto-edge-port') return !isNo || say('edge', false);
  if (second === 'path-cost' && /^\d{1,9}$/.test(words[2] ?? '') && !isNo) return say('cost', Number(words[2]));
  if (second === 'bpdu-protection') return isNo || say('bpduGuard', true);
  return second === 'root-guard' && (isNo || say('rootGuard', true));
}
