/** What `show interface priority-flow-control` prints: whether each port has PFC, and for which priorities. */
import type { ReadContext, Reading } from '../core/dialect.ts';
import { commandLines } from '../running-config/command-lines.ts';
import { expectUnderstood, newDraft, note, say, type Verdict, switchReading } from '../running-config/draft.ts';
import { portOf, spelled } from './names.ts';

const isPfc = (key: readonly string[]): boolean => key[0] === 'ports' && key.length === 4 && key[2] === 'dcb' && key[3] === 'pfc';

/** `Ethernet1/5  Auto On   (8)  0  0`: the bits of the priorities in hexadecimal. */
const ROW = /^([A-Za-z-]*[Ee]thernet[\d/]{1,12}) +(Auto|On|Off) +(On|Off)(?: +\(([0-9a-fA-F]{1,2})\))? +\d+ +\d+$/;

export function readShowPfc(text: string, context: ReadContext): Reading {
  const { lines, errors } = commandLines(text, ['===', '---']);
  const draft = newDraft(context.file, errors);
  for (const line of lines) {
    let verdict: Verdict = /^(Port +Mode +Oper\(VL bmap\).*|slot +\d+|show interface .*)$/.test(line.text);
    const row = ROW.exec(line.text);
    const port = row === null ? undefined : portOf(row[1]!);
    if (row !== null && port !== undefined) {
      const bits = row[3] === 'On' ? Number.parseInt(row[4] ?? '0', 16) : 0;
      const priorities = [0, 1, 2, 3, 4, 5, 6, 7].filter((priority) => ((bits >> priority) & 1) === 1);
      say(draft, ['ports', port, 'dcb', 'pfc'], priorities, line.line);
      verdict = true;
    }
    note(draft, line, verdict);
  }
  expectUnderstood(draft, 'output of `show interface priority-flow-control`');
  return switchReading(draft, {
    covers: isPfc,
    spelled,
  });
}
