import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { queryValues, readInput } from './input.ts';
import { type Operation, operation } from './operation.ts';

const taking = (input: z.ZodObject): Operation =>
  operation({ method: 'GET', path: '/api/x', tag: 'fabric', summary: 'x', input, answer: undefined, act: () => undefined });

const one = taking(
  z.strictObject({
    at: z.string().min(1).max(5),
    count: z.int().min(1).max(10).optional(),
    share: z.number().min(0).max(1).optional(),
    up: z.boolean().optional(),
    kind: z
      .array(z.enum(['a', 'b']))
      .max(2)
      .optional(),
    state: z.enum(['off', 'active']).optional(),
    place: z.string().max(20).nullable().optional(),
  }),
);

const wrong = (given: unknown, of = one): string => {
  try {
    return `took ${JSON.stringify(readInput(of, given))}`;
  } catch (error) {
    return (error as Error).message;
  }
};
const read = (query: string): unknown => readInput(one, queryValues(one, new URLSearchParams(query)));

describe('what is given to an operation', () => {
  it('is read by its schema, or refused with a sentence', () => {
    expect(wrong({ at: 'x', count: 1 })).toBe('took {"at":"x","count":1}');
    expect(wrong({})).toBe('`at` is missing: a text of 1 to 5 characters.');
    expect(wrong({ at: '' })).toBe('`at` is a text of 1 to 5 characters.');
    expect(wrong({ at: 7 })).toBe('`at` is a text of 1 to 5 characters.');
    expect(wrong({ at: 'x', count: 1.5 })).toBe('`count` is a whole number from 1 to 10.');
    expect(wrong({ at: 'x', count: 11 })).toBe('`count` is a whole number from 1 to 10.');
    expect(wrong({ at: 'x', share: Number.NaN })).toBe('`share` is a number from 0 to 1.');
    expect(wrong({ at: 'x', up: 'yes' })).toBe('`up` is true or false.');
    expect(wrong({ at: 'x', kind: ['a', 'c'] })).toBe('`kind[1]` is one of a, b.');
    expect(wrong({ at: 'x', kind: ['a', 'a', 'a'] })).toBe('`kind` is a list of at most 2, each one of a, b.');
    expect(wrong({ at: 'x', state: 'on' })).toBe('`state` is one of off, active.');
    expect(wrong({ at: 'x', place: 7 })).toMatch(/^`place` is a text of at most 20 characters, or /);
    expect(wrong({ at: 'x', cuont: 1 })).toBe(
      'There is no `cuont` to be given; there is `at`, `count`, `share`, `up`, `kind`, `state`, `place`.',
    );
    expect(wrong({ x: 1 }, taking(z.strictObject({})))).toBe('There is no `x` to be given; there is nothing.');
    for (const given of [[], null, 'at', 7]) expect(wrong(given)).toBe('A request is a JSON object.');
  });

  it('is made of the texts of a query', () => {
    expect(read('at=12&count=3&share=0.5&up=true&kind=a&kind=b')).toEqual({ at: '12', count: 3, share: 0.5, up: true, kind: ['a', 'b'] });
    expect(read('at=%C3%A4&kind=a')).toEqual({ at: 'ä', kind: ['a'] });
    for (const query of ['at=x&count=', 'at=x&count=1e1', 'at=x&count=0x5', 'at=x&count=%201'])
      expect(() => read(query)).toThrow('whole number');
    expect(() => read('at=x&up=1')).toThrow('`up` is true or false.');
    expect(() => read('at=x&at=y')).toThrow('`at` is given once.');
    expect(() => read('at=x&__proto__=y')).toThrow('There is no `__proto__` to be given');
    expect(() => read('at=x&constructor=y')).toThrow('There is no `constructor` to be given');
  });
});
