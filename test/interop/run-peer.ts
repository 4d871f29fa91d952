/** Runs somebody else's program with a limit in time, and says what it printed. */
import { spawn } from 'node:child_process';

export interface PeerRun {
  /** The exit code; 128 and the signal's number where a signal ended it, as a shell counts. */
  readonly code: number;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Ends the program when nothing was printed for so long: a hang is found long before the limit. */
  readonly silenceMs?: number;
}

/** What one program may print before it is ended: a peer that loops must not fill our memory. */
const OUTPUT_LIMIT_BYTES = 128 * 1024 * 1024;

export function runPeer(command: string, args: readonly string[], options: RunOptions = {}): Promise<PeerRun> {
  const { timeoutMs = 60_000, silenceMs = timeoutMs } = options;
  return new Promise((resolve, reject) => {
    // What is printed is read by programs here, also where the one that runs the tests forces colours.
    const { FORCE_COLOR: _, ...env } = process.env;
    const child = spawn(command, args, {
      env: { ...env, NO_COLOR: '1', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C', ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    let bytes = 0;
    let timedOut = false;
    const stop = (): void => {
      timedOut = true;
      child.kill('SIGKILL');
    };
    const limit = setTimeout(stop, timeoutMs);
    let silence = setTimeout(stop, silenceMs);
    const collect = (chunks: Buffer[]) => (chunk: Buffer) => {
      clearTimeout(silence);
      silence = setTimeout(stop, silenceMs);
      bytes += chunk.length;
      if (bytes > OUTPUT_LIMIT_BYTES) stop();
      else chunks.push(chunk);
    };
    child.stdout.on('data', collect(stdout));
    child.stderr.on('data', collect(stderr));
    child.stdin.on('error', () => {}); // a program that ends without reading its input
    child.stdin.end(options.input ?? '');
    const settle = (): void => {
      clearTimeout(limit);
      clearTimeout(silence);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code, signal) => {
      settle();
      resolve({
        code: code ?? 128 + (signal === 'SIGKILL' ? 9 : 15),
        timedOut,
        stdout: Buffer.concat(stdout).toString('utf8'),
        stderr: Buffer.concat(stderr).toString('utf8'),
      });
    });
  });
}
