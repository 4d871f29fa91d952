/** Interfaces and addresses as switches write them. */
import { bitsOfMask } from '../core/netmask.ts';
import type { Setting } from '../core/setting.ts';

const PORTS_MOST = 1024;

/** `1/1-1/4`, `1/1-4`, `1/1,1/3`, `1-4`: each of them by name. Undefined: it is no list of interfaces. */
export function numbersOfInterfaces(text: string): readonly string[] | undefined {
  const names: string[] = [];
  for (const part of text.split(',')) {
    const range = /^((?:\d{1,4}\/){0,2})(\d{1,4})(?:-((?:\d{1,4}\/){0,2})(\d{1,4}))?$/.exec(part.replaceAll(' ', ''));
    if (range === null) return undefined;
    const [, slot, first, lastSlot, last] = range as unknown as [string, string, string, string | undefined, string | undefined];
    if (last === undefined) {
      names.push(`${slot}${Number(first)}`);
      continue;
    }
    if (lastSlot !== '' && lastSlot !== slot) return undefined;
    if (Number(last) < Number(first) || Number(last) - Number(first) >= PORTS_MOST) return undefined;
    for (let number = Number(first); number <= Number(last); number += 1) names.push(`${slot}${number}`);
    if (names.length > PORTS_MOST) return undefined;
  }
  return names;
}

/** `1/2` before `1/10`, `9` before `10`. */
export function byNumbers(one: string, other: string): number {
  const ours = numbersIn(one);
  const theirs = numbersIn(other);
  for (let index = 0; index < Math.max(ours.length, theirs.length); index += 1) {
    const difference = (ours[index] ?? -1) - (theirs[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return one < other ? -1 : one > other ? 1 : 0;
}

const numbersIn = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);

/** `/24`, and `255.255.255.0`. */
export function maskText(mask: string | undefined): string {
  if (mask === undefined || /^\/\d{1,3}$/.test(mask)) return mask ?? '';
  const bits = bitsOfMask(mask);
  return bits === undefined ? '?' : `/${bits}`;
}

type Naming = (written: string) => string | undefined;

/** Ports and aggregations of declared settings, as a dialect calls them; names that it has no such name for stay. */
export const spelledBy =
  (portOf: Naming, channelOf: Naming) =>
  (setting: Setting): Setting => {
    const [place, name, ...rest] = setting.key;
    if (place === 'ports') return { ...setting, key: [place, portOf(name!) ?? name!, ...rest] };
    if (place !== 'aggregations') return setting;
    const key = [place, channelOf(name!) ?? name!, ...rest];
    if (rest[0] !== 'ports' || !Array.isArray(setting.value)) return { ...setting, key };
    return { ...setting, key, value: setting.value.map((port) => portOf(`${port as string}`) ?? `${port as string}`).toSorted(byNumbers) };
  };
