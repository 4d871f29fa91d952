/** What a block device needs below it: one session, or several with multipath between. */
import type { CommandRequest, InitiatorTask } from '../../storage/iscsi/initiator/index.ts';

/** Told how a command ended: `failure` unless it was with GOOD or CONDITION MET. It is the signal's reason if that aborted it. */
export type CommandDone = (task: InitiatorTask, failure: unknown) => void;

export interface CommandRunner {
  /** Carries a command out; `done` runs once, after which nobody touches its buffers. */
  submit(request: CommandRequest, signal: AbortSignal | undefined, done: CommandDone): void;
  close(): Promise<void>;
}

/** The same as a promise, which is rejected with the failure. */
export const execute = (runner: CommandRunner, request: CommandRequest, signal?: AbortSignal): Promise<InitiatorTask> =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    runner.submit(request, signal, (task, failure) => (failure === undefined ? resolve(task) : reject(failure)));
  });
