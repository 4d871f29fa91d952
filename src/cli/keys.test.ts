import { array, assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keyReader } from './keys.ts';

describe('keyReader', () => {
  it('names keys', () => {
    expect(keyReader()('qé/ \t\r\u007f\u0003\u0001')).toEqual(['q', 'é', '/', 'space', 'tab', 'enter', 'backspace', 'ctrl-c', 'ctrl-a']);
    expect(keyReader()('\u001b[A\u001b[B\u001bOA\u001b[5~\u001b[6~\u001b[H\u001b[4~\u001b[Z')).toEqual([
      'up',
      'down',
      'up',
      'page-up',
      'page-down',
      'home',
      'end',
      'shift-tab',
    ]);
    expect(keyReader()('\u001b[1;5A\u001b[5;2~')).toEqual(['up', 'page-up']);
  });

  it('tells Escape from what begins with it, also where a sequence comes in pieces', () => {
    const read = keyReader();
    expect(read('\u001b')).toEqual(['escape']);
    expect(read('\u001b[')).toEqual([]);
    expect(read('1;2')).toEqual([]);
    expect(read('Bq')).toEqual(['down', 'q']);
  });

  it('leaves out what it does not know, and goes on behind it', () => {
    expect(keyReader()('\u001b[200~q')).toEqual(['q']);
    expect(keyReader()(`\u001b[${'1;'.repeat(7)}q`)).toEqual(['q']);
    expect(keyReader()('\u009bq')).toEqual(['q']);
  });

  it('gives no control characters as keys, whatever comes', () => {
    assert(
      property(array(string({ unit: 'binary', minLength: 1, maxLength: 8 }), { maxLength: 20 }), (pieces) => {
        const read = keyReader();
        for (const key of pieces.flatMap(read)) expect(key).not.toMatch(/^[\u0000-\u001f\u007f-\u009f]/); // oxlint-disable-line no-control-regex
      }),
    );
  });
});
