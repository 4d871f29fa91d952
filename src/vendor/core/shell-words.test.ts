import { describe, expect, it } from 'vitest';
import { shellQuoted, shellWords } from './shell-words.ts';

describe('words of a shell', () => {
  it.each<[string, string[] | undefined]>([
    ['', []],
    ['ip  link\tset dev p1', ['ip', 'link', 'set', 'dev', 'p1']],
    [`-n 'a "b" \\' "c 'd'" ''`, ['-n', 'a "b" \\', "c 'd'", '']],
    ['a\\ b "c\\"d" "e\\f" \\', ['a b', 'c"d', 'e\\f', '\\']],
    ["it'\\''s", undefined],
    ["'it'\\''s'", ["it's"]],
    [
      '-d $(ls /sys/class/net/p1/device/infiniband) "x$(echo (a) b)"',
      ['-d', '$(ls /sys/class/net/p1/device/infiniband)', 'x$(echo (a) b)'],
    ],
    ["'$(' b", ['$(', 'b']],
    ['"open', undefined],
    ['$(open', undefined],
  ])('of %j are %j', (text, words) => {
    expect(shellWords(text)).toEqual(words);
  });

  it('come back as they were quoted', () => {
    for (const text of ['p1.10', 'VM Network', "it's", 'a"b', 'node.conn[0].timeo', 'back\\slash', '', '$(x)', '`x`'])
      expect(shellWords(shellQuoted(text))).toEqual([text]);
  });
});
