/** One thing that can be asked of a running fabric: the same over its control socket and over HTTP, and described in `/api/openapi.json`. */
import type { z } from 'zod';
import type { RunningFabric } from '../running-fabric.ts';
import type { Sampler } from '../view/sampler.ts';

/** What an operation works on. */
export interface Served {
  readonly fabric: RunningFabric;
  readonly sampler: Sampler;
  /** Address of the page, without its token; undefined: there is no page. */
  readonly url?: () => string | undefined;
}

export interface Operation<Input extends z.ZodObject = z.ZodObject> {
  /** `GET` only looks; `POST` acts, and over HTTP takes the token. */
  readonly method: 'GET' | 'POST';
  /** `/api/network/link`. */
  readonly path: string;
  readonly tag: 'fabric' | 'network' | 'storage' | 'hosts' | 'events';
  readonly summary: string;
  readonly description?: string;
  /** Of `GET` the query, of `POST` the body. Every text and list in it is bounded. */
  readonly input: Input;
  /** What somebody asks with; absent: nothing has to be said. */
  readonly example?: z.input<Input>;
  /** Undefined: an answer that goes on (`StreamedAnswer`), or text. */
  readonly answer: z.ZodType | undefined;
  /** Media type, where it is not JSON. */
  readonly mediaType?: string;
  /** What it throws or rejects with is an Error of one clear sentence for whoever asked: 400; a `NotFound` is 404. */
  readonly act: (served: Served, input: z.infer<Input>) => unknown;
}

/** With the types of its own input. */
export const operation = <Input extends z.ZodObject>(one: Operation<Input>): Operation => one as unknown as Operation;

/** What was named is not there. */
export class NotFound extends Error {}
