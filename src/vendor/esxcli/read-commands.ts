/** Commands of esxcli and of the older esxcfg tools, as somebody typed them: what they set. */
import { shellWords } from '../core/shell-words.ts';
import type { OutputKind, ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { readEsxcfg } from './esxcfg.ts';
import { defaultsOf, says } from './keys.ts';
import { isIscsiCommand, readIscsiCommand } from './read-iscsi-commands.ts';
import { readNetworkCommand } from './read-network-commands.ts';
import { esxcliCommand, hostOf, type Told, withoutPrompt } from './shell.ts';

const COMMAND = /^(?:esxcli\s|esxcfg-(?:vswitch|vmknic|module|route|nics)\s)/;

/** Commands without a setting in them. */
const HARMLESS =
  /^(?:reboot|exit|#|esxcli storage core adapter rescan\b|esxcfg-rescan\b|esxcli iscsi adapter discovery rediscover\b|esxcli network nic (?:up|down)\b)/;

export const commands: OutputKind = {
  name: 'esxcli and esxcfg commands',
  recognise: (text) => {
    const lines = text
      .slice(0, 20_000)
      .split('\n', 200)
      .map((line) => withoutPrompt(line).text);
    const typed = lines.filter((line) => COMMAND.test(line));
    if (typed.length === 0) return 0;
    // A listing begins with the command that printed it.
    return typed.every((line) => / (?:list|get|-l|-g)(?:\s|$)/.test(line)) ? 0 : 0.9;
  },
  read: (text, context) => readCommands(text, context),
};

function readCommands(text: string, context: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(context.file, errors);
  found.node = hostOf(lines);
  let typed = 0;
  for (const line of joined(lines)) {
    const command = withoutPrompt(line.text).text;
    if (command === '' || HARMLESS.test(command)) continue;
    const words = shellWords(command);
    const told = words === undefined ? 'A quote is left open.' : readCommand(found, line, words);
    if (told === true) typed += 1;
    else found.unknown(line, told === '' ? undefined : told);
  }
  if (typed === 0 && errors.length === 0)
    found.wrong(lines.find((line) => line.text !== '')?.number ?? 1, 'There is no command of esxcli here.');
  // Whether the secret is the right one nobody can see.
  return found.reading('host', (key) => says(key) && key.at(-1) !== 'secret', defaultsOf(found));
}

function readCommand(found: Found, line: Line, words: readonly string[]): Told {
  if (words[0]?.startsWith('esxcfg-') === true) return readEsxcfg(found, line, words);
  if (words[0] !== 'esxcli') return '';
  const { path, options } = esxcliCommand(words);
  const told = isIscsiCommand(path) ? readIscsiCommand(found, line, path, options) : readNetworkCommand(found, line, path, options);
  if (told !== true) return told;
  return options.left.length === 0 ? true : `Not understood of it: ${options.left.join(', ')}.`;
}

/** A command may go on in the next line. */
function joined(lines: readonly Line[]): Line[] {
  const results: Line[] = [];
  let open: Line | undefined;
  for (const line of lines) {
    const continues = line.text.endsWith('\\') && line.text.length < 4096;
    const text = continues ? line.text.slice(0, -1).trimEnd() : line.text;
    const whole: Line = open === undefined ? { ...line, text } : { ...open, text: `${open.text} ${text.trim()}` };
    open = continues && whole.text.length < 4096 ? whole : undefined;
    if (open === undefined) results.push(whole);
  }
  if (open !== undefined) results.push(open);
  return results;
}
