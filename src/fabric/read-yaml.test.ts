import { describe, expect, it } from 'vitest';
import { readYaml } from './read-yaml.ts';
import { TEXT_CHARACTERS_MAX } from './yaml-bounds.ts';

const places = (text: string): string[] =>
  readYaml(text, 'a.yaml').problems.map((problem) => `${problem.line}:${problem.column} ${problem.rule} ${problem.message}`);

describe('readYaml', () => {
  it('gives plain values and their places', () => {
    const { value, positions, problems, usable } = readYaml('a:\n  - b: 1\n    "c d": [x, "y z"]\n', 'a.yaml');
    expect({ value, problems, usable }).toEqual({ value: { a: [{ b: 1, 'c d': ['x', 'y z'] }] }, problems: [], usable: true });
    expect(positions.value(['a', 0, 'c d', 1])).toEqual({ line: 3, column: 16, endLine: 3, endColumn: 21 });
    expect(positions.key(['a', 0, 'c d'])).toEqual({ line: 3, column: 5, endLine: 3, endColumn: 10 });
  });

  it('places what is missing at the key of what lacks it', () => {
    const { positions } = readYaml('a:\n  b:\n    c: 1\n', 'a.yaml');
    expect(positions.value(['a', 'b', 'nothing', 'at all'])).toEqual({ line: 2, column: 3, endLine: 2, endColumn: 4 });
  });

  it.each([
    ['a:\n\tb: 1\n', '2:1 SW-0001 A tab indents'],
    ['a:\n  b: 1\n c: 2\n', '3:1 SW-0001 This line is indented differently'],
    ['a: b: c\n', '1:4 SW-0001 There is a second'],
    ['a: [1, 2\n\n', '1:8 SW-0001 A bracket is opened and not closed'],
    ['a: [1, 2\nb: 1\n', 'SW-0001 A bracket is opened and not closed'],
    ['a: "x\n', '1:5 SW-0001'],
    ['a: 1\n---\nb: 1\n', '2:1 SW-0001 A second document'],
    ['a: !x 1\n', '1:4 SW-0001 A tag'],
    ['a: @x\n', '1:4 SW-0001'],
    ['a: *x\n', '1:4 SW-0001 No `&x`'],
    ['a: &x [*x]\n', '1:8 SW-0001 `*x` stands inside'],
    ['? [a]\n: 1\n', '1:3 SW-0001 This key'],
    ['__proto__: 1\n', '1:1 SW-0001 This key'],
  ])('%j', (text, expected) => {
    expect(places(text)[0]).toContain(expected);
  });

  it('names both of two equal keys', () => {
    expect(readYaml('a: 1\nb:\n  a: 2\n  a: 3\n', 'a.yaml').problems).toMatchObject([
      { rule: 'SW-0002', line: 4, column: 3, where: 'b.a', related: [{ line: 3, column: 3 }] },
    ]);
  });

  it('tells a slip once a line, and every line of them', () => {
    expect(places('a:\n\tb: 1\n\tc: 1\n').map((place) => place[0])).toEqual(['2', '3']);
  });

  it('follows aliases, but not into billions', () => {
    expect(readYaml('a: &x { s: 1 }\nb: *x\n', 'a.yaml').value).toEqual({ a: { s: 1 }, b: { s: 1 } });
    const levels = Array.from(
      { length: 12 },
      (_, level) =>
        `l${level}: &l${level} [${
          level === 0
            ? '1'
            : Array(10)
                .fill(`*l${level - 1}`)
                .join(', ')
        }]\n`,
    );
    expect(readYaml(levels.join(''), 'a.yaml')).toMatchObject({ usable: false, problems: [{ rule: 'SW-0008' }] });
  });

  it.each([
    ['long', `a: ${'x'.repeat(TEXT_CHARACTERS_MAX)}`],
    ['full', `a: [${'1,'.repeat(500_000)}]`],
    ['full of lines', '- 1\n'.repeat(250_001)],
    ['full of nothing', `a: [${'[],'.repeat(250_001)}]`],
    ['deep in brackets', '['.repeat(100_000)],
    ['deep in dashes', '- '.repeat(20_000)],
    ['deep in questions', '? '.repeat(5_000)],
    ['deep in colons', ': '.repeat(20_000)],
    ['deep in keys', 'a: '.repeat(20_000)],
    ['deep in dashes and tabs', '-\t'.repeat(20_000)],
    ['deep in lines', Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}- `).join('\n')],
    ['deep in indentation', Array.from({ length: 200 }, (_, depth) => `${' '.repeat(depth)}a:\n`).join('')],
  ])('gives up on what is too %s', (_, text) => {
    expect(readYaml(text, 'a.yaml')).toMatchObject({ usable: false });
  });

  it('reads nothing as nothing', () => {
    expect(readYaml('', 'a.yaml')).toMatchObject({ value: null, problems: [], usable: true });
    expect(readYaml('# only a comment\n', 'a.yaml')).toMatchObject({ value: null, problems: [], usable: true });
  });
});
