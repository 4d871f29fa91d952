/** An output against the declaration, without what its product has no words for: that it is not there says nothing. */
import { deviceWords } from '../core/device-names.ts';
import type { DeclaredNode, Reading } from '../core/dialect.ts';
import { type Difference, differences } from '../core/diff.ts';
import { keyText } from '../core/setting.ts';
import type { Source } from './gather.ts';
import { strangers } from './strangers.ts';

export function compare(declared: DeclaredNode, { dialect, reading: read }: Pick<Source, 'dialect' | 'reading'>): readonly Difference[] {
  const reading = ofDeclaredAdapter(declared, read);
  const found = [...differences(declared, reading), ...strangers(declared, reading)];
  if (!found.some(({ kind }) => kind !== 'undeclared')) return found;
  // Differences are told in the words of the device.
  const inWords = deviceWords(declared);
  const unsaid = new Set(dialect.emit(declared).unsaid.map(({ setting }) => keyText(inWords(reading.spelled?.(setting) ?? setting).key)));
  return found.filter((one) => one.kind !== 'missing' || !unsaid.has(keyText(one.declared.key)));
}

/** An adapter that the output does not name is the host's only one, or the one that has its name. */
function ofDeclaredAdapter(declared: DeclaredNode, reading: Reading): Reading {
  const { unnamedAdapter: unnamed, settings } = reading;
  if (unnamed === undefined) return reading;
  const names = new Set(declared.settings.filter(({ key }) => key[0] === 'iscsi').map(({ key }) => key[1]!));
  const initiator = settings.find(({ key }) => key[1] === unnamed && key[2] === 'initiator')?.value;
  const sameName = declared.settings.find(({ key, value }) => key[0] === 'iscsi' && key[2] === 'initiator' && value === initiator)?.key[1];
  const name = names.has(unnamed) ? unnamed : (sameName ?? (names.size === 1 ? [...names][0]! : unnamed));
  if (name === unnamed) return reading;
  return {
    ...reading,
    // What the unnamed one would have by its name is not told of this one.
    settings: settings
      .filter(({ key, quiet }) => quiet !== true || (key[2] !== 'kind' && key[2] !== 'transport'))
      .map((one) => ({ ...one, key: renamed(one.key, unnamed, name) })),
    covers: (key) => reading.covers(renamed(key, name, unnamed)),
    defaultOf: (key) => reading.defaultOf(renamed(key, name, unnamed)),
  };
}

const renamed = (key: readonly string[], from: string, to: string): readonly string[] =>
  key[0] === 'iscsi' && key[1] === from ? ['iscsi', to, ...key.slice(2)] : key;
