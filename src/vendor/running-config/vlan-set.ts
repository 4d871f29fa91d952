/** VLANs of a port while the lines of its configuration add to them and take from them. */
import type { VlanRange } from '../../fabric/network/vlan-list.ts';
import { vlanRanges, vlanText } from '../core/say.ts';

export const VLAN_MOST = 4094;

/** By VLAN: 1 where it is one of them. */
export type VlanSet = Uint8Array;

export const noVlans = (): VlanSet => new Uint8Array(VLAN_MOST + 1);
export const allVlans = (): VlanSet => new Uint8Array(VLAN_MOST + 1).fill(1, 1);

/** Undefined: the text is no list of VLANs. */
export function vlanSet(text: string): VlanSet | undefined {
  const ranges = vlanRanges(text);
  if (ranges === undefined) return undefined;
  const vlans = noVlans();
  for (const { first, last } of ranges) vlans.fill(1, first, last + 1);
  return vlans;
}

/** Each VLAN of a list once, by its number as text; undefined: it is no list, or none is in it. */
export function vlansIn(text: string): readonly string[] | undefined {
  const vlans = vlanSet(text);
  const names: string[] = [];
  for (let vlan = 1; vlan <= VLAN_MOST; vlan += 1) if (vlans?.[vlan] === 1) names.push(`${vlan}`);
  return names.length === 0 ? undefined : names;
}

/** `all`, `none`, `add 10,20-29`, `remove 10`, `except 10`, or a list in place of what there was. Undefined: it is none of them. */
export function changedVlans(before: VlanSet, words: readonly string[]): VlanSet | undefined {
  const [verb, ...list] = words;
  if (verb === 'all' && list.length === 0) return allVlans();
  if (verb === 'none' && list.length === 0) return noVlans();
  const isVerb = verb === 'add' || verb === 'remove' || verb === 'except';
  const text = (isVerb ? list : words).join('');
  const ranges = text === '' ? undefined : vlanRanges(text);
  if (ranges === undefined) return undefined;
  // Long lists come in many lines: whole sets are not gone through for each.
  const changed = verb === 'add' || verb === 'remove' ? before.slice() : verb === 'except' ? allVlans() : noVlans();
  for (const { first, last } of ranges) changed.fill(verb === 'remove' || verb === 'except' ? 0 : 1, first, last + 1);
  return changed;
}

function rangesOfVlans(vlans: VlanSet): VlanRange[] {
  const ranges: VlanRange[] = [];
  for (let first = 1; first <= VLAN_MOST; first += 1) {
    if (vlans[first] === 0) continue;
    let last = first;
    while (last < VLAN_MOST && vlans[last + 1] === 1) last += 1;
    ranges.push({ first, last });
    first = last;
  }
  return ranges;
}

/** As the settings have it: `10,20-29`, or `none`. */
export const textOfVlans = (vlans: VlanSet, without = 0): string => vlanText(rangesOfVlans(vlans), without);

/** All VLANs there are, but perhaps for the one without tags. */
export const isAll = (tagged: string, untagged: number | undefined): boolean => {
  const vlans = vlanSet(tagged);
  if (vlans === undefined) return false;
  if (untagged !== undefined) vlans[untagged] = 1;
  return vlans.indexOf(0, 1) < 0;
};

/** Lists of at most `characters`, cut at commas: switches take no longer lines. */
export function cutList(text: string, characters: number): string[] {
  const lists: string[] = [];
  for (const part of text.split(',')) {
    const last = lists.at(-1);
    if (last !== undefined && last.length + 1 + part.length <= characters) lists[lists.length - 1] = `${last},${part}`;
    else lists.push(part);
  }
  return lists;
}
