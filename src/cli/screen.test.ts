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
      '\u001b[1;1Ha\u001b[K\u001b[2;1Hb\u001b[K\u001b[3;1Hc\u001b[K',
      '\u001b[2;1Hx\u001b[K\u001b[3;1H\u001b[K',
    ]);
  });

  it('writes everything again after a change of size, and nothing below the terminal', () => {
    const { screen, written } = open(2);
    screen.draw(['a', 'b', 'c']);
    screen.forget();
    screen.draw(['a', 'b', 'c']);
    expect(written.slice(1)).toEqual(['\u001b[1;1Ha\u001b[K\u001b[2;1Hb\u001b[K', '\u001b[2J', '\u001b[1;1Ha\u001b[K\u001b[2;1Hb\u001b[K']);
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
