/** Where a device differs from what was declared. */
import { deviceWords } from './device-names.ts';
import type { DeclaredNode, Reading } from './dialect.ts';
import { keyText, sameSetting, type Setting, type SettingValue } from './setting.ts';

export type Difference =
  /** Both say something, and not the same. */
  | { readonly kind: 'differs'; readonly key: string; readonly declared: Setting; readonly found: Setting }
  /** Declared, and the output, which would show it, does not have it; `holds`: what the device has then. */
  | { readonly kind: 'missing'; readonly key: string; readonly declared: Setting; readonly holds: SettingValue | undefined }
  /** The device has it, and nobody declared it. */
  | { readonly kind: 'undeclared'; readonly key: string; readonly found: Setting };

/** In the order of the declaration, then what only the device has, in its order. */
export function differences(declared: DeclaredNode, reading: Reading): readonly Difference[] {
  const found = new Map<string, Setting>();
  // Of a setting that is made twice the last one holds.
  for (const one of reading.settings) found.set(keyText(one.key), one);
  const inWords = deviceWords(declared);
  const spelled = declared.settings.map((one) => inWords(reading.spelled?.(one) ?? one));
  const said = new Map(spelled.map((one) => [keyText(one.key), one] as const));
  const results: Difference[] = [];
  for (const [key, one] of said) {
    const there = found.get(key);
    if (there !== undefined) {
      if (!sameSetting(one.key, one.value, there.value)) results.push({ kind: 'differs', key, declared: one, found: there });
      continue;
    }
    if (one.quiet === true || !reading.covers(one.key)) continue;
    const holds = reading.defaultOf(one.key);
    if (holds === undefined || !sameSetting(one.key, one.value, holds)) results.push({ kind: 'missing', key, declared: one, holds });
  }
  for (const [key, there] of found) {
    if (said.has(key) || there.quiet === true) continue;
    const holds = reading.defaultOf(there.key);
    if (holds === undefined || !sameSetting(there.key, there.value, holds)) results.push({ kind: 'undeclared', key, found: there });
  }
  return results;
}
