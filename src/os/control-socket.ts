/**
 * A way to ask a fabric that is up: HTTP with JSON over a Unix socket (on Windows a named pipe) that nobody but its owner can open. Its path is made of
 * the fabric file's, so that whoever knows the file finds it. An answer can also be a stream of bytes (`control-stream.ts`).
 */
import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, unlinkSync } from 'node:fs';
import { createServer, type IncomingMessage, request, type RequestListener, type Server } from 'node:http';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type ControlStream, readStream } from './control-stream.ts';

export interface ControlSocket {
  readonly path: string;
  /** Takes no more requests, and cuts off those that are under way. */
  close(): Promise<void>;
}

/** `sun_path` (unix(7)) of the systems that have the shortest, without its closing zero. */
const PATH_BYTES_MAX = 103;
/** An answer can take as long as a login does. */
const ANSWER_MILLISECONDS = 60_000;
const REQUEST_MILLISECONDS = 10_000;

/** Where the fabric of this file may be asked, whether it is up or not; the first is where it listens if it can. */
export function controlPaths(file: string, environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  let real = file;
  try {
    real = realpathSync(file);
  } catch {
    // It is not there any more: then nothing of it is up, which the caller finds out soon enough.
  }
  const name = createHash('sha256').update(real).digest('hex').slice(0, 20);
  if (process.platform === 'win32') return [`\\\\.\\pipe\\samewire-${name}`];
  const paths = controlFolders(environment).map((folder) => join(folder, `${name}.sock`));
  return paths.filter((path) => Buffer.byteLength(path) <= PATH_BYTES_MAX);
}

function controlFolders(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const runtime = environment['XDG_RUNTIME_DIR'];
  const own = `samewire-${userInfo().uid}`;
  const inRuntime = runtime === undefined || runtime === '' ? [] : [join(runtime, 'samewire')];
  return [...new Set([...inRuntime, join(tmpdir(), own), join('/tmp', own)])];
}

/** Where the one fabric that this user has up can be asked. Rejects with a sentence where there is none, or more than one. */
export async function onlyControlPath(environment: Readonly<Record<string, string | undefined>>): Promise<string> {
  const paths = process.platform === 'win32' ? [] : controlFolders(environment).flatMap(socketsIn);
  const alive = await Promise.all(paths.map(answers));
  const found = paths.filter((_, index) => alive[index]);
  if (found.length === 1) return found[0]!;
  const what = found.length === 0 ? 'No fabric is up as this user' : `${found.length} fabrics are up`;
  throw new Error(`${what}: name the fabric file before the rest.`);
}

function socketsIn(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => /^[0-9a-f]{20}\.sock$/.test(name))
      .map((name) => join(folder, name));
  } catch {
    return []; // nothing was ever up
  }
}

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path);
    const settle = (isAlive: boolean): void => {
      probe.destroy();
      resolve(isAlive);
    };
    probe.once('connect', () => settle(true)).once('error', () => settle(false));
  });

/** At the first of the paths that can be. `handle` is given each request. Rejects with an Error of one clear sentence. */
export async function openControlSocket(paths: readonly string[], handle: RequestListener): Promise<ControlSocket> {
  let failure: unknown = new Error('There is no place for a control socket whose path is short enough.');
  for (const path of paths) {
    try {
      return await openAt(path, handle);
    } catch (error) {
      failure = error;
      if (error instanceof TakenError) break;
    }
  }
  throw failure;
}

/** Another process has the same fabric up. */
class TakenError extends Error {}

async function openAt(path: string, handle: RequestListener): Promise<ControlSocket> {
  const isPipe = process.platform === 'win32';
  if (!isPipe) {
    makeOwnFolder(join(path, '..'));
    await removeStale(path);
  }
  const server = createServer(handle);
  server.requestTimeout = REQUEST_MILLISECONDS;
  await listening(server, path);
  if (!isPipe) chmodSync(path, 0o600);
  return {
    path,
    async close() {
      // Node removes the socket's file.
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Others must not be able to put a socket of theirs in its place. */
function makeOwnFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { uid, mode } = lstatSync(folder);
    if (uid === userInfo().uid && (mode & 0o077) === 0) return;
  } catch (error) {
    throw new Error(`Can't make the folder ${folder} for the control socket: ${(error as Error).message}.`, { cause: error });
  }
  throw new Error(`The folder ${folder} is open to others, so no control socket is put there: chmod 700 ${folder}`);
}

/** A socket that nobody listens on any more was left by a process that was killed. */
function removeStale(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      reject(new TakenError(`Another process has this fabric up, and is asked at ${path}; this one can't be asked.`));
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') unlinkSync(path);
      resolve();
    });
  });
}

const listening = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`Can't listen on ${path}: ${error.message}.`, { cause: error })));
    server.listen(path, () => {
      server.removeAllListeners('error');
      server.on('error', () => {}); // a failed accept concerns one connection, which is gone
      resolve();
    });
  });

/** Asks at the first path where somebody listens; undefined where nobody does. Rejects with what the other side says is wrong. */
export const askControlSocket = async (paths: readonly string[], method: 'GET' | 'POST', url: string, body?: unknown): Promise<unknown> => {
  const found = await firstAnswer(paths, method, url, body);
  return found === undefined ? undefined : readValue(found.response);
};

/** The same where the answer is a stream: bytes to be read until it ends. */
export async function openControlStream(paths: readonly string[], url: string, body: unknown): Promise<ControlStream | undefined> {
  const found = await firstAnswer(paths, 'POST', url, body);
  if (found === undefined) return undefined;
  const { path, response } = found;
  if (response.statusCode !== 200) await readValue(response);
  return readStream(response, (stream) => askControlSocket([path], 'POST', '/api/streams/stop', { stream }));
}

interface Answer {
  readonly path: string;
  readonly response: IncomingMessage;
}

async function firstAnswer(paths: readonly string[], method: 'GET' | 'POST', url: string, body: unknown): Promise<Answer | undefined> {
  for (const path of paths) {
    const response = await askAt(path, method, url, body);
    if (response !== undefined) return { path, response };
  }
  return undefined;
}

function askAt(path: string, method: 'GET' | 'POST', url: string, body: unknown): Promise<IncomingMessage | undefined> {
  return new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    // A connection of its own: one that was kept may be to a fabric that is gone.
    const ask = request({ socketPath: path, method, path: url, headers, timeout: ANSWER_MILLISECONDS, agent: false }, (response) => {
      // From here on it may take its time: a stream has nothing to say while nothing happens.
      ask.setTimeout(0);
      resolve(response);
    });
    ask.on('timeout', () => ask.destroy(new Error('The fabric does not answer.')));
    ask.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') resolve(undefined);
      else reject(error);
    });
    ask.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function readValue(response: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of response as AsyncIterable<Buffer>) pieces.push(piece);
  const text = Buffer.concat(pieces).toString('utf8');
  // Not everything is JSON: counters are lines of text.
  if (response.statusCode === 200 && response.headers['content-type']?.startsWith('text/') === true) return text;
  let value: { readonly error?: string };
  try {
    value = JSON.parse(text) as { readonly error?: string };
  } catch (error) {
    throw new Error(`The fabric's answer can't be read: ${(error as Error).message}.`, { cause: error });
  }
  if (response.statusCode === 200) return value;
  throw new Error(value.error ?? `The fabric answers with ${response.statusCode}.`);
}
