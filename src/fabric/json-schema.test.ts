import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fabricJsonSchema, fabricJsonSchemaText } from './json-schema.ts';

it('schema/fabric.schema.json is what the schema says now (else: npm run schema)', () => {
  expect(readFileSync(new URL('../../schema/fabric.schema.json', import.meta.url), 'utf8')).toBe(fabricJsonSchemaText());
});

it('describes every key, for the hover of editors', () => {
  const bare: string[] = [];
  const visit = (schema: unknown, path: string): void => {
    if (typeof schema !== 'object' || schema === null) return;
    const { properties, items, anyOf, additionalProperties } = schema as Record<string, unknown>;
    for (const [key, value] of Object.entries((properties as object | undefined) ?? {})) {
      if ((value as { description?: string }).description === undefined) bare.push(`${path}.${key}`);
      visit(value, `${path}.${key}`);
    }
    visit(items, `${path}[]`);
    visit(additionalProperties, `${path}.*`);
    for (const branch of (anyOf as unknown[] | undefined) ?? []) visit(branch, path);
  };
  visit(fabricJsonSchema(), '');
  expect(bare).toEqual([]);
});
