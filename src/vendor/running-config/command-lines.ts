/** Lines of a running configuration, or of a terminal's log, as commands in words. */
import type { ReadingError } from '../core/dialect.ts';
import { splitLines } from '../core/lines.ts';

export interface CommandLine {
  readonly line: number;
  readonly indent: number;
  /** Without prompt and blanks around. */
  readonly text: string;
  readonly words: readonly string[];
  /** The text from a word on, as it stands. */
  rest(index: number): string;
}

export interface CommandLines {
  readonly lines: readonly CommandLine[];
  readonly errors: readonly ReadingError[];
}

/** Guides print prompts without the switch's name, and whole logs indented: `(config interface ethernet 1/1) # `. */
const CONFIG_PROMPT = /^(?:[\w.-]{1,64}(?: ?\[[^\]]{0,80}\])? ?)?\(config[^()]{0,100}\) ?# ?/;
/** `switch (config) # `, `switch(config-if)# `, `tor1 [mlag: master] > `, and a bare `#` right before a command, as guides print it. */
const PROMPT = /^[\w.-]{1,64}(?: ?\[[^\]]{0,80}\])?(?: ?\([^()]{0,100}\))? ?[#>] ?/;
const BARE_PROMPT = /^#(?=[a-z])/;
/** What a pager leaves in a log. */
const PAGER = /^ *--More-- */;
/** These words end in `#` or `>` in nobody's prompt. */
const NO_HOST_NAMES = new Set(['description', 'name', 'banner', 'hostname', 'no']);

/** Blank lines, and comments that begin with one of `comments`, are left out. */
export function commandLines(text: string, comments: readonly string[]): CommandLines {
  const { lines, errors } = splitLines(text);
  const commands: CommandLine[] = [];
  for (const { number, text: whole, indent } of lines) {
    let rest = whole.replace(PAGER, '').trim();
    const behind = rest.replace(CONFIG_PROMPT, '');
    // Behind a prompt nothing is indented.
    const depth = behind === rest ? indent : 0;
    rest = depth === 0 && behind === rest ? withoutPrompt(rest) : behind;
    if (rest === '' || comments.some((mark) => rest.startsWith(mark))) continue;
    commands.push(commandLine(rest, number, depth));
  }
  return { lines: commands, errors };
}

function withoutPrompt(text: string): string {
  const bare = text.replace(BARE_PROMPT, '');
  if (bare !== text) return bare;
  const prompt = PROMPT.exec(text);
  const host = /^[\w.-]{1,64}/.exec(text)?.[0];
  return prompt === null || host === undefined || NO_HOST_NAMES.has(host) ? text : text.slice(prompt[0].length);
}

export function commandLine(text: string, line: number, indent: number): CommandLine {
  const words: string[] = [];
  const starts: number[] = [];
  for (let index = 0; index < text.length; ) {
    if (text[index] === ' ' || text[index] === '\t') {
      index += 1;
      continue;
    }
    starts.push(index);
    const end = text[index] === '"' ? endOfQuotes(text, index) : endOfWord(text, index);
    words.push(text[index] === '"' ? unquoted(text.slice(index, end)) : text.slice(index, end));
    index = end;
  }
  return { line, indent, text, words, rest: (index) => (index < starts.length ? text.slice(starts[index]!) : '') };
}

function endOfWord(text: string, from: number): number {
  let index = from;
  while (index < text.length && text[index] !== ' ' && text[index] !== '\t') index += 1;
  return index;
}

/** Behind the closing mark; the end of the text where there is none. */
function endOfQuotes(text: string, from: number): number {
  let index = from + 1;
  while (index < text.length && text[index] !== '"') index += text[index] === '\\' ? 2 : 1;
  return Math.min(index + 1, text.length);
}

/** `"a \"b\""` is `a "b"`; a text without marks is itself. */
export function unquoted(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  return text.slice(1, -1).replaceAll(/\\(["\\])/g, '$1');
}

export const quoted = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

/** Fits in a line of a command: no line ends, no control characters. */
export const isOneLine = (text: string): boolean => [...text].every((character) => character >= ' ' && character !== '\u007f');

export const wholeNumber = (text: string | undefined, least: number, most: number): number | undefined => {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  return value >= least && value <= most ? value : undefined;
};
