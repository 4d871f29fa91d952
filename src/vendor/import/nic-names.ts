/** Adapter ports that a system calls by names a fabric file has no room for: there they get another one, and keep theirs as `device`. */
import type { Setting } from '../core/setting.ts';

const REFERENCES: readonly string[] = ['nics', 'uplinks', 'active', 'standby', 'unused', 'uplink', 'nic'];

export function nicNames(settings: readonly Setting[]): readonly Setting[] {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const devices: Setting[] = [];
  for (const { key, from } of settings) {
    const written = key[1];
    if (key[0] !== 'nics' || written === undefined || names.has(written)) continue;
    const stem =
      written
        .replace(/[^A-Za-z0-9_-]+/g, '-')
        .replace(/^-+|-+$/g, '')
        .slice(0, 60) || 'nic';
    let name = stem;
    for (let number = 2; taken.has(name); number += 1) name = `${stem}-${number}`;
    taken.add(name);
    names.set(written, name);
    if (name !== written) devices.push({ key: ['nics', written, 'device'], value: written, from });
  }
  const named = (step: string | number): string | number => names.get(String(step)) ?? step;
  return [...devices, ...settings].map((one) => {
    const { key, value } = one;
    const isReference = REFERENCES.includes(key.at(-1)!);
    return {
      ...one,
      key: key[0] === 'nics' ? ['nics', ...key.slice(1, 2).map((step) => String(named(step))), ...key.slice(2)] : key,
      value: !isReference ? value : Array.isArray(value) ? (value as readonly (string | number)[]).map(named) : named(value as string),
    };
  });
}
