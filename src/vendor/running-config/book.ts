/** The settings of a declared node while commands are made of them: what was said and what could not be, so that nothing is dropped. */
import type { Command, DeclaredNode, Rendering, Verification } from '../core/dialect.ts';
import type { Setting, SettingValue } from '../core/setting.ts';
import type { Path } from '../../fabric/problem.ts';

export interface Book {
  readonly node: DeclaredNode;
  /** Counts as said from now on. */
  get(...key: readonly string[]): Setting | undefined;
  /** Only looks. */
  peek(...key: readonly string[]): Setting | undefined;
  /** What comes next below a key, in the order of the declaration. */
  names(...prefix: readonly string[]): readonly string[];
  refuse(setting: Setting, why: string): void;
  isRefused(setting: Setting): boolean;
  /** All that is said below a key. */
  refuseBelow(prefix: readonly string[], why: string): void;
  line(text: string, from: Setting | undefined, note?: string): void;
  /** `whyNot`: of settings that nobody got. */
  rendering(whyNot: (setting: Setting) => string, verification: readonly Verification[]): Rendering;
}

const placeText = (key: readonly string[]): string => key.join('\n');

const pathOf = ({ from }: Setting): Path | undefined => (from.kind === 'declared' ? from.at : undefined);

export function openBook(node: DeclaredNode): Book {
  const settings = new Map(node.settings.map((one) => [placeText(one.key), one] as const));
  const below = new Map<string, Set<string>>();
  for (const { key } of node.settings)
    for (let depth = 0; depth < key.length; depth += 1) {
      const prefix = placeText(key.slice(0, depth));
      const names = below.get(prefix);
      if (names === undefined) below.set(prefix, new Set([key[depth]!]));
      else names.add(key[depth]!);
    }
  const said = new Set<Setting>();
  const refused = new Map<Setting, string>();
  const commands: Command[] = [];
  const refuse = (setting: Setting, why: string): void => {
    said.delete(setting);
    if (!refused.has(setting)) refused.set(setting, why);
  };
  return {
    node,
    get: (...key) => {
      const one = settings.get(placeText(key));
      if (one !== undefined && !refused.has(one)) said.add(one);
      return one;
    },
    peek: (...key) => settings.get(placeText(key)),
    names: (...prefix) => [...(below.get(placeText(prefix)) ?? [])],
    refuse,
    isRefused: (one) => refused.has(one),
    refuseBelow: (prefix, why) => {
      for (const one of node.settings)
        if (prefix.length < one.key.length && prefix.every((step, index) => one.key[index] === step)) refuse(one, why);
    },
    line: (text, from, note) => {
      commands.push({ text, from: from === undefined ? undefined : pathOf(from), ...(note === undefined ? {} : { note }) });
    },
    rendering: (whyNot, verification) => {
      const elsewhere = new Set([...said].map(placeOfDcb).filter((place) => place !== undefined));
      const unsaid: { setting: Setting; why: string }[] = [];
      for (const setting of node.settings) {
        const why = refused.get(setting);
        if (why !== undefined) unsaid.push({ setting, why });
        else if (!said.has(setting) && !elsewhere.has(placeOfDcb(setting) ?? '')) unsaid.push({ setting, why: whyNot(setting) });
      }
      return { commands, verification, files: [], unsaid };
    },
  };
}

/** DCB of a switch is that of its ports: what is written once stands in the settings of each, with one place in the file. */
function placeOfDcb(setting: Setting): string | undefined {
  const start = setting.key.indexOf('dcb');
  const at = pathOf(setting);
  return start < 0 || at === undefined ? undefined : JSON.stringify([setting.key.slice(start), at]);
}

export const textOf = (one: Setting | undefined): string | undefined => (one === undefined ? undefined : `${one.value as string | number}`);
export const numberOf = (one: Setting | undefined): number | undefined => (typeof one?.value === 'number' ? one.value : undefined);
export const isTrue = (one: Setting | undefined): boolean => one?.value === true;
export const listOf = (value: SettingValue | undefined): readonly (string | number)[] =>
  Array.isArray(value) ? (value as readonly (string | number)[]) : [];

/** An aggregation is what its ports say: with one that the product has no name for, or with none, it can't be said. */
export function refuseMembers(book: Book, name: string, portOf: (name: string) => string | undefined): void {
  const ports = book.peek('aggregations', name, 'ports');
  const wrong = listOf(ports?.value).find((port) => portOf(`${port}`) === undefined);
  if (ports !== undefined && listOf(ports.value).length > 0 && wrong === undefined) return;
  for (const key of ['ports', 'mode', 'active', 'lacpRate']) {
    const one = book.peek('aggregations', name, key);
    if (one !== undefined) book.refuse(one, wrong === undefined ? 'It has no ports.' : `There is no such port: ${wrong}.`);
  }
}

/** Names of a place as the product has them, each interface once. */
export function namesAs(
  book: Book,
  place: string,
  nameOf: (name: string) => string | undefined,
  why: string,
): [name: string, called: string][] {
  const names = new Map<string, string>();
  for (const name of book.names(place)) {
    const called = nameOf(name);
    if (called === undefined) book.refuseBelow([place, name], why);
    else if (names.has(called)) book.refuseBelow([place, name], `It is the port that has come already: ${called}.`);
    else names.set(called, name);
  }
  return [...names].map(([called, name]) => [name, called]);
}
