/** What commands are given instead of the process itself, so that tests can run them. */
import type { Colors } from 'picocolors/types.js';
import type { ByteOutput } from '../os/byte-output.ts';
import type { ControlStream } from '../os/control-stream.ts';
import type { StartHosts } from '../os/host-runner.ts';
import type { StartNetwork } from '../os/network/running-network.ts';
import type { StartArrays } from '../os/running.ts';
import type { FabricServer } from '../server/http/open-server.ts';
import type { RunningFabric } from '../server/running-fabric.ts';

/** A terminal that can be drawn on. */
export interface Terminal {
  size(): { readonly columns: number; readonly rows: number };
  /** Gives back how to stop listening. */
  onResize(listener: () => void): () => void;
}

export interface CommandContext {
  /** Of Samewire. */
  readonly version: string;
  out(text: string): void;
  err(text: string): void;
  readonly outColors: Colors;
  readonly errColors: Colors;
  /** Undefined: output goes to a file, a pipe, or a terminal that can't be drawn on. */
  readonly terminal: Terminal | undefined;
  /** Output goes to people, who can't read bytes. */
  readonly outIsTerminal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whole file as text, `-` being standard input. Rejects with a sentence. */
  readText(file: string): Promise<string>;
  /** Rejects with a sentence; `replace` false refuses to overwrite. */
  writeText(file: string, text: string, replace: boolean): Promise<void>;
  /** The same with bytes, in a file that only its owner can read. */
  writeBytes(file: string, bytes: Uint8Array, replace: boolean): Promise<void>;
  /**
   * Each key as it is pressed, by its name (`keys.ts`), and not shown; Ctrl-C is a key too meanwhile. Gives back how to stop, which gives the
   * keyboard back. Undefined: there is no keyboard, input comes from a file or a pipe.
   */
  onKey(listener: (key: string) => void): (() => void) | undefined;
  /** SIGINT and SIGTERM; gives back how to stop listening. */
  onSignal(listener: () => void): () => void;
  /** Runs when the process ends, however it does. */
  onExit(listener: () => void): () => void;
  exitNow(code: number): void;
  /** Milliseconds, for rates and durations. */
  now(): number;
  /** Calls `action` every so often; gives back how to stop. */
  every(milliseconds: number, action: () => void): () => void;
  readonly startArrays: StartArrays;
  readonly startHosts: StartHosts;
  readonly startNetwork: StartNetwork;
  /** What a running fabric is asked by. */
  openServer(fabric: RunningFabric): Promise<FabricServer>;
  /** Asks the fabric of this file (undefined: the only one that is up); undefined where it is not up. Rejects with a sentence. */
  askControl(file: string | undefined, method: 'GET' | 'POST', url: string, body?: unknown): Promise<unknown>;
  /** The same for an answer that goes on. */
  openControlStream(file: string | undefined, url: string, body: unknown): Promise<ControlStream | undefined>;
  /** Where bytes go: a file, or standard output. Rejects with a sentence. */
  openOutput(file: string | undefined, cancelled: AbortSignal): Promise<ByteOutput>;
}

/** A mistake of the user, told in one sentence, without a stack. */
export class UserError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UserError';
  }
}

/** The command line itself is wrong, or what it names is not there: whoever runs it in a script can tell it from what a command finds. */
export class UsageError extends UserError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'UsageError';
  }
}
