/** Collects the settings of a declared node. */
import type { Placed } from '../../fabric/model.ts';
import type { Said } from '../../fabric/lossless/model.ts';
import type { Path } from '../../fabric/problem.ts';
import type { VlanRange } from '../../fabric/network/vlan-list.ts';
import type { Setting, SettingValue } from './setting.ts';

export type Key = readonly string[];

export class Sayings {
  readonly settings: Setting[] = [];

  /** Undefined: nothing is said. */
  say(key: Key, value: SettingValue | undefined, at: Path): void {
    if (value !== undefined) this.settings.push({ key, value, from: { kind: 'declared', at } });
  }

  /** Holds by default: it matters only where a device has something else. */
  quietly(key: Key, value: SettingValue, at: Path): void {
    this.settings.push({ key, value, from: { kind: 'declared', at }, quiet: true });
  }

  said<Value extends SettingValue>(key: Key, one: Said<Value> | undefined): void {
    if (one !== undefined) this.say(key, one.value, one.at);
  }

  /** All keys of a mapping of plain values. */
  mapping(key: Key, one: (Placed & object) | undefined): void {
    if (one === undefined) return;
    for (const [name, value] of Object.entries(one))
      if (name !== 'at' && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'))
        this.say([...key, name], value, [...one.at, name]);
  }
}

/** `10,20-29`, ascending and joined; `none` for no VLAN. */
export function vlanText(ranges: readonly VlanRange[], without = 0): string {
  const vlans = new Uint8Array(4096);
  for (const { first, last } of ranges) vlans.fill(1, first, last + 1);
  vlans[without] = 0;
  const parts: string[] = [];
  for (let vlan = 1; vlan <= 4094; vlan += 1) {
    if (vlans[vlan] === 0) continue;
    let last = vlan;
    while (last < 4094 && vlans[last + 1] === 1) last += 1;
    parts.push(last === vlan ? `${vlan}` : `${vlan}-${last}`);
    vlan = last;
  }
  return parts.length === 0 ? 'none' : parts.join(',');
}

/** The way back: ranges of a text such as `10,20-29`. Undefined: it is none. */
export function vlanRanges(text: string): VlanRange[] | undefined {
  if (text === 'none' || text === '') return [];
  const ranges: VlanRange[] = [];
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,4})(?:\s*-\s*(\d{1,4}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (match === null || first < 1 || last > 4094 || last < first) return undefined;
    ranges.push({ first, last });
  }
  return ranges;
}
