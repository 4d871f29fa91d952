/** A multipath unit with promises: what a block device runs its commands by (command-runner.ts), over sockets. */
import type { Nanos } from '../../base/clock.ts';
import type { EventSink } from '../../base/event.ts';
import { type CommandRequest, InitiatorTask } from '../../storage/iscsi/initiator/index.ts';
import {
  type MultipathLimits,
  type MultipathReason,
  MultipathUnit,
  type PathLink,
  type PathStatus,
  type UnitStatus,
  type UnitTask,
} from '../../storage/multipath/index.ts';
import { STATUS_CONDITION_MET, STATUS_GOOD } from '../../wire/scsi/status.ts';
import { systemRng } from '../system-rng.ts';
import { wallClock } from '../wall-clock.ts';
import type { CommandDone, CommandRunner } from './command-runner.ts';
import { IscsiError, type IscsiReason, taskError } from './iscsi-error.ts';
import { SignalWatch } from './signal-watch.ts';

/** Which of the initiator's words says the same. */
const REASONS: Readonly<Record<MultipathReason, IscsiReason>> = {
  'no-path': 'no-path',
  'path-lost': 'connection-lost',
  attempts: 'connection-lost',
  'queue-full': 'queue-full',
  aborted: 'aborted',
  closed: 'closed',
};

export class MultipathRunner implements CommandRunner {
  readonly #unit: MultipathUnit<InitiatorTask>;
  readonly #listeners = new Set<() => void>();
  readonly #signals = new SignalWatch<UnitTask<InitiatorTask>>((task) => this.#unit.abort(task));
  readonly #links: readonly PathLink<InitiatorTask>[];

  /** The sooner in the list, the sooner `failover` takes it. */
  constructor(links: readonly PathLink<InitiatorTask>[], limits: MultipathLimits, events: EventSink) {
    this.#links = links;
    const services = { clock: wallClock(), rng: systemRng, events, source: 'multipath', limits };
    this.#unit = new MultipathUnit(services, {
      handleChange: () => {
        for (const listener of this.#listeners) listener();
      },
    });
  }

  /**
   * Waits for the first path that works, then up to `othersNanos` for the rest. Rejects where none does, and where paths lead to different
   * units.
   */
  open(othersNanos: Nanos, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const clock = wallClock();
      let timer: ReturnType<typeof clock.after> | undefined;
      const settle = (failure: unknown): void => {
        timer?.cancel();
        off();
        signal?.removeEventListener('abort', abort);
        if (failure === undefined) resolve();
        else reject(failure);
      };
      const look = (): void => {
        const [wrong] = this.#unit.mismatches;
        if (wrong !== undefined)
          return settle(new IscsiError('path-mismatch', `${wrong.name} is no path to the same unit: ${wrong.reason}.`));
        if (this.#unit.isTried) return settle(this.#unit.paths().some(({ state }) => state === 'up') ? undefined : this.#nowhere());
        if (this.#unit.situation === 'ready') timer ??= clock.after(othersNanos, () => settle(undefined));
      };
      const abort = (): void => settle(signal!.reason);
      const off = this.onChange(look);
      signal?.addEventListener('abort', abort, { once: true });
      for (const link of this.#links) this.#unit.add(link);
    });
  }

  #nowhere(): IscsiError {
    const why = this.#unit.paths().map(({ name, reason }) => `${name}: ${reason}`);
    return new IscsiError('no-path', `No path works. ${why.join('; ')}.`);
  }

  get status(): UnitStatus {
    return this.#unit.status;
  }

  paths(): readonly PathStatus[] {
    return this.#unit.paths();
  }

  failback(): void {
    this.#unit.failback();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  submit(request: CommandRequest, signal: AbortSignal | undefined, done: CommandDone): void {
    let ended = false;
    let isWatched = false;
    const task: UnitTask<InitiatorTask> = this.#unit.submit(request, (answer, failure) => {
      ended = true;
      // A command may end before it has been watched.
      if (signal !== undefined && isWatched) this.#signals.remove(signal, task);
      if (failure === undefined) {
        const { error, status } = answer!;
        const good = error === undefined && (status === STATUS_GOOD || status === STATUS_CONDITION_MET);
        return done(answer!, good ? undefined : taskError(answer!));
      }
      const last = answer ?? new InitiatorTask(request, () => {});
      if (failure.reason === 'aborted' && signal?.aborted === true) return done(last, signal.reason);
      done(last, new IscsiError(REASONS[failure.reason], `${failure.message.charAt(0).toUpperCase()}${failure.message.slice(1)}.`));
    });
    if (signal === undefined || ended) return;
    isWatched = true;
    this.#signals.add(signal, task);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#unit.close(resolve));
  }
}
