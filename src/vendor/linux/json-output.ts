/** What all outputs with JSON have in common: lists of objects, of which several may stand behind one another. */
import { flagOf, type Json, type JsonObject, listOf, numberOf, objectOf, readJsonSequence, textOf } from '../core/json.ts';
import { Found } from '../core/found.ts';

/** An object with the line that it begins in. */
export interface Entry {
  readonly line: number;
  readonly members: JsonObject;
}

const entryOf = (one: Json | undefined): Entry | undefined => {
  const members = objectOf(one);
  return members === undefined ? undefined : { line: one!.line, members };
};

export const textAt = (entry: Entry | undefined, name: string): string | undefined => textOf(entry?.members.get(name));
export const numberAt = (entry: Entry | undefined, name: string): number | undefined => numberOf(entry?.members.get(name));
export const entryAt = (entry: Entry | undefined, name: string): Entry | undefined => entryOf(entry?.members.get(name));
export const entriesAt = (entry: Entry | undefined, name: string): readonly Entry[] => entriesOf(listOf(entry?.members.get(name)));
export const valuesAt = (entry: Entry | undefined, name: string): readonly Json[] => listOf(entry?.members.get(name)) ?? [];

/** A switch: `true`, `"on"` or 1, as the age of the program has it. */
export function switchOf(one: Json | undefined): boolean | undefined {
  const text = textOf(one);
  if (text !== undefined) return text === 'on' ? true : text === 'off' ? false : undefined;
  const number = numberOf(one);
  return flagOf(one) ?? (number === undefined ? undefined : number !== 0);
}

const entriesOf = (values: readonly Json[] | undefined): readonly Entry[] => (values ?? []).flatMap((value) => entryOf(value) ?? []);

/** Objects of all lists, or that stand alone; what else stands there is unknown. */
export function entriesIn(text: string, file: string, wanted: string): { readonly entries: readonly Entry[]; readonly found: Found } {
  const { values, error } = readJsonSequence(text);
  const found = new Found(file, error === undefined ? [] : [error]);
  const entries: Entry[] = [];
  for (const value of values) {
    const list = listOf(value);
    const one = entryOf(value);
    if (one !== undefined) entries.push(one);
    else if (list !== undefined) {
      // Older versions of iproute2 print an empty object for what they do not print.
      for (const entry of entriesOf(list)) if (entry.members.size > 0) entries.push(entry);
    } else found.wrong(value.line, `This is no list of ${wanted}.`);
  }
  return { entries, found };
}

/** The first characters look like a list of objects that begin so. */
export const looksLike = (text: string, pattern: RegExp): boolean =>
  /^\s*\[?\s*(?:\{\s*\}\s*,\s*)*\{/.test(text.slice(0, 400)) && pattern.test(text.slice(0, 4000));
