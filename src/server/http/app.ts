/**
 * All that can be asked of a running fabric, as one HTTP application with two doors: the page's address, where a guard stands, and the control socket, whose
 * owner may do everything. Neither door is in here: both hand their requests to `handle`.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest, type FastifyServerOptions } from 'fastify';
import { z } from 'zod';
import { OpenStreams, StreamedAnswer } from '../../os/control-stream.ts';
import { queryValues, readInput } from '../api/input.ts';
import { operation, type Operation, type Served } from '../api/operation.ts';
import { OPERATIONS } from '../api/operations.ts';
import { requestFailed } from '../events.ts';
import { METRICS_MEDIA_TYPE, metricsText } from '../metrics.ts';
import { OPERATION_MILLISECONDS, REQUEST_BYTES_MAX, REQUESTS_MAX, STREAMS_MAX } from './bounds.ts';
import type { Asked, Verdict } from './guard.ts';
import { ERROR_SCHEMA, healthSchema, metricsSchema, openApiOptions, openApiSchema, routeSchema } from './open-api.ts';
import { addPageFiles } from './page-files.ts';
import { inTime } from './in-time.ts';
import { queuedAnswers } from './queued-answers.ts';
import { refusalOf, TooMany } from './refusals.ts';
import { securityHeaders } from './security-headers.ts';

/** Which request may come in. */
export type Door = (asked: Asked) => Verdict;

export const openDoor: Door = () => ({ mayAct: true });

export interface App {
  handle(incoming: IncomingMessage, response: ServerResponse, door: Door): void;
  /** No more begin, and those that are under way get their summaries. */
  endStreams(): Promise<void>;
  close(): Promise<void>;
}

export async function buildApp(served: Served, operationMilliseconds = OPERATION_MILLISECONDS): Promise<App> {
  const app = fastify({
    bodyLimit: REQUEST_BYTES_MAX,
    exposeHeadRoutes: false,
    frameworkErrors: (_, __, reply) => void (reply as FastifyReply).code(400).send({ error: "The request's path can't be read." }),
    routerOptions: { querystringParser },
    schemaController: { compilersFactory },
  });
  const doors = new WeakMap<IncomingMessage, Door>();
  const streams = new OpenStreams();
  const handleAnswer = queuedAnswers();
  let isEnding = false;
  app.setReplySerializer((value) => `${JSON.stringify(value)}\n`);
  app.removeContentTypeParser('text/plain');
  app.addSchema(ERROR_SCHEMA);
  await app.register(swagger, openApiOptions(served.fabric.version));
  addGuard(app, (request) => doors.get(request.raw));
  addRefusals(app, served);

  const send = (value: unknown, reply: FastifyReply): void => {
    if (!(value instanceof StreamedAnswer)) return void reply.send(value);
    if (isEnding) throw new Error('The fabric is being stopped.');
    if (streams.count >= STREAMS_MAX) throw new TooMany(`There are ${STREAMS_MAX} streams already: end one of them first.`);
    reply.hijack();
    streams.send(value, reply.raw);
  };
  for (const one of [...OPERATIONS, ...streamOperations(streams)]) addOperation(app, one, served, operationMilliseconds, send);
  app.get('/api/openapi.json', { schema: openApiSchema }, () => app.swagger());
  app.get('/metrics', { schema: metricsSchema }, async (_, reply) => reply.type(METRICS_MEDIA_TYPE).send(await metricsText(served)));
  app.get('/healthz', { schema: healthSchema, config: { isOpen: true } }, () => ({ status: 'up' }));
  await addPageFiles(app);
  await app.ready();
  return {
    handle(incoming, response, door) {
      doors.set(incoming, door);
      handleAnswer(incoming, response);
      for (const [name, value] of securityHeaders) response.setHeader(name, value);
      app.routing(incoming, response);
    },
    async endStreams() {
      isEnding = true;
      await streams.endAll();
    },
    close: () => app.close(),
  };
}

