/** What goes wrong with a request, as a status and a sentence. */
import { InputError } from '../api/input.ts';
import { NotFound } from '../api/operation.ts';
import { REQUEST_BYTES_MAX } from './bounds.ts';
import { TooLate } from './in-time.ts';

export interface Refusal {
  readonly status: number;
  readonly error: string;
}

/** Too much at once. */
export class TooMany extends Error {}

/** Mistakes of our own, and what the system could not do: neither is for whoever asked. */
const OURS = [TypeError, RangeError, ReferenceError, SyntaxError, EvalError, URIError];
const ASSERTION = 'assertion failed: ';

/** Undefined: it is our own mistake. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof NotFound) return { status: 404, error: error.message };
  if (error instanceof InputError) return { status: 400, error: error.message };
  if (error instanceof TooMany) return { status: 429, error: error.message };
  if (error instanceof TooLate) return { status: 504, error: error.message };
  const { code, statusCode } = error as { readonly code?: unknown; readonly statusCode?: unknown };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500)
    return { status: statusCode, error: ofFramework(statusCode, error) };
  if (typeof code === 'string' || error.message.startsWith(ASSERTION) || OURS.some((kind) => error instanceof kind)) return undefined;
  return { status: 400, error: error.message };
}

function ofFramework(status: number, error: Error): string {
  if (status === 413) return `A request has ${REQUEST_BYTES_MAX} bytes at most.`;
  if (status === 415) return 'A request is JSON: its content-type is application/json.';
  return status === 400 ? `The request can't be read: ${error.message.replace(/\.?$/, '.')}` : error.message;
}
