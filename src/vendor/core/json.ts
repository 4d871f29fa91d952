/** JSON (RFC 8259) with the line that each value stands in, bounded: devices' outputs that are JSON are read with it. */
import { TEXT_CHARACTERS_MAX } from './lines.ts';
import type { ReadingError } from './dialect.ts';

const DEPTH_MAX = 64;

export interface Json {
  readonly line: number;
  readonly value: JsonValue;
}
export type JsonValue = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = ReadonlyMap<string, Json>;

/** The value, or what is wrong with the text. */
export function readJson(text: string): Json | ReadingError {
  if (text.length > TEXT_CHARACTERS_MAX) return { line: 1, message: `The text has more than ${TEXT_CHARACTERS_MAX / 1024 / 1024} MiB.` };
  const reader = new JsonReader(text);
  try {
    return reader.document();
  } catch (error) {
    if (error instanceof Refusal) return { line: reader.line, message: error.message };
    throw error;
  }
}

/** Several values behind one another, as two commands print them; with what is wrong with the first that is none. */
export function readJsonSequence(text: string): { readonly values: readonly Json[]; readonly error: ReadingError | undefined } {
  if (text.length > TEXT_CHARACTERS_MAX)
    return { values: [], error: { line: 1, message: `The text has more than ${TEXT_CHARACTERS_MAX / 1024 / 1024} MiB.` } };
  const values: Json[] = [];
  const reader = new JsonReader(text);
  try {
    do values.push(reader.next());
    while (!reader.atEnd());
    return { values, error: undefined };
  } catch (error) {
    if (error instanceof Refusal) return { values, error: { line: reader.line, message: error.message } };
    throw error;
  }
}

export const isError = (one: Json | ReadingError): one is ReadingError => 'message' in one;

/** Undefined: it is none. */
export const objectOf = (one: Json | undefined): JsonObject | undefined => (one?.value instanceof Map ? one.value : undefined);
export const listOf = (one: Json | undefined): readonly Json[] | undefined =>
  Array.isArray(one?.value) ? (one.value as readonly Json[]) : undefined;
export const textOf = (one: Json | undefined): string | undefined => (typeof one?.value === 'string' ? one.value : undefined);
export const numberOf = (one: Json | undefined): number | undefined => (typeof one?.value === 'number' ? one.value : undefined);
export const flagOf = (one: Json | undefined): boolean | undefined => (typeof one?.value === 'boolean' ? one.value : undefined);

class Refusal extends Error {}

const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', '/': '/', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

class JsonReader {
  line = 1;
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text.replace(/^\uFEFF/, '');
  }

  document(): Json {
    const value = this.#value(0);
    this.#blanks();
    if (this.#at < this.#text.length) throw new Refusal('There is more behind the end of the JSON.');
    return value;
  }

  next(): Json {
    return this.#value(0);
  }

  atEnd(): boolean {
    this.#blanks();
    return this.#at >= this.#text.length;
  }

  #blanks(): void {
    for (; this.#at < this.#text.length; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === 0x0a) this.line += 1;
      else if (code !== 0x20 && code !== 0x09 && code !== 0x0d) return;
    }
  }

  #value(depth: number): Json {
    if (depth > DEPTH_MAX) throw new Refusal(`The JSON is nested more than ${DEPTH_MAX} levels deep.`);
    this.#blanks();
    const { line } = this;
    const next = this.#text[this.#at];
    if (next === undefined) throw new Refusal('The JSON ends in the middle.');
    if (next === '{') return { line, value: this.#object(depth) };
    if (next === '[') return { line, value: this.#list(depth) };
    if (next === '"') return { line, value: this.#string() };
    for (const [word, value] of [['true', true] as const, ['false', false] as const, ['null', null] as const])
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return { line, value };
      }
    return { line, value: this.#number() };
  }

  #object(depth: number): JsonObject {
    const entries = new Map<string, Json>();
    this.#at += 1;
    this.#blanks();
    if (this.#taken('}')) return entries;
    for (;;) {
      this.#blanks();
      if (this.#text[this.#at] !== '"') throw new Refusal('Here a name in quotes belongs.');
      const name = this.#string();
      this.#blanks();
      if (!this.#taken(':')) throw new Refusal('Here a `:` belongs.');
      entries.set(name, this.#value(depth + 1));
      this.#blanks();
      if (this.#taken('}')) return entries;
      if (!this.#taken(',')) throw new Refusal('Here a `,` or a `}` belongs.');
    }
  }

  #list(depth: number): readonly Json[] {
    const values: Json[] = [];
    this.#at += 1;
    this.#blanks();
    if (this.#taken(']')) return values;
    for (;;) {
      values.push(this.#value(depth + 1));
      this.#blanks();
      if (this.#taken(']')) return values;
      if (!this.#taken(',')) throw new Refusal('Here a `,` or a `]` belongs.');
    }
  }

  #taken(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #string(): string {
    const parts: string[] = [];
    let from = (this.#at += 1);
    for (; this.#at < this.#text.length; this.#at += 1) {
      const character = this.#text[this.#at]!;
      if (character === '"') {
        parts.push(this.#text.slice(from, this.#at));
        this.#at += 1;
        return parts.join('');
      }
      if (character < ' ') throw new Refusal('A text in quotes holds a control character.');
      if (character !== '\\') continue;
      parts.push(this.#text.slice(from, this.#at), this.#escape());
      from = this.#at + 1;
    }
    throw new Refusal('A text in quotes does not end.');
  }

  /** Ends at the last character of the escape. */
  #escape(): string {
    const character = this.#text[(this.#at += 1)];
    if (character === 'u') {
      const digits = this.#text.slice(this.#at + 1, this.#at + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw new Refusal('There are no four hexadecimal digits behind `\\u`.');
      this.#at += 4;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const escaped = character === undefined ? undefined : ESCAPES[character];
    if (escaped === undefined) throw new Refusal('There is no such escape in JSON.');
    return escaped;
  }

  #number(): number {
    const match = /^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,3})?/.exec(this.#text.slice(this.#at, this.#at + 80));
    if (match === null) throw new Refusal('Here a value belongs.');
    this.#at += match[0].length;
    return Number(match[0]);
  }
}
