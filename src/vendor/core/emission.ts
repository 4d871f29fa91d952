/** What a dialect makes of a declared node, so that nothing of it gets lost: each setting is said by a command, or refused with why. */
import type { Command, DeclaredNode, RenderedFile, Rendering, Verification } from './dialect.ts';
import { keyText, type Setting, type SettingValue } from './setting.ts';

type Key = readonly string[];

export class Emission {
  readonly node: DeclaredNode;
  readonly commands: Command[] = [];
  readonly verification: Verification[] = [];
  readonly files: RenderedFile[] = [];
  readonly #byKey = new Map<string, Setting>();
  readonly #names = new Map<string, Set<string>>();
  readonly #said = new Set<Setting>();
  readonly #refused = new Map<Setting, string>();

  constructor(node: DeclaredNode) {
    this.node = node;
    for (const setting of node.settings) {
      this.#byKey.set(keyText(setting.key), setting);
      for (let depth = 0; depth < setting.key.length; depth += 1) {
        const place = keyText(setting.key.slice(0, depth));
        const names = this.#names.get(place) ?? new Set<string>();
        names.add(setting.key[depth]!);
        this.#names.set(place, names);
      }
    }
  }

  /** Names below a place, in the order of the declaration. */
  names(...place: Key): readonly string[] {
    return [...(this.#names.get(keyText(place)) ?? [])];
  }

  has(...place: Key): boolean {
    return this.#byKey.has(keyText(place)) || this.#names.has(keyText(place));
  }

  /** Looks without saying. */
  peek(...key: Key): SettingValue | undefined {
    return this.#byKey.get(keyText(key))?.value;
  }

  setting(...key: Key): Setting | undefined {
    return this.#byKey.get(keyText(key));
  }

  /** What the operating system calls an adapter port. */
  device(nic: string): string {
    return String(this.peek('nics', nic, 'device') ?? nic);
  }

  /** Something is going to say it: a command, or what the product does anyway. */
  take(...key: Key): Setting | undefined {
    const setting = this.#byKey.get(keyText(key));
    if (setting === undefined || this.#refused.has(setting)) return undefined;
    this.#said.add(setting);
    return setting;
  }

  refuse(why: string, ...key: Key): void {
    const setting = this.#byKey.get(keyText(key));
    if (setting !== undefined && !this.#said.has(setting)) this.#refused.set(setting, why);
  }

  isRefused(...key: Key): boolean {
    const setting = this.#byKey.get(keyText(key));
    return setting !== undefined && this.#refused.has(setting);
  }

  /** All below a place that nothing said. */
  refuseAll(why: string, ...place: Key): void {
    for (const setting of this.node.settings)
      if (place.every((step, index) => setting.key[index] === step) && !this.#said.has(setting) && !this.#refused.has(setting))
        this.#refused.set(setting, why);
  }

  command(text: string, from?: Setting, note?: string): void {
    this.commands.push({
      text,
      from: from?.from.kind === 'declared' ? from.from.at : undefined,
      ...(note === undefined ? {} : { note }),
    });
  }

  verify(command: string, ...expect: readonly string[]): void {
    this.verification.push({ command, expect });
  }

  /** `why`: of what is left, which nothing said or refused. */
  rendering(why: (key: Key) => string): Rendering {
    const unsaid = this.node.settings
      .filter((setting) => setting.quiet !== true && !this.#said.has(setting))
      .map((setting) => ({ setting, why: this.#refused.get(setting) ?? why(setting.key) }));
    return { commands: this.commands, verification: this.verification, files: this.files, unsaid };
  }
}
