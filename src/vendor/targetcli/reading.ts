/** What LIO's outputs are complete about. */
import type { Reading } from '../core/dialect.ts';
import type { Found } from '../core/found.ts';
import type { SettingValue } from '../core/setting.ts';

type Key = readonly string[];

/** A key that LIO can be set to. Secrets are set, and never shown. */
export function says(key: Key): boolean {
  if (key[0] === 'portals') return key.length === 3;
  if (key[0] === 'discovery') return key[1] === 'chap';
  return key[0] === 'targets' && key.length >= 3;
}

/** The tree of `ls` shows no accounts, aliases, blocks or serial numbers, and sizes only in round numbers. */
const INVISIBLE: readonly string[] = ['user', 'alias', 'blockSize', 'thin', 'serial', 'size'];

export function reading(found: Found, of: 'saveconfig' | 'commands' | 'tree'): Reading {
  const covers = (key: Key): boolean =>
    says(key) && key.at(-1) !== 'secret' && !(of === 'tree' && (INVISIBLE.includes(key.at(-1)!) || key[0] === 'discovery'));
  return found.reading('array', covers, defaultOf);
}

function defaultOf(key: Key): SettingValue | undefined {
  const last = key.at(-1);
  if (last === 'iser' || last === 'thin' || last === 'readOnly') return false;
  return last === 'blockSize' ? 512 : undefined;
}
