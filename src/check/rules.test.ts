import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkText } from './check-fabric.ts';
import { FAMILIES, RULES } from './rules.ts';

describe.each(RULES.map((rule) => [`${rule.id} ${rule.name}`, rule] as const))('%s', (_, rule) => {
  it('finds its failing example, and points at something written there', () => {
    const { problems, fabric } = checkText(rule.examples.fail, 'example.yaml');
    const own = problems.filter((problem) => problem.rule === rule.id);
    expect(own).not.toEqual([]);
    const others = problems.filter((problem) => problem.rule !== rule.id);
    expect(new Set(others.map((problem) => problem.rule))).toEqual(new Set(rule.examples.also));
    expect(fabric === undefined).toBe(problems.some((problem) => problem.severity === 'error'));
    for (const problem of own) {
      expect(problem.severity).toBe(rule.severity);
      for (const span of [problem, ...(problem.related ?? [])]) {
        expect(span.line).toBeGreaterThan(3);
        const line = rule.examples.fail.split('\n')[span.line - 1]!;
        expect(line.slice(span.column - 1).trim()).not.toBe('');
      }
    }
  });

  it('has nothing to say about its passing example, nor has any other rule', () => {
    expect(checkText(rule.examples.pass, 'example.yaml').problems).toEqual([]);
  });

  it('says what it means and what to do, in sentences', () => {
    for (const text of [rule.meaning, rule.ignored, rule.remedy]) expect(text).toMatch(/^[`A-Z].*\.$/s);
    expect(rule.title).toMatch(/^[A-Z].*[^.]$/);
    expect(rule.source).not.toEqual([]);
  });
});

describe.each(FAMILIES.map((family) => [family.name, family.rules] as const))('the family %s', (name, rules) => {
  it('lists every rule file of its folder once, by ascending number', () => {
    const folder = new URL(`rules/${name}/`, import.meta.url);
    const files = readdirSync(folder).filter((file) => readFileSync(new URL(file, folder), 'utf8').includes(': Rule = {'));
    expect(rules.map((rule) => `${rule.name}.ts`).toSorted()).toEqual(files.toSorted());
    expect(rules.map((rule) => rule.id)).toEqual(rules.map((rule) => rule.id).toSorted());
  });
});

describe('the list of rules', () => {
  it('has every family of rules, and each number and name once', () => {
    expect(FAMILIES.map(({ name }) => name).toSorted()).toEqual(readdirSync(new URL('rules', import.meta.url)).toSorted());
    expect(new Set(RULES.map((rule) => rule.id)).size).toBe(RULES.length);
    expect(new Set(RULES.map((rule) => rule.name)).size).toBe(RULES.length);
  });
});
