/** Statements of PowerShell as people type and print them: prompts, cmdlets with their parameters, lists, lines that go on in the next. */
import type { Line } from '../core/lines.ts';

const PROMPT = /^(?:\[[^\]]{1,255}\]: )?(?:PS(?: [^>]{0,255})?>|\\?>)\s*/;

export const withoutPrompt = (text: string): string => text.trim().replace(PROMPT, '');

export const isPrompted = (text: string): boolean => PROMPT.test(text.trim());

const CMDLET = /^[A-Za-z]{2,20}-[A-Za-z]{2,40}(?:\s|$)/;

export interface Statement {
  readonly line: Line;
  /** In small letters; '' for what is no cmdlet. */
  readonly cmdlet: string;
  readonly parameters: Parameters;
}

/** Parameters by name in small letters; each has to be asked for. */
export class Parameters {
  readonly #values = new Map<string, readonly string[]>();
  readonly #asked = new Set<string>();
  readonly #positional: readonly string[][];

  constructor(values: ReadonlyMap<string, readonly string[]>, positional: readonly string[][]) {
    for (const [name, value] of values) this.#values.set(name, value);
    this.#positional = positional;
  }

  /** All values of a list; a parameter without any is `$true`. */
  list(...names: readonly string[]): readonly string[] | undefined {
    let found: readonly string[] | undefined;
    for (const name of names) {
      this.#asked.add(name.toLowerCase());
      found ??= this.#values.get(name.toLowerCase());
    }
    return found;
  }

  /** One value; `position`: where it stands without a name. */
  one(name: string, position?: number): string | undefined {
    return (this.list(name) ?? (position === undefined ? undefined : this.at(position)))?.join(',');
  }

  at(position: number): readonly string[] | undefined {
    this.#asked.add(`#${position}`);
    return this.#positional[position];
  }

  /** Names nobody asked for, without those that every cmdlet has. */
  get left(): readonly string[] {
    const named = [...this.#values.keys()].filter((name) => !this.#asked.has(name) && !COMMON.has(name));
    return [...named, ...this.#positional.flatMap((value, index) => (this.#asked.has(`#${index}`) ? [] : [value.join(',')]))];
  }
}

const COMMON: ReadonlySet<string> = new Set([
  'confirm',
  'force',
  'passthru',
  'verbose',
  'erroraction',
  'norestart',
  'asjob',
  'includemanagementtools',
]);

/** A pipeline or an open quote is no single statement: undefined. */
export function statementOf(line: Line): Statement | undefined {
  const tokens = tokensOf(withoutPrompt(line.text));
  if (tokens === undefined || tokens.length === 0) return undefined;
  const values = new Map<string, readonly string[]>();
  const positional: string[][] = [];
  const [first, ...rest] = tokens;
  for (let index = 0; index < rest.length; index += 1) {
    const token = rest[index]!;
    if (!isParameter(token)) {
      positional.push(valuesOf(token));
      continue;
    }
    const [name, given] = splitColon(token.text.slice(1));
    const next = rest[index + 1];
    if (given !== undefined) values.set(name.toLowerCase(), [given]);
    else if (next !== undefined && !isParameter(next)) {
      values.set(name.toLowerCase(), valuesOf(next));
      index += 1;
    } else values.set(name.toLowerCase(), ['$true']);
  }
  const cmdlet = CMDLET.test(`${first!.text} `) ? first!.text.toLowerCase() : '';
  return { line, cmdlet, parameters: new Parameters(values, positional) };
}

const splitColon = (text: string): [string, string | undefined] => {
  const at = text.indexOf(':');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
};

interface Token {
  readonly text: string;
  /** Parts of a list, where there are several. */
  readonly parts: readonly string[];
  readonly isQuoted: boolean;
}

const isParameter = (token: Token): boolean => !token.isQuoted && /^-[A-Za-z]/.test(token.text);

/** `0..3` and `@(1, 2)` are lists as well. */
function valuesOf(token: Token): string[] {
  return token.parts.flatMap((part) => {
    const bare = token.isQuoted ? part : part.replace(/^@?\(/, '').replace(/\)$/, '');
    const range = /^(\d{1,2})\.\.(\d{1,2})$/.exec(bare);
    if (range === null) return [bare];
    const [from, to] = [Number(range[1]), Number(range[2])];
    return from <= to && to - from < 64 ? Array.from({ length: to - from + 1 }, (_, index) => `${from + index}`) : [bare];
  });
}

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  let parts: string[] = [];
  let word = '';
  let started = false;
  let quote: string | undefined;
  let wasQuoted = false;
  let depth = 0;
  const end = (): void => {
    if (started) tokens.push({ text: word, parts: [...parts, word], isQuoted: wasQuoted });
    [parts, word, started, wasQuoted] = [[], '', false, false];
  };
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index]!;
    if (quote !== undefined) {
      if (character === '`' && quote === '"' && index + 1 < text.length) word += text[(index += 1)]!;
      else if (character === quote) quote = undefined;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      started = true;
      wasQuoted ||= word === '';
    } else if (character === '(' || character === ')') {
      depth += character === '(' ? 1 : -1;
      started = true;
      word += character;
    } else if (character === ',' && depth <= 1) {
      // A list may go on behind blanks.
      parts.push(word);
      word = '';
      while (text[index + 1] === ' ') index += 1;
    } else if (character === ' ' && depth <= 0) end();
    else if (character === '|' || character === ';') return undefined;
    else if (character === '#' && !started) break;
    else {
      started = true;
      word += character;
    }
  }
  end();
  return quote === undefined ? tokens : undefined;
}

/** Lines that go on: behind a backtick, a comma, a hyphen or a parameter without its value, or before one that begins with a parameter. */
export function joined(lines: readonly Line[]): Line[] {
  const results: Line[] = [];
  for (const line of lines) {
    const text = withoutPrompt(line.text);
    const last = results.at(-1);
    const isNew = CMDLET.test(text) || isPrompted(line.text) || text === '' || text.startsWith('#');
    if (last === undefined || last.text === '' || last.text.startsWith('#') || last.text.length > 4096 || isNew) {
      results.push({ ...line, text });
      continue;
    }
    const isOpen = /[`,]$/.test(last.text) || /\s-[A-Za-z0-9]*$/.test(last.text) || text.startsWith('-');
    if (!isOpen || !CMDLET.test(last.text)) results.push({ ...line, text });
    else {
      const before = last.text.replace(/\s*`$/, '');
      results[results.length - 1] = { ...last, text: /\s-$/.test(before) ? `${before}${text}` : `${before} ${text}` };
    }
  }
  return results;
}

/** `$true`, `1`, `Enabled`, `On`; undefined: neither that nor the opposite. */
export function yesOf(written: string | undefined): boolean | undefined {
  const word = written?.toLowerCase();
  if (word === undefined) return undefined;
  if (['$true', 'true', '1', 'enabled', 'on', 'yes'].includes(word)) return true;
  return ['$false', 'false', '0', 'disabled', 'off', 'no'].includes(word) ? false : undefined;
}

/** A text as PowerShell wants it. */
export const quoted = (text: string): string => `"${text.replaceAll('`', '``').replaceAll('$', '`$')}"`;

export const numberOf = (written: string | undefined, least: number, most: number): number | undefined =>
  written !== undefined && /^\d{1,9}$/.test(written) && Number(written) >= least && Number(written) <= most ? Number(written) : undefined;
