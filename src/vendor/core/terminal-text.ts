/** What a log of a terminal holds beside the text: colours, and what pagers print and wipe away again. Without it, as one saw the lines. */
import { LINE_CHARACTERS_MAX, TEXT_CHARACTERS_MAX } from './lines.ts';

// oxlint-disable-next-line no-control-regex -- Escape sequences begin with one.
const TRACES = /[\u001b\u0008]|\r(?!\n|$)/;
/** ECMA-48: SGR (colours), EL (the rest of the line is wiped), modes. Those that move the cursor stay: nobody knows what stood where. */
// oxlint-disable-next-line no-control-regex -- As above.
const HARMLESS = /\u001b\[(?:[0-9;]{0,30}[mK]|\?[0-9;]{1,20}[hl])|\u001b[=>]|\u001b\(B/g;

export function withoutTerminal(text: string): string {
  if (text.length > TEXT_CHARACTERS_MAX || !TRACES.test(text)) return text;
  return text.split('\n').map(seen).join('\n');
}

function seen(raw: string): string {
  if (raw.length > LINE_CHARACTERS_MAX || !TRACES.test(raw)) return raw;
  const end = raw.endsWith('\r') ? '\r' : '';
  const line = raw.slice(0, raw.length - end.length).replaceAll(HARMLESS, '');
  return `${overwritten(line)}${end}`;
}

/** Backspaces and carriage returns move back, and what follows is written over what stood there. */
function overwritten(line: string): string {
  // oxlint-disable-next-line no-control-regex -- As above.
  if (!/[\u0008\r]/.test(line)) return line;
  const cells: string[] = [];
  let at = 0;
  for (const character of line) {
    if (character === '\r') at = 0;
    else if (character === '\b') at = Math.max(0, at - 1);
    else {
      cells[at] = character;
      at += 1;
    }
  }
  return cells.join('').trimEnd();
}
