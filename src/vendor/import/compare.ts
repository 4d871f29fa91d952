/** An output against the declaration, without what its product has no words for: that it is not there says nothing. */
import { deviceWords } from '../core/device-names.ts';
import type { DeclaredNode } from '../core/dialect.ts';
import { type Difference, differences } from '../core/diff.ts';
import { keyText } from '../core/setting.ts';
import type { Source } from './gather.ts';

export function compare(declared: DeclaredNode, { dialect, reading }: Pick<Source, 'dialect' | 'reading'>): readonly Difference[] {
  const found = differences(declared, reading);
  if (!found.some(({ kind }) => kind === 'missing')) return found;
  // Differences are told in the words of the device.
  const inWords = deviceWords(declared);
  const unsaid = new Set(dialect.emit(declared).unsaid.map(({ setting }) => keyText(inWords(reading.spelled?.(setting) ?? setting).key)));
  return found.filter((one) => one.kind !== 'missing' || !unsaid.has(keyText(one.declared.key)));
}
