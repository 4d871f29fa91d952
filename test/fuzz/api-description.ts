/** What `/api/openapi.json` says: operations, what they take, and whether an answer is one of theirs. */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import type { Answer } from './api-asker.ts';
import type { Shape } from '../../src/server/api/input.ts';

interface Response {
  readonly content?: Readonly<Record<string, { readonly schema?: unknown }>>;
}

interface Described {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean; readonly schema: Shape }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Shape }>> };
  readonly responses: Readonly<Record<string, Response>>;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>;
}

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly input: Shape;
  readonly statuses: ReadonlySet<number>;
  readonly mediaType: string;
  readonly acts: boolean;
  /** Undefined: the answer is as it says. */
  wrongness(answer: Answer): string | undefined;
  /** By the schema of what is given. */
  fits(input: unknown): boolean;
}

export function operationsOf(document: Document): Operation[] {
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true });
  formats.default(ajv);
  ajv.addSchema(document as object, 'api');
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => operationOf(ajv, path, method.toUpperCase(), described)),
  );
}

function operationOf(ajv: Ajv2020, path: string, method: string, described: Described): Operation {
  const { parameters = [], requestBody, responses } = described;
  const body = requestBody?.content['application/json']?.schema;
  const input: Shape = body ?? {
    type: 'object',
    properties: Object.fromEntries(parameters.map(({ name, schema }) => [name, schema])),
    required: parameters.filter(({ required }) => required === true).map(({ name }) => name),
  };
  const compiled = new Map<string, ValidateFunction>();
  const [mediaType = 'application/json'] = Object.keys(responses['200']?.content ?? {});
  const schemaOf = (status: number): ValidateFunction => {
    const key = [
      path,
      method.toLowerCase(),
      'responses',
      String(status),
      'content',
      status === 200 ? mediaType : 'application/json',
      'schema',
    ]
      .map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1')))
      .join('/');
    const known = compiled.get(key) ?? ajv.compile({ $ref: `api#/paths/${key}` });
    compiled.set(key, known);
    return known;
  };
  const takes = ajv.compile(input as object);
  return {
    method,
    path,
    input,
    mediaType,
    acts: method !== 'GET',
    statuses: new Set(Object.keys(responses).map(Number)),
    fits: (value) => takes(value),
    wrongness({ status, type, body: bytes, wasLeft }) {
      if (!Object.hasOwn(responses, String(status))) return `status ${status} is none of its own`;
      const expected = status === 200 ? mediaType : 'application/json';
      if (!type.startsWith(expected)) return `${type} instead of ${expected}`;
      if (wasLeft || !expected.endsWith('json')) return undefined;
      let value: unknown;
      try {
        value = JSON.parse(bytes.toString('utf8'));
      } catch {
        return 'no JSON';
      }
      const validate = schemaOf(status);
      return validate(value) ? undefined : `not as described: ${ajv.errorsText(validate.errors)}`;
    },
  };
}
