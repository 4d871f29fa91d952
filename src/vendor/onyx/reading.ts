/** What lines of Onyx come to, what the outputs would show, and what holds where they say nothing. */
import type { Reading } from '../core/dialect.ts';
import { keyText, type SettingValue } from '../core/setting.ts';
import { type Draft, type InterfaceDraft, isSure, switchReading } from '../running-config/draft.ts';
import { spelled } from './names.ts';
import { says } from './says.ts';
import { defaultWeight } from './words.ts';

export interface OnyxDraft extends Draft {
  /** The line that turns PFC on for the switch; 0: none does. */
  pfcEnabled: number;
  /** Lines, by priority. */
  readonly pfcPriorities: Map<number, number>;
  snooping: boolean;
  readonly snoopers: { readonly key: readonly string[]; readonly on: boolean; readonly line: number }[];
  readonly lossless: Map<InterfaceDraft, LosslessDraft>;
  readonly channels: ReadonlySet<string>;
  hash: { readonly value: string; readonly line: number } | undefined;
  readonly addresses: Map<string, { readonly texts: readonly string[]; readonly line: number }>;
  readonly lldpByDefault: boolean;
}

/** What is complete only with the last line. */
export interface LosslessDraft {
  pfc: { readonly on: boolean; readonly line: number } | undefined;
  /** By priority, where a line bound it. */
  readonly classOf: Map<number, { readonly trafficClass: number; readonly line: number }>;
  readonly bound: Map<string, { readonly priorities: Set<number>; readonly line: number }>;
}

export function readingOf(draft: OnyxDraft): Reading {
  const lldp = draft.settings.findLast(({ key }) => keyText(key) === 'lldp')?.value ?? draft.lldpByDefault;
  return switchReading(draft, {
    covers: (key) => says(key) && isSure(draft, key),
    defaultOf: (key) => (keyText(key) === 'lldp' ? draft.lldpByDefault : defaultOf(key, lldp === true)),
    spelled,
  });
}

const PLAIN: Readonly<Record<string, SettingValue>> = {
  untagged: 1,
  tagged: 'none',
  disabled: false,
  flowControl: 'none',
  mtu: 1500,
  lacpRate: 'slow',
  active: true,
  'dcb.pfc': [],
  'dcb.trust': 'pcp',
  'spanningTree.edge': false,
};

function defaultOf(key: readonly string[], lldp: boolean): SettingValue | undefined {
  const [place, name, ...rest] = key;
  if (place === 'spanningTree') return name === 'enabled' ? true : name === 'priority' ? 32_768 : undefined;
  if (place === 'dcb') return name === 'pfc' ? [] : undefined;
  if (place === 'vlans') {
    if (rest[0] === 'present') return name === '1' ? true : undefined;
    if (rest[0] === 'mtu') return 1500;
    return rest[0] === 'igmpSnooping' || rest[0] === 'igmpQuerier' ? false : undefined;
  }
  if (place !== 'ports' && place !== 'aggregations') return undefined;
  const tail = rest.join('.');
  if (tail === 'dcb.dcbx') return lldp ? 'ieee' : 'none';
  const number = Number(rest[2]);
  if (tail.startsWith('dcb.dscp.')) return Math.floor(number / 8);
  if (rest[0] === 'dcb' && rest[1] === 'classes')
    return rest[3] === 'priorities' ? [number] : rest[3] === 'bandwidth' ? defaultWeight(number) : undefined;
  if (rest[0] === 'dcb' && rest[1] === 'buffers') return rest[3] === 'lossless' ? false : undefined;
  if (rest[0] === 'dcb' && rest[1] === 'marks') return rest[3] === 'probability' ? 100 : undefined;
  return PLAIN[tail];
}

/** A list that a device prints only sorted. */
export const ascending = (numbers: Iterable<number>): number[] => [...numbers].toSorted((one, other) => one - other);

/** Its number, unless a port-channel of this switch alone has it. */
export const mlagName = (draft: OnyxDraft, number: string): string => (draft.channels.has(number) ? `mlag-${number}` : number);
