/** A program run to its end, with its standard output; an error with everything it said where it fails. */
import { spawnSync } from 'node:child_process';

const OUTPUT_LIMIT_BYTES = 512 * 1024 * 1024;

export interface ToolOptions {
  readonly cwd?: string;
  /** Takes what was written even where the program complains in the end. */
  readonly mayFail?: boolean;
}

export function tool(command: string, args: readonly string[], options: ToolOptions = {}): Buffer {
  const run = spawnSync(command, args, {
    cwd: options.cwd,
    maxBuffer: OUTPUT_LIMIT_BYTES,
    env: { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (run.error !== undefined) throw run.error;
  if (run.status !== 0 && options.mayFail !== true) {
    const said = `${run.stderr.toString('utf8')}\n${run.stdout.subarray(0, 4_000).toString('utf8')}`.trim();
    throw new Error(`${command} ${args.join(' ')} failed (${run.status ?? run.signal}):\n${said}`);
  }
  return run.stdout;
}
