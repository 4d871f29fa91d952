/** The description of the API says what is so. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { OPERATIONS } from '../api/operations.ts';
import { type AskedRack, askedRack } from './testing/asked-rack.ts';

type Json = Readonly<Record<string, unknown>>;
interface DescribedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly Json[];
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: Json }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json; readonly example?: unknown }>> };
  readonly responses: Readonly<
    Record<string, { readonly description: string; readonly content: Readonly<Record<string, { readonly schema: Json }>> }>
  >;
}
interface Document {
  readonly openapi: string;
  readonly tags: readonly { readonly name: string }[];
  readonly components: Json;
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
}

let rack: AskedRack;
let document: Document;
beforeAll(async () => {
  rack = await askedRack();
  document = (await rack.ask('/api/openapi.json')).value as unknown as Document;
});
afterAll(() => rack[Symbol.asyncDispose]());

const described = (): [string, DescribedOperation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => [`${method} ${path}`, one] as [string, DescribedOperation]),
  );

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => (key === '$ref' ? [String(one)] : refsIn(one)));
}

const resolved = (ref: string): unknown =>
  ref
    .replace(/^#\//, '')
    .split('/')
    .reduce<unknown>((at, key) => (at as Json | undefined)?.[key], document);

interface Shape extends Json {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
}

/** Where something of any size could be given. */
function unbounded(where: string, shape: Shape): string[] {
  const { type, properties = {}, items, anyOf = [] } = shape;
  const lacks = (...keys: readonly string[]): boolean => keys.some((key) => shape[key] === undefined);
  const own =
    (type === 'string' && shape['enum'] === undefined && lacks('maxLength')) ||
    ((type === 'number' || type === 'integer') && lacks('minimum', 'maximum')) ||
    (type === 'array' && lacks('maxItems')) ||
    (type === 'object' && shape['additionalProperties'] !== false);
  return [
    ...(own ? [where] : []),
    ...Object.entries(properties).flatMap(([key, one]) => unbounded(`${where}.${key}`, one)),
    ...(items === undefined ? [] : unbounded(`${where}[]`, items)),
    ...anyOf.flatMap((one) => unbounded(where, one)),
  ];
}

describe('/api/openapi.json', () => {
  it('is of OpenAPI 3.1, and names every operation', () => {
    expect(document.openapi).toBe('3.1.0');
    const paths = described().map(([path]) => path);
    for (const { method, path } of OPERATIONS) expect(paths).toContain(`${method.toLowerCase()} ${path}`);
    for (const path of ['post /api/streams/stop', 'get /healthz', 'get /metrics', 'get /api/openapi.json']) expect(paths).toContain(path);
    expect(new Set(described().map(([, { operationId }]) => operationId)).size).toBe(paths.length);
  });

  it('has no reference that leads nowhere', () => {
    const refs = [...new Set(refsIn(document))];
    expect(refs).toContain('#/components/schemas/Error');
    for (const ref of refs) expect([ref, resolved(ref)]).toEqual([ref, expect.any(Object)]);
  });

  it('says of each operation what comes, also where it is refused, and who may', () => {
    const tags = document.tags.map(({ name }) => name);
    for (const [path, { summary, responses, security, tags: own }] of described()) {
      const acts = path.startsWith('post');
      const isOpen = path === 'get /healthz';
      const refusals = isOpen
        ? ['403', '429', '500']
        : ['400', '401', '403', '404', ...(acts ? ['413', '415'] : []), '429', '500', ...(acts ? ['504'] : [])];
      expect([path, Object.keys(responses)]).toEqual([path, ['200', ...refusals]]);
      expect([path, security]).toEqual([path, acts ? [{ token: [] }] : isOpen ? [{}] : [{}, { token: [] }]]);
      expect(summary).not.toBe('');
      for (const tag of own) expect(tags).toContain(tag);
      for (const status of refusals)
        expect(responses[status]!.content['application/json']!.schema).toEqual({ $ref: '#/components/schemas/Error' });
    }
    expect(document.components['securitySchemes']).toMatchObject({ token: { type: 'http', scheme: 'bearer' } });
  });

  it('bounds every text, number and list that is taken', () => {
    expect(unbounded('x', { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false })).toEqual(['x.a']);
    for (const [path, { parameters = [], requestBody }] of described()) {
      for (const { name, schema } of parameters) expect(unbounded(`${path} ${name}`, schema)).toEqual([]);
      if (requestBody !== undefined) expect(unbounded(path, requestBody.content['application/json']!.schema)).toEqual([]);
    }
  });
});

describe('operations', () => {
  it('take their own examples', () => {
    for (const { path, input, example } of OPERATIONS) expect([path, input.safeParse(example ?? {}).success]).toEqual([path, true]);
  });

  it('answer as they say', async () => {
    for (const { method, path, example = {}, answer } of OPERATIONS) {
      if (method !== 'GET') continue;
      const query = new URLSearchParams(Object.entries(example).map(([key, value]): [string, string] => [key, String(value)]));
      const { status, value } = await rack.ask(`${path}?${query}`);
      expect([path, status]).toEqual([path, 200]);
      expectSame(path, value, answer!);
    }
    for (const [path, body] of [
      ['/api/network/link', { at: 'tor1:1', up: true }],
      ['/api/network/faults', { at: 'tor1:1', loss: 0 }],
      ['/api/network/delay', { at: 'tor1:1', delayNanos: 5 }],
      ['/api/network/ping', { host: 'esx1', to: 'array1' }],
      ['/api/hosts/rescan', {}],
    ] as const) {
      const { status, value } = await rack.act(path, body);
      expect([path, status]).toEqual([path, 200]);
      expectSame(path, value, OPERATIONS.find((one) => one.method === 'POST' && one.path === path)!.answer!);
    }
  });
});

/** A schema leaves out what it does not know. */
function expectSame(path: string, value: unknown, schema: z.ZodType): void {
  const read = schema.safeParse(value);
  expect([path, read.error?.issues]).toEqual([path, undefined]);
  expect([path, read.data]).toEqual([path, value]);
}
