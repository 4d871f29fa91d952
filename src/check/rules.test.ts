/** How rules are listed; their examples are run by test/check/corpus.test.ts. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as problem from '../fabric/problem.ts';
import { READING_RULES } from './reading-rules.ts';
import { FAMILIES, RULES, STORIES, storyOf } from './rules.ts';

describe.each(FAMILIES.map((family) => [family.name, family.rules] as const))('the family %s', (name, rules) => {
  it('lists every rule file of its folder once, by ascending number', () => {
    const folder = new URL(`rules/${name}/`, import.meta.url);
    const files = readdirSync(folder).filter((file) => readFileSync(new URL(file, folder), 'utf8').includes(': Rule = {'));
    expect(rules.map((rule) => `${rule.name}.ts`).toSorted()).toEqual(files.toSorted());
    expect(rules.map((rule) => rule.id)).toEqual(rules.map((rule) => rule.id).toSorted());
  });
});

describe('the list of rules', () => {
  const told = STORIES.flatMap(({ rules }) => rules);

  it('has every family of rules, and each number and name once', () => {
    expect(FAMILIES.map(({ name }) => name).toSorted()).toEqual(readdirSync(new URL('rules', import.meta.url)).toSorted());
    expect(RULES).toHaveLength(FAMILIES.flatMap(({ rules }) => rules).length);
    expect(new Set(told.map(({ id }) => id)).size).toBe(told.length);
    expect(new Set(told.map(({ name }) => name)).size).toBe(told.length);
    for (const { id, name } of told)
      expect([id, name]).toEqual([expect.stringMatching(/^SW-\d{4}$/), expect.stringMatching(/^[a-z][a-z0-9-]+$/)]);
  });

  it('tells of everything that the reading enforces', () => {
    const enforced = Object.entries(problem).flatMap(([name, value]) => (name.startsWith('RULE_') ? [value] : []));
    expect(READING_RULES.map(({ id }) => id)).toEqual(enforced);
  });

  it('is searched by id or name', () => {
    expect([storyOf('sw-1004')?.name, storyOf('Open-Portal')?.id, storyOf('SW-0001')?.name, storyOf('SW-1')]).toEqual([
      'open-portal',
      'SW-1004',
      'yaml',
      undefined,
    ]);
  });
});
