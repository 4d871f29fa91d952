/** The command context of a real process. */
import { readFileSync, writeSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import colors from 'picocolors';
import { openByteOutput } from '../os/byte-output.ts';
import { askControlSocket, controlPaths, onlyControlPath, openControlStream } from '../os/control-socket.ts';
import { type CommandContext, type Terminal, UserError } from './context.ts';
import { keyReader } from './keys.ts';

export function processContext(version: string): CommandContext {
  const { stdout, stderr, env } = process;
  const pathsOf = async (file: string | undefined): Promise<readonly string[]> =>
    file === undefined ? [await onlyControlPath(env)] : controlPaths(file, env);
  return {
    version,
    out: (text) => writeAll(stdout.fd, text),
    err: (text) => writeAll(stderr.fd, text),
    outColors: colors.createColors(wantsColor(stdout)),
    errColors: colors.createColors(wantsColor(stderr)),
    terminal: stdout.isTTY && env['TERM'] !== 'dumb' ? terminalOf(stdout) : undefined,
    outIsTerminal: stdout.isTTY,
    environment: env,
    readText,
    writeText,
    writeBytes,
    onKey: (listener) => (process.stdin.isTTY ? listenToKeys(process.stdin, listener) : undefined),
    onSignal(listener) {
      let signals = 0;
      // Whoever read us has gone (`samewire up | head`): as good as being asked to stop, but no second time.
      const readerGone = (): void => void (signals === 0 && handle());
      const handle = (): void => {
        signals += 1;
        listener();
      };
      process.on('SIGINT', handle).on('SIGTERM', handle).on(READER_GONE, readerGone);
      return () => void process.off('SIGINT', handle).off('SIGTERM', handle).off(READER_GONE, readerGone);
    },
    onExit(listener) {
      process.on('exit', listener);
      return () => void process.off('exit', listener);
    },
    exitNow: (code) => process.exit(code),
    now: () => performance.now(),
    every(milliseconds, action) {
      const timer = setInterval(action, milliseconds);
      return () => clearInterval(timer);
    },
    startArrays: async (plans, services) => (await import('../os/array-server.ts')).startArrays(plans, services),
    startHosts: async (plans, services) => (await import('../os/host-runner.ts')).startHosts(plans, services),
    startNetwork: async (plan, services) => (await import('../os/network/network-runner.ts')).startNetwork(plan, services),
    openServer: async (fabric) => (await import('../server/http/open-server.ts')).openServer(fabric, env),
    askControl: async (file, method, url, body) => askControlSocket(await pathsOf(file), method, url, body),
    openControlStream: async (file, url, body) => openControlStream(await pathsOf(file), url, body),
    openOutput: openByteOutput,
  };
}

/** NO_COLOR and FORCE_COLOR as agreed among programs; else colours where a terminal shows them. */
function wantsColor(stream: NodeJS.WriteStream): boolean {
  if (process.env['NO_COLOR'] !== undefined && process.env['NO_COLOR'] !== '') return false;
  if (process.env['FORCE_COLOR'] !== undefined && process.env['FORCE_COLOR'] !== '0') return true;
  return stream.isTTY && process.env['TERM'] !== 'dumb';
}

/** At once, so that nothing is lost when the process ends; a full pipe is waited for. */
function writeAll(descriptor: number, text: string): void {
  let bytes: Uint8Array = new TextEncoder().encode(text);
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(descriptor, bytes));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') Atomics.wait(pause, 0, 0, 5);
      else if (code === 'EPIPE') return void (process as NodeJS.EventEmitter).emit(READER_GONE);
      else return;
    }
  }
}

/** An event of our own on the process. */
const READER_GONE = 'samewire-reader-gone';

const pause = new Int32Array(new SharedArrayBuffer(4));

const terminalOf = (stream: NodeJS.WriteStream): Terminal => ({
  size: () => ({ columns: stream.columns || 80, rows: stream.rows || 24 }),
  onResize(listener) {
    stream.on('resize', listener);
    return () => void stream.off('resize', listener);
  },
});

function listenToKeys(stdin: NodeJS.ReadStream, listener: (key: string) => void): () => void {
  const keysIn = keyReader();
  const decoder = new TextDecoder();
  const handle = (bytes: Uint8Array): void => keysIn(decoder.decode(bytes, { stream: true })).forEach(listener);
  stdin.setRawMode(true);
  stdin.on('data', handle).resume();
  let stopped = false;
  return () => {
    if (stopped) return;
    stopped = true;
    stdin.off('data', handle).pause();
    stdin.setRawMode(false);
  };
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission is denied',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is not a directory',
  EEXIST: 'it exists already',
};

const why = (error: unknown): string => WHY[(error as NodeJS.ErrnoException).code ?? ''] ?? (error as Error).message;

async function readText(file: string): Promise<string> {
  try {
    return decoded(file === '-' ? readFileSync(0) : await readFile(file));
  } catch (error) {
    throw new UserError(`Can't read ${file}: ${why(error)}.`, { cause: error });
  }
}

/** UTF-8, or UTF-16 where the text begins with its byte order mark: `>` of Windows PowerShell writes that. */
export function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding, { ignoreBOM: encoding === 'utf-8' }).decode(bytes);
}

const writeText = (file: string, text: string, replace: boolean): Promise<void> =>
  write(file, replace, () => writeFile(file, text, { flag: replace ? 'w' : 'wx' }));

const writeBytes = (file: string, bytes: Uint8Array, replace: boolean): Promise<void> =>
  write(file, replace, async () => {
    // A file that is there would keep its mode.
    if (replace) await rm(file, { force: true });
    await writeFile(file, bytes, { flag: 'wx', mode: 0o600 });
  });

async function write(file: string, replace: boolean, writeIt: () => Promise<void>): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeIt();
  } catch (error) {
    const hint = !replace && (error as NodeJS.ErrnoException).code === 'EEXIST' ? ' Overwrite it with --force.' : '';
    throw new UserError(`Can't write ${file}: ${why(error)}.${hint}`, { cause: error });
  }
}