/** What comes is checked by the operations' own schemas, so that nothing is said twice; and the compilers that Fastify brings take long to load. */
const compilersFactory: CompilersFactory = {
  // Its type is that of Ajv's compilers, of which only the call is used.
  buildValidator: (() => () => () => true) as unknown as NonNullable<CompilersFactory['buildValidator']>,
  buildSerializer: () => () => (value) => `${JSON.stringify(value)}\n`,
};

type CompilersFactory = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;

/** Texts may be given more than once, and none is a number yet: `queryValues` makes sense of them. */
const querystringParser = (text: string): Record<string, unknown> => new URLSearchParams(text) as unknown as Record<string, unknown>;

function addOperation(
  app: FastifyInstance,
  one: Operation,
  served: Served,
  milliseconds: number,
  send: (value: unknown, reply: FastifyReply) => void,
): void {
  app.route({
    method: one.method,
    url: one.path,
    schema: routeSchema(one),
    async handler(request, reply) {
      const given =
        one.method === 'GET' ? queryValues(one, request.query as URLSearchParams) : request.body === undefined ? {} : request.body;
      const value = await inTime(one.act(served, readInput(one, given)), milliseconds);
      if (one.mediaType !== undefined) reply.type(one.mediaType);
      send(value, reply);
      return reply;
    },
  });
}

const streamOperations = (streams: OpenStreams): readonly Operation[] => [
  operation({
    method: 'POST',
    path: '/api/streams/stop',
    tag: 'network',
    summary: 'End a stream, such as a capture',
    description: 'Its reader still gets what is under way, and the summary.',
    input: z.strictObject({ stream: z.int().min(1).max(Number.MAX_SAFE_INTEGER).describe('The number in its header `samewire-stream`.') }),
    example: { stream: 1 },
    answer: z.object({}),
    act(_, { stream }) {
      streams.stop(stream);
      return {};
    },
  }),
];

/** Before anything of a request's body is read. What no route says to be open is not. */
function addGuard(app: FastifyInstance, doorOf: (request: FastifyRequest) => Door | undefined): void {
  // By door: a crowd at the page's must not keep the owner from the control socket.
  const underWay = new WeakMap<Door, number>();
  const enter = (door: Door, change: 1 | -1): number => {
    const count = (underWay.get(door) ?? 0) + change;
    underWay.set(door, count);
    return count;
  };
  app.addHook('onRequest', async (request, reply) => {
    const door = doorOf(request);
    if (door === undefined) throw new Error('The request came in by no door.');
    reply.raw.once('close', () => enter(door, -1));
    if (enter(door, 1) > REQUESTS_MAX) throw new TooMany('Too many requests at once.');
    const { isOpen = false } = request.routeOptions.config;
    const verdict = door({
      headers: request.headers,
      remote: request.raw.socket.remoteAddress ?? '',
      acts: request.method !== 'GET' && request.method !== 'HEAD',
      isOpen,
    });
    if (!('status' in verdict)) return;
    if (verdict.status === 401) reply.header('www-authenticate', 'Bearer');
    if (verdict.status === 429) reply.header('retry-after', '60');
    // What still comes of it is not read.
    reply.header('connection', 'close');
    return reply.code(verdict.status).send({ error: verdict.error });
  });
}

function addRefusals(app: FastifyInstance, { fabric }: Served): void {
  app.setNotFoundHandler((request, reply) => reply.code(404).send({ error: `There is nothing at ${request.method} ${pathOf(request)}.` }));
  app.setErrorHandler((error, request, reply) => {
    const refusal = refusalOf(error);
    if (refusal !== undefined) return reply.code(refusal.status).send({ error: refusal.error });
    requestFailed(fabric.events.sink, 'page', { request: `${request.method} ${pathOf(request)}`, reason: String(error).slice(0, 300) });
    return reply.code(500).send({ error: 'This met a mistake in the program; the log of events says which.' });
  });
}

const pathOf = (request: FastifyRequest): string => request.url.split('?')[0]!.slice(0, 200);
