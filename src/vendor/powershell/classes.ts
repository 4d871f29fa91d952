/**
 * Traffic classes have numbers in the declaration and names on Windows, which counts them itself: a class is called as declared where its number is
 * that of its lowest priority, else its name ends in `TC5`. What no class has is in Windows' own class, `[Default]`, class 0.
 */
import type { Found } from '../core/found.ts';
import type { SettingValue } from '../core/setting.ts';

type Key = readonly string[];

export const ALL_PRIORITIES: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7];

export function classTitle(number: number, priorities: readonly number[], name: string | undefined): string {
  if (name === undefined) return `TC${number}`;
  return number === priorities[0] && !/(?:^| )TC[0-7]$/.test(name) && name !== '[Default]' ? name : `${name} TC${number}`;
}

export function classOfTitle(title: string, priorities: readonly number[]): { readonly number: number; readonly name: string | undefined } {
  const match = /^(?:(.{1,64}) )?TC([0-7])$/.exec(title);
  return match === null ? { number: priorities[0] ?? 0, name: title } : { number: Number(match[2]), name: match[1] };
}

/** What Windows' own class has where others are found: the rest of the priorities and of the bandwidth. */
export function restOf(found: Found, place: Key, what: 'priorities' | 'bandwidth'): SettingValue | undefined {
  const others = new Map<string, { priorities: readonly number[]; bandwidth: number }>();
  for (const { key, value } of found.settings) {
    if (key.length !== place.length + 3 || key[place.length] !== 'classes' || !place.every((step, index) => key[index] === step)) continue;
    const number = key[place.length + 1]!;
    const one = others.get(number) ?? { priorities: [], bandwidth: 0 };
    if (key.at(-1) === 'priorities') one.priorities = value as readonly number[];
    if (key.at(-1) === 'bandwidth') one.bandwidth = Number(value);
    others.set(number, one);
  }
  if (others.size === 0 || others.has('0')) return undefined;
  const all = [...others.values()];
  if (what === 'bandwidth') return 100 - all.reduce((sum, { bandwidth }) => sum + bandwidth, 0);
  return ALL_PRIORITIES.filter((priority) => !all.some(({ priorities }) => priorities.includes(priority)));
}
