/** Our own target as its users run it: a child process, known only by what it prints and by its ports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { HostReport } from '../../src/device/host-report.ts';

export interface ReadyLun {
  readonly lun: number;
  readonly store: string;
  readonly bytes: number;
  readonly blockSize: number;
}

export interface ReadyTarget {
  readonly name: string;
  readonly luns: readonly ReadyLun[];
}

export interface ReadyArray {
  readonly portals: readonly string[];
  readonly targets: readonly ReadyTarget[];
}

/** The one line that `samewire up --json` prints when everything is up. */
export interface Ready {
  readonly event: 'ready';
  readonly arrays: Readonly<Record<string, ReadyArray>>;
  readonly hosts?: readonly HostReport[];
  readonly network?: {
    readonly attached: readonly { readonly port: string; readonly to: string; readonly hints: readonly string[] }[];
    readonly published: readonly { readonly host: string; readonly listen: string; readonly to: string }[];
  };
  readonly control?: string;
  /** Of the page, with the token to act. */
  readonly url?: string;
}

export interface TargetExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface TargetProcess {
  readonly pid: number;
  readonly ready: Ready;
  readonly isRunning: () => boolean;
  /** What it has printed on standard error so far. */
  readonly errors: () => string;
  /** The JSON lines it has printed on standard output so far, the ready line among them; bounded, newest last. */
  readonly events: () => readonly string[];
  /** SIGTERM, then SIGKILL if it will not end; resolves with how it ended. */
  readonly stop: () => Promise<TargetExit>;
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Runs it under another command, as `taskset -c 0`. */
  readonly under?: readonly string[];
}

export const CLI = 'dist/cli/main.js';

/** Generous: on a busy machine filling disks takes its time, and a target that fails to come up says so at once. */
const READY_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 15_000;
const KEPT_LINES = 2_000;
const KEPT_ERROR_CHARACTERS = 200_000;

/** Runs the command line with `--json` appended and resolves once it is ready; rejects, with what it said, if it ends first. */
export function startTarget(args: readonly string[], options: StartOptions = {}): Promise<TargetProcess> {
  if (!existsSync(CLI)) return Promise.reject(new Error(`${CLI} is missing: npm run build`));
  const line = [...(options.under ?? []), process.execPath, CLI, ...args, '--json'];
  const child = spawn(line[0]!, line.slice(1), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1', ...options.env },
  });
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    let errors = '';
    let isReady = false;
    let exit: TargetExit | undefined;
    const ended = new Promise<TargetExit>((settle) => {
      child.on('close', (code, signal) => {
        exit = { code, signal };
        settle(exit);
        if (!isReady) reject(new Error(`${command(args)} ended (${code ?? signal}) before it was ready:\n${errors}${lines.join('\n')}`));
      });
    });
    child.on('error', reject);
    const limit = setTimeout(() => {
      if (isReady) return;
      child.kill('SIGKILL');
      reject(new Error(`${command(args)} was not ready in time:\n${errors}${lines.join('\n')}`));
    }, options.timeoutMs ?? READY_LIMIT_MS);
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-KEPT_ERROR_CHARACTERS);
    });
    createInterface({ input: child.stdout }).on('line', (line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      const ready = isReady ? undefined : parseReady(line);
      if (ready === undefined) return;
      isReady = true;
      clearTimeout(limit);
      resolve({
        pid: child.pid!,
        ready,
        isRunning: () => exit === undefined,
        errors: () => errors,
        events: () => lines,
        stop: () => stopChild(child, ended, () => exit !== undefined),
      });
    });
  });
}

const command = (args: readonly string[]): string => `node ${CLI} ${args.join(' ')} --json`;

function parseReady(line: string): Ready | undefined {
  try {
    const value = JSON.parse(line) as { event?: unknown };
    return value.event === 'ready' ? (value as Ready) : undefined;
  } catch {
    return undefined; // A line for people.
  }
}

async function stopChild(child: ChildProcess, ended: Promise<TargetExit>, hasEnded: () => boolean): Promise<TargetExit> {
  if (!hasEnded()) child.kill('SIGTERM');
  const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  const exit = await ended;
  clearTimeout(limit);
  return exit;
}

/** One logical unit, with everything an initiator needs to reach it. */
export interface Reachable {
  /** For people: the last part of the target's name, its LUN where there are several, the store and the block size. */
  readonly title: string;
  readonly target: string;
  readonly lun: ReadyLun;
  /** One address per portal of its array. */
  readonly portals: readonly string[];
}

/** Every logical unit of a ready line, in its order. */
export function logicalUnits(ready: Ready): readonly Reachable[] {
  return Object.values(ready.arrays).flatMap((array) =>
    array.targets.flatMap((target) =>
      target.luns.map((lun) => {
        const short = target.name.split(':').at(-1)!;
        const which = target.luns.length > 1 ? `${short}/${lun.lun}` : short;
        return { title: `${which} (${lun.store}, ${lun.blockSize})`, target: target.name, lun, portals: array.portals };
      }),
    ),
  );
}

/** libiscsi's URL of a logical unit through one of its portals. */
export const iscsiUrl = (portal: string, target: string, lun: number, credentials = ''): string =>
  `iscsi://${credentials === '' ? '' : `${credentials}@`}${portal}/${target}/${lun}`;
