/** Collects what a reader finds in an output, line by line. */
import type { Line } from './lines.ts';
import type { NodeKind, Reading, ReadingError, UnknownLine } from './dialect.ts';
import { withoutSecret } from './secret.ts';
import { keyText, type Setting, type SettingValue } from './setting.ts';

type Key = readonly string[];

export class Found {
  node: string | undefined;
  readonly #file: string;
  readonly #settings = new Map<string, Setting>();
  /** Made when it is asked for, and again after a change. */
  #list: readonly Setting[] | undefined;
  readonly #unknown: UnknownLine[] = [];
  readonly #errors: ReadingError[] = [];
  readonly #seen = new Set<string>();
  readonly #lists = new Map<string, { readonly items: (string | number)[]; readonly has: Set<string | number> }>();

  constructor(file: string, errors: readonly ReadingError[] = []) {
    this.#file = file;
    this.#errors.push(...errors);
  }

  /** The output is about this place, whether or not it says something of it. */
  see(place: Key): void {
    this.#seen.add(keyText(place.slice(0, 2)));
  }

  /** Whether it is about what a key belongs to. */
  hasSeen(key: Key): boolean {
    return this.#seen.has(keyText(key.slice(0, 2)));
  }

  /** Of a setting that is made twice the last one holds. */
  say(line: Line, key: Key, value: SettingValue, quiet?: boolean): void {
    this.see(key);
    const text = keyText(key);
    const from = { kind: 'output', file: this.#file, line: line.number } as const;
    this.#list = undefined;
    this.#settings.delete(text);
    this.#settings.set(text, { key, value, from, ...(quiet === true ? { quiet } : {}) });
  }

  /** Adds to a list; what is in it already stays once. */
  add(line: Line, key: Key, ...more: readonly (string | number)[]): void {
    const text = keyText(key);
    const before = this.value(key);
    let list = this.#lists.get(text);
    // Grows in place: copies of long lists would cost their square.
    if (list === undefined || list.items !== before) {
      const items = [...new Set(Array.isArray(before) ? (before as (string | number)[]) : [])];
      list = { items, has: new Set(items) };
      this.#lists.set(text, list);
    }
    for (const one of more) {
      if (list.has.has(one)) continue;
      list.has.add(one);
      list.items.push(one);
    }
    this.say(line, key, list.items);
  }

  value(key: Key): SettingValue | undefined {
    return this.#settings.get(keyText(key))?.value;
  }

  setting(key: Key): Setting | undefined {
    return this.#settings.get(keyText(key));
  }

  forget(key: Key): void {
    this.#list = undefined;
    this.#settings.delete(keyText(key));
  }

  unknown(line: Line, why?: string): void {
    this.#unknown.push({ line: line.number, text: withoutSecret(line.text), ...(why === undefined ? {} : { why }) });
  }

  wrong(line: Line | number, message: string): void {
    this.#errors.push({ line: typeof line === 'number' ? line : line.number, message });
  }

  get settings(): readonly Setting[] {
    this.#list ??= [...this.#settings.values()];
    return this.#list;
  }

  get understoodNothing(): boolean {
    return this.#settings.size === 0;
  }

  get hasErrors(): boolean {
    return this.#errors.length > 0;
  }

  reading(kind: NodeKind, covers: Reading['covers'], defaultOf: Reading['defaultOf'] = () => undefined): Reading {
    return { node: this.node, kind, settings: this.settings, unknown: this.#unknown, errors: this.#errors, covers, defaultOf };
  }
}
