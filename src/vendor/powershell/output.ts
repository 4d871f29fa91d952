/** What outputs of cmdlets have in common: prompts, tables, and lists of `Name : value` in blocks. */
import type { OutputKind, ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import type { SettingValue } from '../core/setting.ts';
import { isPrompted, withoutPrompt } from './words.ts';

export interface Output {
  readonly name: string;
  /** Lists all there is; otherwise it tells only of what it names. */
  readonly isWhole?: boolean;
  /** What only this output has. */
  readonly mark: RegExp;
  covers(key: readonly string[]): boolean;
  defaultOf?(key: readonly string[], found: Found): SettingValue | undefined;
  /** Says whether it is such an output at all. */
  read(found: Found, lines: readonly Line[], context: ReadContext): boolean;
}

export const output = (one: Output): OutputKind => ({
  name: one.name,
  recognise: (text) => (one.mark.test(text.slice(0, 20_000)) ? 0.9 : 0),
  read: (text, context) => {
    const { lines, errors } = splitLines(text);
    const found = new Found(context.file, errors);
    const own = one.name.split(' ')[0]!.toLowerCase();
    const rest = lines.filter((line) => {
      if (!isPrompted(line.text)) return true;
      const command = withoutPrompt(line.text);
      if (command !== '' && !command.toLowerCase().startsWith(own)) found.unknown(line, 'Another command.');
      return false;
    });
    const isSuch = one.read(found, rest, context);
    if (!isSuch && !found.hasErrors)
      found.wrong(rest.find((line) => line.text !== '')?.number ?? 1, `This is not what ${one.name} prints.`);
    return finish(one, found);
  },
});

function finish(one: Output, found: Found): Reading {
  return found.reading(
    'host',
    // What it does not name it was not asked about.
    (key) => one.covers(key) && (one.isWhole === true || found.hasSeen(key)),
    (key) => one.defaultOf?.(key, found),
  );
}

export interface Field {
  readonly line: Line;
  readonly value: string;
  /** Lines below it that belong to it. */
  readonly more: readonly Line[];
}

export type Block = ReadonlyMap<string, Field>;

/** Blocks of `Name : value`, each of which begins with `first`; what stands deeper belongs to the field above. */
export function blocksOf(lines: readonly Line[], first: string): Block[] {
  const blocks: Map<string, Field & { more: Line[] }>[] = [];
  let last: { more: Line[] } | undefined;
  let indent = 0;
  for (const line of lines) {
    if (line.text.trim() === '') continue;
    const text = line.text.trimStart();
    const at = text.indexOf(':');
    const name = at < 1 ? '' : text.slice(0, at).trim();
    if (name === first) {
      indent = line.indent;
      blocks.push(new Map());
    }
    const block = blocks.at(-1);
    if (block === undefined) continue;
    if (line.indent > indent + 1 || name === '') {
      last?.more.push(line);
      continue;
    }
    const field = { line, value: text.slice(at + 1).trim(), more: [] };
    block.set(name, field);
    last = field;
  }
  return blocks;
}

/** `0-2,4-7`; undefined: no list of priorities. */
export function prioritiesOfRange(text: string): number[] | undefined {
  const priorities: number[] = [];
  for (const part of text.replace(/[{}\s]/g, '').split(',')) {
    const match = /^([0-7])(?:-([0-7]))?$/.exec(part);
    if (match === null) return undefined;
    for (let one = Number(match[1]); one <= Number(match[2] ?? match[1]); one += 1) priorities.push(one);
  }
  return priorities.toSorted((one, other) => one - other);
}

/** A name that PowerShell cut short is none. */
export const isCutShort = (text: string): boolean => text.endsWith('...') || text.endsWith('…');
