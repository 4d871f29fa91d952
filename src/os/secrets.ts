/** Reads CHAP secrets from where the declaration says they are. The only place that does; nothing of a secret is ever in a message. */
import { readFileSync, statSync } from 'node:fs';
import { type EventSink, eventKind, ignoreEvents } from '../base/event.ts';
import type { SecretSource } from '../fabric/model.ts';
import type { SecretReader } from './running.ts';

/** RFC 7143 §9.2.1: a CHAP secret has at least 96 random bits, unless IPsec protects the connection. */
const SECRET_BYTES_MIN = 12;
/** RFC 7143 §12.1: what initiators can be expected to take is less; this only bounds what we hash. */
const SECRET_BYTES_MAX = 255;

/** Events of the operating system's floor: numbers 8001 and up. */
const secretExposed = eventKind<{ path: string; mode: string }>(
  8001,
  'secret-exposed',
  'warning',
  ({ path, mode }) => `The file ${path}, which holds a CHAP secret, can be read by others (mode ${mode}): chmod 600 ${path}`,
  {
    means:
      'A file with a CHAP secret can be read or written by others than its owner. It is used all the same. Windows has no such modes, and nothing is told there.',
    remedy: 'Take the access of others away, as the message says, and give both sides another secret if others may have read it.',
    source: 'the file',
    example: { path: '/etc/samewire/disk1.secret', mode: '644' },
  },
);

/** Any access but its owner's. */
const OTHERS = 0o077;

export function secretReader(environment: Readonly<Record<string, string | undefined>>, events: EventSink = ignoreEvents): SecretReader {
  return (source) => {
    const secret = source.kind === 'env' ? fromEnvironment(environment, source.name) : fromFile(source.path, events);
    if (secret.length < SECRET_BYTES_MIN) {
      throw new Error(`The CHAP secret in ${describe(source)} has ${secret.length} bytes; it needs at least ${SECRET_BYTES_MIN}.`);
    }
    if (secret.length > SECRET_BYTES_MAX) {
      throw new Error(`The CHAP secret in ${describe(source)} has ${secret.length} bytes; it may have ${SECRET_BYTES_MAX} at most.`);
    }
    return secret;
  };
}

const describe = (source: SecretSource): string =>
  source.kind === 'env' ? `the environment variable ${source.name}` : `the file ${source.path}`;

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>, name: string): Uint8Array {
  const value = environment[name];
  if (value === undefined || value === '') {
    throw new Error(`The environment variable ${name}, which holds a CHAP secret, is not set. Set it with: export ${name}=...`);
  }
  return new TextEncoder().encode(value);
}

function fromFile(path: string, events: EventSink): Uint8Array {
  let text: Uint8Array;
  try {
    const { size, mode } = statSync(path);
    if (size > 2 * SECRET_BYTES_MAX) throw new Error('it is too long for a secret');
    text = readFileSync(path);
    // Windows has no such modes: what Node shows there is made up.
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      secretExposed(events, path, { path, mode: (mode & 0o777).toString(8) });
    }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(
      `The file ${path}, which holds a CHAP secret, ${missing ? 'does not exist' : `can't be read: ${(error as Error).message}`}.`,
      { cause: error },
    );
  }
  return withoutLineEnd(text);
}

/** Editors end the line; the line's end is not part of the secret. */
function withoutLineEnd(text: Uint8Array): Uint8Array {
  let end = text.length;
  while (end > 0 && (text[end - 1] === 0x0a || text[end - 1] === 0x0d)) end -= 1;
  return Uint8Array.from(text.subarray(0, end));
}

/** More is no secret of anything. */
const PEEKED_BYTES_MAX = 64 * 1024;

/** What a source has, whether it would do or not; undefined: nothing, or it can't be read. For leaving it out of what others see. */
export function peekSecret(environment: Readonly<Record<string, string | undefined>>, source: SecretSource): Uint8Array | undefined {
  if (source.kind === 'env') {
    const value = environment[source.name];
    return value === undefined || value === '' ? undefined : new TextEncoder().encode(value);
  }
  try {
    const stat = statSync(source.path);
    return stat.isFile() && stat.size > 0 && stat.size <= PEEKED_BYTES_MAX ? withoutLineEnd(readFileSync(source.path)) : undefined;
  } catch {
    return undefined;
  }
}
