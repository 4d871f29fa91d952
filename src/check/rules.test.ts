import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';
import { RULES } from './rules.ts';

describe.each(RULES.map((rule) => [`${rule.id} ${rule.name}`, rule] as const))('%s', (_, rule) => {
  it('finds its failing example, and points at something written there', () => {
    const { problems, fabric } = checkText(rule.examples.fail, 'example.yaml');
    expect(problems.map((problem) => problem.rule)).toEqual([rule.id]);
    const [problem] = problems;
    expect(problem!.severity).toBe(rule.severity);
    expect(fabric === undefined).toBe(rule.severity === 'error');
    expect(problem!.line).toBeGreaterThan(3);
    const line = rule.examples.fail.split('\n')[problem!.line - 1]!;
    expect(line.slice(problem!.column - 1).trim()).not.toBe('');
    for (const related of problem!.related ?? []) expect(related.line).toBeGreaterThan(3);
  });

  it('has nothing to say about its passing example, nor has any other rule', () => {
    expect(checkText(rule.examples.pass, 'example.yaml').problems).toEqual([]);
  });

  it('says what it means and what to do, in sentences', () => {
    for (const text of [rule.meaning, rule.remedy]) expect(text).toMatch(/^[`A-Z].*\.$/s);
    expect(rule.title).toMatch(/^[A-Z].*[^.]$/);
  });
});

describe('the list of rules', () => {
  it('has every rule file once, numbered without a gap', () => {
    const files = readdirSync(new URL('rules', import.meta.url)).filter((name) => !name.endsWith('.test.ts'));
    expect(RULES.map((rule) => `${rule.name}.ts`).toSorted()).toEqual(files.toSorted());
    expect(RULES.map((rule) => rule.id)).toEqual(RULES.map((_, index) => `SW-${1001 + index}`));
  });
});
