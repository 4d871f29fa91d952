/** What `show dcb priority-flow-control` prints: the switch's list of priorities, and ports that use it. */
import type { ReadContext, Reading } from '../core/dialect.ts';
import { commandLines } from '../running-config/command-lines.ts';
import { expectUnderstood, newDraft, note, say, type Verdict, switchReading } from '../running-config/draft.ts';
import { spelled } from './names.ts';

const isPfc = (key: readonly string[]): boolean => {
  const tail = key[0] === 'dcb' ? key : key.slice(2);
  return tail.length === 2 && tail[0] === 'dcb' && tail[1] === 'pfc';
};

export function readShowPfc(text: string, context: ReadContext): Reading {
  const { lines, errors } = commandLines(text, ['---']);
  const draft = newDraft(context.file, errors);
  let isOn = true;
  let priorities: readonly number[] = [];
  for (const line of lines) {
    let verdict: Verdict = /^(show dcb priority-flow-control.*|interface +pfc +admin.*|.*priority disabled list *:[ 0-7]*)$/i.test(
      line.text,
    );
    const state = /^pfc *:? *(enabled|disabled)$/i.exec(line.text);
    const list = /^priority enabled list *:([ 0-7]*)$/i.exec(line.text);
    const row = /^(Eth|Po|Mpo)?(\d{1,4}(?:\/\d{1,3}){0,2}) +(\S+) +(\S+)$/.exec(line.text);
    if (state !== null) {
      isOn = state[1]!.toLowerCase() === 'enabled';
      verdict = true;
    } else if (list !== null) {
      priorities = list[1]!.trim() === '' ? [] : list[1]!.trim().split(/ +/).map(Number);
      say(draft, ['dcb', 'pfc'], isOn ? priorities : [], line.line, true);
      verdict = true;
    } else if (row !== null) {
      const [, kind, name, admin, oper] = row as unknown as [string, string | undefined, string, string, string];
      const hasPfc = isOn && (/^on$/i.test(admin) || /^enabled$/i.test(oper));
      say(draft, [kind?.endsWith('o') === true ? 'aggregations' : 'ports', name, 'dcb', 'pfc'], hasPfc ? priorities : [], line.line);
      verdict = true;
    }
    note(draft, line, verdict);
  }
  expectUnderstood(draft, 'output of `show dcb priority-flow-control`');
  return switchReading(draft, {
    covers: isPfc,
    spelled,
  });
}
