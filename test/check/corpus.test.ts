/** Every rule finds its failing example and nothing in its passing one; nor does any other rule. */
import { describe, expect, it } from 'vitest';
import { checkText } from '../../src/check/check-fabric.ts';
import { STORIES } from '../../src/check/rules.ts';

describe.each(STORIES.flatMap(({ rules }) => rules).map((rule) => [`${rule.id} ${rule.name}`, rule] as const))('%s', (_, rule) => {
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
        // Below what every example begins with; what can't be read at all is told at its top.
        if (rule.id >= 'SW-1000') expect(span.line).toBeGreaterThan(3);
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
