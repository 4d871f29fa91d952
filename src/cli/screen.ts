/** Draws lines in place on the terminal's second screen, and gives the first one back as it was. */
import type { Terminal } from './context.ts';

const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[2J';
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l';

export interface Screen {
  draw(lines: readonly string[]): void;
  /** Draws everything anew the next time: the terminal has changed size. */
  forget(): void;
  close(): void;
}

export function openScreen(terminal: Terminal, out: (text: string) => void): Screen {
  let shown: readonly string[] = [];
  let closed = false;
  out(ENTER);
  return {
    draw(lines) {
      if (closed) return;
      const { rows } = terminal.size();
      let text = '';
      // Only what has changed: a selection of the rest survives, and nothing flickers.
      for (let row = 0; row < Math.min(rows, Math.max(lines.length, shown.length)); row += 1) {
        const line = lines[row] ?? '';
        // Erased first: behind a line that is as wide as the terminal, the cursor stands on its last character.
        if (line !== shown[row]) text += `\u001b[${row + 1};1H\u001b[K${line}`;
      }
      shown = lines.slice(0, rows);
      if (text !== '') out(text);
    },
    forget() {
      if (closed) return;
      shown = [];
      out('\u001b[2J');
    },
    close() {
      if (closed) return;
      closed = true;
      out(LEAVE);
    },
  };
}
