/** What listings of ESXi have in common: the command that printed them may stand before, and prompts before and behind. */
import type { OutputKind, ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import type { SettingValue } from '../core/setting.ts';
import { defaultsOf } from './keys.ts';
import { hostOf, withoutPrompt } from './shell.ts';

export interface Listing {
  readonly name: string;
  /** The command itself, as it may stand before its output. */
  readonly command: RegExp;
  /** What the output has that no other has. */
  readonly mark: RegExp;
  /** Lists all there is; otherwise it tells only of what it names. */
  readonly isWhole?: boolean;
  /** What it would show. */
  covers(key: readonly string[]): boolean;
  /** Undefined: as the whole dialect has it. */
  defaultOf?(key: readonly string[], found: Found): SettingValue | undefined;
  /** `asked`: the command that stands before it, or what the reader was told. Says whether it is such an output at all. */
  read(found: Found, lines: readonly Line[], context: ReadContext, asked: string): boolean;
}

export const listing = (one: Listing): OutputKind => ({
  name: one.name,
  recognise: (text) => {
    const head = text.slice(0, 20_000);
    if (!one.mark.test(head)) return 0;
    return one.command.test(head) ? 0.95 : 0.8;
  },
  read: (text, context) => readListing(one, text, context),
});

function readListing(one: Listing, text: string, context: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(context.file, errors);
  found.node = hostOf(lines);
  let asked = '';
  const output = lines.filter((line) => {
    const { text: command, prompted } = withoutPrompt(line.text);
    const isCommand = one.command.test(command);
    if (isCommand) asked = command;
    else if (prompted && command !== '') found.unknown(line, 'Another command.');
    return !prompted && !isCommand;
  });
  const isSuch = one.read(found, output, context, asked);
  if (!isSuch && !found.hasErrors) {
    const first = output.find((line) => line.text !== '')?.number ?? 1;
    found.wrong(first, `This is not what \`${one.name}\` prints.`);
  }
  const { defaultOf } = one;
  // `-i vmk1` and the like ask for a part.
  const isWhole = one.isWhole === true && !/\s-{1,2}[A-Za-z]/.test(asked.replace(one.command, ''));
  return found.reading(
    'host',
    (key) => one.covers(key) && (isWhole || found.hasSeen(key)),
    defaultOf === undefined ? defaultsOf(found) : (key) => defaultOf(key, found),
  );
}

/** What the command was asked about (`-m cxl`), or what the reader was told. */
export function subjectOf(asked: string, option: RegExp, context: ReadContext): string | undefined {
  return option.exec(asked)?.[1] ?? context.port;
}
