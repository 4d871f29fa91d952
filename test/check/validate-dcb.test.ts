/** docs/validate-dcb.md: every test of Validate-DCB is accounted for once, and every rule that it names is there. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { STORIES } from '../../src/check/rules.ts';

const page = readFileSync('docs/validate-dcb.md', 'utf8');
const known = new Set(STORIES.flatMap(({ rules }) => rules).map(({ id }) => id));
const groups = page
  .split(/^## /m)
  .slice(1)
  .filter((group) => group.includes('| tests |'));

interface Row {
  readonly tests: readonly string[];
  readonly count: number;
  readonly here: string;
}

const numbersOf = (written: string): string[] =>
  written.split(', ').flatMap((part) => {
    const [, letter, first, last] = /^([GM])(\d{3})(?:-[GM](\d{3}))?$/.exec(part)!;
    const from = Number(first);
    return Array.from({ length: Number(last ?? first) - from + 1 }, (_, index) => `${letter!}${String(from + index).padStart(3, '0')}`);
  });

const rowsOf = (group: string): Row[] =>
  [...group.matchAll(/^\| ([GM]\d{3}[^|]*) \| [^|]+ \| (\d+) \| ([^|]+) \|$/gm)].map((match) => ({
    tests: numbersOf(match[1]!),
    count: Number(match[2]),
    here: match[3]!,
  }));

describe('the comparison with Validate-DCB', () => {
  it('has each of its 70 and 113 tests once', () => {
    const tests = groups.flatMap(rowsOf).flatMap((row) => row.tests);
    const all = [
      ...Array.from({ length: 70 }, (_, index) => `G${String(index + 1).padStart(3, '0')}`),
      ...Array.from({ length: 113 }, (_, index) => `M${String(index + 1).padStart(3, '0')}`),
    ];
    expect(tests.toSorted()).toEqual(all);
  });

  it.each(groups.map((group) => [group.split('\n')[0]!, group] as const))('%s: the rows add up', (title, group) => {
    const rows = rowsOf(group);
    for (const { tests, count } of rows) expect([tests, tests.length]).toEqual([tests, count]);
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(Number(/: (\d+)$/.exec(title)![1]));
  });

  it('names rules that there are, or says why there is none', () => {
    for (const { here } of groups.flatMap(rowsOf)) expect(here).toMatch(/SW-\d{4}|^none needed|^needs the host/);
    const named = [...page.matchAll(/SW-\d{4}/g)].map(([id]) => id);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
    expect(new Set(named).size).toBeGreaterThan(70);
  });

  it('has a rule of these families for nothing that is not named', () => {
    const named = new Set(
      [...page.matchAll(/(SW-\d{4})(?: to (SW-\d{4}))?/g)].flatMap(([, first, last]) => idsBetween(first!, last ?? first!)),
    );
    const own = STORIES.filter(({ name }) => name === 'lossless' || name === 'rdma').flatMap(({ rules }) => rules);
    expect(own.map(({ id }) => id).filter((id) => id >= 'SW-1110' && id <= 'SW-1169' && !named.has(id))).toEqual([]);
  });
});

const idsBetween = (first: string, last: string): string[] =>
  Array.from({ length: Number(last.slice(3)) - Number(first.slice(3)) + 1 }, (_, index) => `SW-${Number(first.slice(3)) + index}`);
