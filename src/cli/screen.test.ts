import { describe, expect, it } from 'vitest';
import { openScreen } from './screen.ts';

const open = (rows = 24) => {
  const written: string[] = [];
  const screen = openScreen({ size: () => ({ columns: 80, rows }), onResize: () => () => {} }, (text) => void written.push(text));
  return { screen, written };
};

describe('openScreen', () => {
  it('writes only the lines that changed', () => {
    const { screen, written } = open();
    screen.draw(['a', 'b', 'c']);
    screen.draw(['a', 'x']);
    screen.draw(['a', 'x']);
    expect(written.slice(1)).toEqual([
      '\u001b[1;1H\u001b[Ka\u001b[2;1H\u001b[Kb\u001b[3;1H\u001b[Kc',
      '\u001b[2;1H\u001b[Kx\u001b[3;1H\u001b[K',
    ]);
  });

  it('writes everything again after a change of size, and nothing below the terminal', () => {
    const { screen, written } = open(2);
    screen.draw(['a', 'b', 'c']);
    screen.forget();
    screen.draw(['a', 'b', 'c']);
    expect(written.slice(1)).toEqual(['\u001b[1;1H\u001b[Ka\u001b[2;1H\u001b[Kb', '\u001b[2J', '\u001b[1;1H\u001b[Ka\u001b[2;1H\u001b[Kb']);
  });

  it('keeps the last character of a line that is as wide as the terminal', () => {
    const { screen, written } = open();
    screen.draw(['x'.repeat(80)]);
    // The cursor is on that character then: what erases to the end of the line would take it away.
    expect(written[1]).toMatch(/x{80}$/);
  });

  it('gives back what it took, once', () => {
    const { screen, written } = open();
    screen.close();
    screen.close();
    screen.draw(['late']);
    const text = written.join('');
    for (const mode of ['1049', '7', '25']) expect(text).toMatch(new RegExp(`\\[\\?${mode}[hl][^]*\\[\\?${mode}[hl]`));
    expect(written).toHaveLength(2);
  });
});
