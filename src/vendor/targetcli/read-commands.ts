/** Commands of targetcli, in one line each or after `cd`, with the answers of the shell between them. */
import type { ReadContext, Reading } from '../core/dialect.ts';
import { Found } from '../core/found.ts';
import { type Line, splitLines } from '../core/lines.ts';
import { Shell } from './shell.ts';
import { reading } from './reading.ts';
import { tell } from './tell.ts';

/** What the shell answers, and what a session holds besides. */
const ANSWERS =
  /^(?:Created |Deleted |Using default IP port|Binding to INADDR_ANY|Global pref |Parameter |Configuration saved to |Last \d+ configs saved|iser enable now|iSER enable now|targetcli shell version|Copyright |For help on commands|The TPGT has been|others\.$)/i;

export function readCommands(text: string, { file }: ReadContext): Reading {
  const { lines, errors } = splitLines(text);
  const found = new Found(file, errors);
  const shell = new Shell();
  let understood = 0;
  for (const line of lines) {
    const typed = withoutPrompt(line.text);
    if (typed === '' || typed.startsWith('#') || ANSWERS.test(typed)) continue;
    const wrong = shell.type(typed, line.number);
    if (wrong === undefined) understood += 1;
    else found.unknown(line, wrong === '' ? undefined : wrong);
  }
  if (understood === 0) found.wrong(1, 'No line here is a command of targetcli.');
  const byNumber = new Map(lines.map((line): [number, Line] => [line.number, line]));
  tell(shell.config, found, (number) => byNumber.get(number)!);
  return reading(found, 'commands');
}

/** `/iscsi/iqn.20...d8c/tpg1/luns> create ...`, `targetcli /iscsi create ...`, `\>create ...`. */
const withoutPrompt = (text: string): string =>
  text
    .trim()
    .replace(/^(?:\/[^\s>]*|\\)> ?/, '')
    .replace(/^(?:sudo )?targetcli(?: |$)/, '')
    .trim();
