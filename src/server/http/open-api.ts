/** How an operation is described in `/api/openapi.json`: what it takes and gives, and every status that can come. */
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { z } from 'zod';
import { inputShape } from '../api/input.ts';
import type { Operation } from '../api/operation.ts';
import { REQUEST_BYTES_MAX } from './bounds.ts';

const TAGS = {
  fabric: 'What a fabric is made of, and how it is.',
  network: 'Machines, switches, links, and what passes them.',
  storage: 'Arrays, their units and sessions.',
  hosts: 'Hosts, their adapters, disks and paths.',
  events: 'What happened.',
} as const satisfies Record<Operation['tag'], string>;

/** What every refusal looks like. */
export const ERROR_SCHEMA = {
  $id: 'Error',
  type: 'object',
  description: 'Why it was refused.',
  properties: { error: { type: 'string', description: 'One sentence.' } },
  required: ['error'],
  examples: [{ error: 'tor1 has no port 99; it has 1, 2, 3.' }],
} as const;

export const openApiOptions = (version: string): FastifyDynamicSwaggerOptions => ({
  openapi: {
    openapi: '3.1.0',
    info: {
      title: 'Samewire',
      version,
      description:
        'A fabric that is up: looked at and acted on. The same operations are answered on the control socket, without a token. The feed of the page is a WebSocket at `/api/feed`, which this format has no words for.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    components: {
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'The token of this run, which stands in the address that `samewire up` printed, or the value of SAMEWIRE_PAGE_TOKEN. On loopback it takes none to look.',
        },
      },
    },
  },
  refResolver: {
    buildLocalReference: (json, _base, _fragment, index) => (typeof json['$id'] === 'string' ? json['$id'] : `schema${index}`),
  },
});

type Schema = Readonly<Record<string, unknown>>;

const refusal = (description: string): Schema => ({
  description,
  content: { 'application/json': { schema: { $ref: 'Error#' } } },
});

const REFUSALS = {
  400: refusal('What was given can not be, or can not be done.'),
  401: refusal('It takes the token, or another one.'),
  403: refusal('It was sent by another site, or under another name than that of the page.'),
  404: refusal('What was named is not there.'),
  413: refusal(`The request has more than ${REQUEST_BYTES_MAX} bytes.`),
  415: refusal('The request is no JSON.'),
  429: refusal('Too many requests or streams at once, or too many wrong tokens.'),
  500: refusal('A mistake in the program; an event says more.'),
  504: refusal('It was begun and goes on, and takes longer than anybody should wait.'),
} as const;

const answerSchema = ({ answer }: Pick<Operation, 'answer'>): Schema => {
  const { $schema: _, ...schema } = z.toJSONSchema(answer!, { io: 'output' });
  return schema;
};

function contentOf(operation: Operation): Schema {
  if (operation.answer !== undefined) return { [operation.mediaType ?? 'application/json']: { schema: answerSchema(operation) } };
  const mediaType = operation.mediaType ?? 'text/plain';
  return { [mediaType]: { schema: { type: 'string', ...(mediaType.startsWith('text/') ? {} : { contentEncoding: 'binary' }) } } };
}

/** As Fastify takes it. */
export function routeSchema(operation: Operation): Schema {
  const { tag, method, summary, description, example } = operation;
  const isPost = method === 'POST';
  const { 413: tooLong, 415: noJson, 504: tooLate, ...always } = REFUSALS;
  return {
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    operationId: operationId(operation),
    security: isPost ? [{ token: [] }] : [{}, { token: [] }],
    [isPost ? 'body' : 'querystring']: withExample(
      inputShape(operation.input) as Schema,
      isPost ? undefined : example,
      isPost ? example : undefined,
    ),
    response: {
      200: { description: 'Done.', content: contentOf(operation) },
      ...always,
      ...(isPost ? { 413: tooLong, 415: noJson, 504: tooLate } : {}),
    },
  };
}

/** `/api/nodes/detail`: `getNodesDetail`. */
const operationId = ({ method, path }: Operation): string =>
  method.toLowerCase() +
  path
    .replace(/^\/(api\/)?/, '')
    .split(/[/.-]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** Of a query, an example stands with each parameter; of a body, with the whole. */
function withExample(shape: Schema, ofEach: Schema | undefined, ofWhole: Schema | undefined): Schema {
  if (ofWhole !== undefined) return { ...shape, examples: [ofWhole] };
  if (ofEach === undefined) return shape;
  const properties = Object.entries(shape['properties'] as Readonly<Record<string, Schema>>).map(([key, one]) => [
    key,
    ofEach[key] === undefined ? one : { ...one, examples: [ofEach[key]] },
  ]);
  return { ...shape, properties: Object.fromEntries(properties) };
}

/** What stands beside the operations: of `/api/openapi.json` itself. */
export const openApiSchema: Schema = routeSchema({
  method: 'GET',
  path: '/api/openapi.json',
  tag: 'fabric',
  summary: 'This description',
  input: z.strictObject({}),
  answer: z.looseObject({ openapi: z.literal('3.1.0') }),
  act: () => undefined,
});

/** Of `/metrics`. */
export const metricsSchema: Schema = routeSchema({
  method: 'GET',
  path: '/metrics',
  tag: 'fabric',
  summary: 'Counters and gauges, as Prometheus reads them',
  input: z.strictObject({}),
  answer: undefined,
  mediaType: 'text/plain',
  act: () => undefined,
});

/** Of `/healthz`, which says nothing of the fabric and is for everybody. */
export const healthSchema: Schema = {
  tags: ['fabric'],
  summary: 'Is the fabric up?',
  operationId: 'getHealth',
  security: [{}],
  response: {
    200: {
      description: 'It is.',
      content: { 'application/json': { schema: answerSchema({ answer: z.object({ status: z.literal('up') }) }) } },
    },
    403: REFUSALS[403],
    429: REFUSALS[429],
    500: REFUSALS[500],
  },
};
