/** One line of the terminal that is written again and again; nothing at all where there is no terminal. */
import type { CommandContext, Terminal } from '../context.ts';

export interface StatusLine {
  /** At most as wide as the terminal, colours not counted: the caller cuts what it paints. */
  show(text: string): void;
  /** Takes the line away, so that other lines can be written. */
  clear(): void;
}

const CLEAR = '\r\u001b[K';

export function statusLine(terminal: Terminal | undefined, context: CommandContext): StatusLine {
  let shown = '';
  if (terminal === undefined) return { show: () => {}, clear: () => {} };
  return {
    show(text) {
      if (text === shown) return;
      shown = text;
      context.out(`${CLEAR}${text}`);
    },
    clear() {
      if (shown !== '') context.out(CLEAR);
      shown = '';
    },
  };
}
