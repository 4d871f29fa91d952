/** `ethtool -A|-K|-L|-G|-s PORT ...` (ethtool 6.1). */
import type { Found } from '../core/found.ts';
import type { Command } from './commands-dcb.ts';
import { FEATURES } from './features.ts';
import { tell } from './link.ts';
import { flowControlOf } from './pause.ts';

const OPTIONS: Readonly<Record<string, string>> = {
  '--pause': '-A',
  '--features': '-K',
  '--offload': '-K',
  '--set-channels': '-L',
  '--set-ring': '-G',
  '--change': '-s',
};

export function readEthtool(found: Found, { line: { number: line }, words: [written, nic, ...rest] }: Command): boolean {
  if (written === undefined || nic === undefined) return written !== undefined && !written.startsWith('-');
  const option = OPTIONS[written] ?? written;
  if (/^-[aklgic]$/.test(option) || !option.startsWith('-')) return true;
  const words = new Map<string, string>();
  for (let at = 0; at + 1 < rest.length; at += 2) words.set(rest[at]!, rest[at + 1]!);
  if (rest.length === 0 || rest.length % 2 === 1) return false;
  const key = ['nics', nic];
  if (option === '-A') {
    tell(
      found,
      line,
      [...key, 'flowControl'],
      flowControlOf(words.get('autoneg') === 'on', words.get('rx') === 'on', words.get('tx') === 'on'),
    );
    return true;
  }
  if (option === '-s') {
    tell(found, line, [...key, 'speed'], words.has('speed') ? Number(words.get('speed')) * 1e6 : undefined);
    return [...words.keys()].every((word) => ['speed', 'duplex', 'autoneg'].includes(word));
  }
  if (option === '-L' || option === '-G') {
    const names = option === '-L' ? { combined: 'receiveQueues', rx: 'receiveQueues' } : { rx: 'receiveBuffers', tx: 'sendBuffers' };
    for (const [word, offload] of Object.entries(names))
      if (words.has(word)) tell(found, line, [...key, 'offloads', offload], Number(words.get(word)));
    return true;
  }
  return option === '-K' && readFeatures(found, line, nic, rest.join(' '));
}

function readFeatures(found: Found, line: number, nic: string, text: string): boolean {
  for (const { offload, on, off } of FEATURES)
    if (text === on || text === off) {
      tell(found, line, ['nics', nic, 'offloads', offload], text === on);
      return true;
    }
  return false;
}
