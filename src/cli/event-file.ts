/** The log that `samewire up --log` writes, read again: of any length, also where a line was cut or is something else. */
import { closeSync, openSync, readSync } from 'node:fs';
import { SEVERITIES } from '../server/event-log.ts';
import { UserError } from './context.ts';
import type { LinedEvent } from './event-log.ts';
import type { TimedEvent } from './event-words.ts';

const CHUNK_BYTES = 1024 * 1024;
const LINE_BYTES_MAX = 1024 * 1024;

/** How many lines there were that are no events. */
export interface LogReading {
  readonly strange: number;
  /** The last line has no end: whoever wrote it was stopped while it did. */
  readonly cut: boolean;
}

/** Throws a UserError. */
export function readEventFile(path: string, handle: (event: LinedEvent & TimedEvent) => void): LogReading {
  let strange = 0;
  const take = (line: Uint8Array): void => {
    if (line.length === 0) return;
    const event = line.length > LINE_BYTES_MAX ? undefined : eventOf(new TextDecoder().decode(line));
    if (event === 'ready') return;
    if (event === undefined) strange += 1;
    else handle(event);
  };
  const rest = readLines(path, take);
  if (rest.length === 0) return { strange, cut: false };
  // It may be whole but for its end.
  const before = strange;
  take(rest);
  return { strange: before, cut: strange > before };
}

/** Gives back what stands behind the last line's end. */
function readLines(path: string, take: (line: Uint8Array) => void): Uint8Array {
  try {
    const descriptor = openSync(path, 'r');
    try {
      const chunk = new Uint8Array(CHUNK_BYTES);
      let rest = new Uint8Array(0);
      for (let count = readSync(descriptor, chunk); count > 0; count = readSync(descriptor, chunk)) {
        let from = 0;
        for (let end = chunk.indexOf(10); end !== -1 && end < count; end = chunk.indexOf(10, from)) {
          take(rest.length === 0 ? chunk.subarray(from, end) : joined(rest, chunk.subarray(from, end)));
          rest = new Uint8Array(0);
          from = end + 1;
        }
        // Of a line that is too long, enough is kept to know that it is.
        if (rest.length <= LINE_BYTES_MAX) rest = joined(rest, chunk.subarray(from, count));
      }
      return rest;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new UserError(`Can't read ${path}: ${(error as Error).message}.`, { cause: error });
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}

/** `ready`: the first line of `up --json`, which belongs there. Undefined: it is no event. */
function eventOf(line: string): (LinedEvent & TimedEvent) | 'ready' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { level, time, sequence, id, event, source, data, message } = value as Readonly<Record<string, unknown>>;
  if (event === 'ready') return 'ready';
  const severity = SEVERITIES.find((one) => one === level);
  if (severity === undefined || typeof time !== 'string' || Number.isNaN(Date.parse(time)) || typeof id !== 'number') return undefined;
  if (typeof event !== 'string' || typeof source !== 'string' || typeof message !== 'string') return undefined;
  const numbered = typeof sequence === 'number' ? { sequence } : {};
  const known = typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};
  return { ...numbered, time, id, name: event, severity, source, message, data: known };
}
