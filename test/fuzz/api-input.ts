/** From the JSON Schema of an input to inputs: those that fit, with names that are there as well as with others, and those that don't. */
import * as fc from 'fast-check';
import type { Arbitrary } from 'fast-check';
import type { Shape } from '../../src/server/api/input.ts';

/** Words that mean something, by the key under which they do. */
export type Words = Readonly<Record<string, readonly unknown[]>>;

/** What a fabric may take long over, kept short: everything else is as large as the schema lets it be. */
const SHORT: Readonly<Record<string, number>> = { waitSeconds: 0.2 };

export const fitting = (shape: Shape, words: Words, key = ''): Arbitrary<unknown> => {
  const own = plain(shape, words, key);
  const known = words[key];
  if (known === undefined || known.length === 0 || shape.type === 'array' || shape.type === 'object') return own;
  return fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: own });
};

function plain(shape: Shape, words: Words, key: string): Arbitrary<unknown> {
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.enum !== undefined) return fc.constantFrom(...shape.enum);
  if (shape.anyOf !== undefined) return fc.oneof(...shape.anyOf.map((one) => fitting(one, words, key)));
  const [least, most] = [shape.minimum ?? -1e9, Math.min(shape.maximum ?? 1e9, SHORT[key] ?? Infinity)];
  switch (shape.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.oneof(
        fc.constantFrom(least, most),
        fc.maxSafeInteger().map((one) => Math.min(most, Math.max(least, one))),
        fc.integer({ min: Math.max(least, -1e6), max: Math.min(most, 1e6) }),
      );
    case 'number':
      return fc.oneof(fc.constantFrom(least, most), fc.double({ min: least, max: most, noNaN: true, noDefaultInfinity: true }));
    case 'array':
      return fc.array(fitting(shape.items ?? {}, words, key), {
        minLength: shape.minItems ?? 0,
        maxLength: Math.min(shape.maxItems ?? 4, 4),
      });
    case 'object':
      return object(shape, words);
    case 'string':
      return texts(shape);
    default:
      return fc.jsonValue();
  }
}

function texts({ minLength = 0, maxLength = 200 }: Shape): Arbitrary<string> {
  const bounds = fc.constantFrom('a'.repeat(minLength), 'b'.repeat(maxLength));
  const usual = fc
    .string({ unit: 'binary', minLength, maxLength: Math.min(maxLength, 60) })
    .filter((text) => text.length >= minLength && text.length <= maxLength);
  return fc.oneof(
    bounds,
    usual,
    fc.constantFrom(...STRANGE_TEXTS).filter((text) => text.length >= minLength && text.length <= maxLength),
  );
}

function object({ properties = {}, required = [] }: Shape, words: Words): Arbitrary<unknown> {
  const inner = Object.fromEntries(Object.entries(properties).map(([key, shape]) => [key, fitting(shape, words, key)]));
  return fc.record(inner, { requiredKeys: [...required] });
}

export const STRANGE_TEXTS: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'NaN',
  'Infinity',
  '-0',
  '1e999',
  'null',
  'undefined',
  '../../etc/passwd',
  '%00',
  '\u0000',
  '\ud800',
  '\u202eabc',
  '🦊'.repeat(20),
  "'; drop table --",
  '<script>alert(1)</script>',
  '${7*7}',
  'tor1:',
  ':1',
  ':',
  'tor1:1:1',
  'a'.repeat(70_000),
];

const STRANGE_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  -0,
  1.5,
  1e308,
  2 ** 53,
  '',
  [],
  {},
  [[[[]]]],
  { a: { b: {} } },
  ['a', 1, null],
  { toString: 1, valueOf: 2 },
  { length: 5 },
  ...STRANGE_TEXTS,
];

const strangeKey = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'at ', 'AT', '0', 'a'.repeat(500)),
  fc.string({ unit: 'binary', maxLength: 20 }),
);

/** Something that fits, spoilt in one place or two. */
export function spoilt(shape: Shape, words: Words): Arbitrary<unknown> {
  const keys = Object.keys(shape.properties ?? {});
  const strange = fc.oneof(fc.constantFrom(...STRANGE_VALUES), fc.jsonValue({ maxDepth: 4 }));
  const change = fc.oneof(
    fc.record({ kind: fc.constant('drop' as const), key: fc.constantFrom(...keys, 'none') }),
    fc.record({ kind: fc.constant('put' as const), key: fc.oneof(fc.constantFrom(...keys, 'none'), strangeKey), value: strange }),
  );
  const spoil = fc.tuple(fitting(shape, words), fc.array(change, { minLength: 1, maxLength: 2 })).map(([value, changes]) => {
    const entries = new Map(Object.entries(value as object));
    for (const one of changes) {
      if (one.kind === 'drop') entries.delete(one.key);
      else entries.set(one.key, one.value);
    }
    // `fromEntries` makes an own key even of `__proto__`.
    return Object.fromEntries(entries);
  });
  return fc.oneof({ weight: 5, arbitrary: spoil }, { weight: 1, arbitrary: strange });
}

/** Texts in the place of a body that are no JSON, or none that anybody means. */
export const brokenBodies: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    '{',
    '}',
    '{"at":',
    '{"at":"tor1:1","at":"tor2:1","up":true}',
    '{"at":NaN}',
    '{"at":Infinity}',
    "{'at':'tor1:1'}",
    '{"at":"tor1:1",}',
    '\ufeff{}',
    '{"__proto__":{"at":"tor1:1","up":false}}',
    '{"constructor":{"prototype":{"at":"tor1:1"}}}',
    '['.repeat(20_000),
    `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
    `{"at":"${'x'.repeat(65_500)}"}`,
    `{"at":"${'x'.repeat(70_000)}"}`,
    '\u0000',
    '{"at":"\\ud800"}',
    '1e999',
    '"text"',
    'null',
    '[]',
    '[{"at":"tor1:1","up":false}]',
    ' ',
    'at=tor1:1&up=false',
  ),
  fc.string({ unit: 'binary', maxLength: 200 }),
);
