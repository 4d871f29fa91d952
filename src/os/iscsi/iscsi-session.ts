/** An initiator's session as promises: over sockets, with the logical units of one target. */
import {
  type CommandRequest,
  initiatorError,
  InitiatorSession,
  InitiatorTask,
  type IscsiUrl,
  type PortalAddress,
  portalText,
  type RecoveryCounters,
  type SessionState,
} from '../../storage/iscsi/initiator/index.ts';
import { LOGICAL_UNIT_RESET, TARGET_WARM_RESET } from '../../wire/iscsi/control.ts';
import * as cdbs from '../../wire/scsi/cdb.ts';
import { decodeLunList } from '../../wire/scsi/lun-list.ts';
import type { Sense } from '../../wire/scsi/sense.ts';
import { systemRng } from '../system-rng.ts';
import { wallClock } from '../wall-clock.ts';
import { BlockDevice } from './block-device.ts';
import { type CommandDone, type CommandRunner, execute } from './command-runner.ts';
import { decoded } from './decoded.ts';
import { errorOf, IscsiError, taskError } from './iscsi-error.ts';
import { credentialsOf, dialOf, eventsOf, initiatorNameOf, type IscsiOptions, limitsOf } from './options.ts';
import { STATUS_CONDITION_MET, STATUS_GOOD } from '../../wire/scsi/status.ts';

const clock = wallClock();

/** Everything written in one turn of the event loop leaves as one batch: after the promises that it resolved have had their say. */
export const deferToTurnEnd = (action: () => void): void => queueMicrotask(() => process.nextTick(action));

export interface ConnectionStatus {
  /** CID (RFC 7143 §11.12.7). */
  readonly connectionId: number;
  /** `host:port`. */
  readonly portal: string;
  readonly commandsInFlight: number;
}

export interface SessionStatus {
  readonly state: SessionState;
  readonly target: string;
  /** `host:port` of the connection; undefined while there is none. */
  readonly portal: string | undefined;
  readonly authentication: 'none' | 'chap' | 'mutual-chap' | undefined;
  readonly headerDigest: boolean;
  readonly dataDigest: boolean;
  readonly commandsInFlight: number;
  readonly commandsQueued: number;
  readonly bytesInFlight: number;
  /** Those that are logged in. */
  readonly connections: readonly ConnectionStatus[];
  /** What was agreed on. */
  readonly errorRecoveryLevel: number;
  /** How often something went wrong, and what was done about it. */
  readonly recovery: Readonly<RecoveryCounters>;
}

export type StateListener = (state: SessionState, error: IscsiError | undefined) => void;
export type AttentionListener = (lun: number, sense: Sense) => void;

const ATTENTION_RETRIES = 8;
const LUN_LIST_BYTES = 16 * 1024;
const LUN_LIST_BYTES_MAX = 8 * (0x4000 + 1);

export class IscsiSession implements CommandRunner, AsyncDisposable {
  readonly target: string;
  readonly core: InitiatorSession;
  readonly #stateListeners = new Set<StateListener>();
  readonly #attentionListeners = new Set<AttentionListener>();
  readonly #roomWaiters: (() => void)[] = [];
  readonly #watched = new Map<AbortSignal, { readonly tasks: Set<InitiatorTask>; readonly abort: () => void }>();

  private constructor(target: string, portals: readonly PortalAddress[], url: IscsiUrl | undefined, options: IscsiOptions) {
    this.target = target;
    const { credentials, required } = credentialsOf(options, url);
    this.core = new InitiatorSession(
      {
        initiatorName: initiatorNameOf(options),
        initiatorAlias: options.initiatorAlias,
        targetName: target,
        portals,
        chap: credentials,
        chapRequired: required,
        isid: undefined,
      },
      limitsOf(options, url),
      {
        clock,
        rng: systemRng,
        events: eventsOf(options),
        dial: dialOf(options),
        defer: deferToTurnEnd,
        // Not zeroed: a command's data is what came for it, never the buffer beyond.
        allocate: (bytes) => Buffer.allocUnsafeSlow(bytes),
      },
      {
        handleState: (state, error) => {
          for (const listener of this.#stateListeners) listener(state, error === undefined ? undefined : errorOf(error));
          if (state === 'closed') for (const waiter of this.#roomWaiters.splice(0)) waiter();
        },
        handleAttention: (lun, sense) => {
          for (const listener of this.#attentionListeners) listener(lun, sense);
        },
        handleRoom: () => {
          for (const waiter of this.#roomWaiters.splice(0)) waiter();
        },
      },
    );
  }

  /** Logs in. Rejects with an IscsiError. */
  static open(target: string, portals: readonly PortalAddress[], options: IscsiOptions = {}, url?: IscsiUrl): Promise<IscsiSession> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const session = new IscsiSession(target, portals, url, options);
      const abort = (): void => session.core.destroy(initiatorError('aborted', 'the login was called off'));
      signal?.addEventListener('abort', abort, { once: true });
      session.core.open((error) => {
        signal?.removeEventListener('abort', abort);
        if (error === undefined) resolve(session);
        else if (signal?.aborted === true) reject(signal.reason);
        else reject(errorOf(error));
      });
    });
  }

  get status(): SessionStatus {
    const { login, connections, scheduler, state } = this.core;
    const connection = connections[0];
    return {
      state,
      target: this.target,
      portal: connection === undefined ? undefined : portalText(connection.address),
      authentication: login?.authentication,
      headerDigest: login?.parameters.headerDigest ?? false,
      dataDigest: login?.parameters.dataDigest ?? false,
      commandsInFlight: scheduler.inFlight,
      commandsQueued: scheduler.queued,
      bytesInFlight: scheduler.bytesInFlight,
      connections: connections.map(({ connectionId, address, taskCount }) => ({
        connectionId,
        portal: portalText(address),
        commandsInFlight: taskCount,
      })),
      errorRecoveryLevel: login?.parameters.errorRecoveryLevel ?? 0,
      recovery: { ...this.core.counters },
    };
  }

  /** Told of every change; the function returned ends that. */
  onState(listener: StateListener): () => void {
    this.#stateListeners.add(listener);
    return () => void this.#stateListeners.delete(listener);
  }

  /** Told of what units report: changed capacity, changed access, resets. */
  onAttention(listener: AttentionListener): () => void {
    this.#attentionListeners.add(listener);
    return () => void this.#attentionListeners.delete(listener);
  }

  /** False: what is submitted now would be refused. */
  get hasRoom(): boolean {
    return this.core.scheduler.hasRoom;
  }

  /** Resolves when the queue has room. */
  room(): Promise<void> {
    if (this.hasRoom || this.core.state === 'closed') return Promise.resolve();
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  submit(request: CommandRequest, signal: AbortSignal | undefined, done: CommandDone): void {
    const task = new InitiatorTask(request, (ended) => {
      if (signal !== undefined) this.#unwatch(signal, ended);
      if (ended.error === undefined && (ended.status === STATUS_GOOD || ended.status === STATUS_CONDITION_MET)) done(ended, undefined);
      else if (ended.error?.reason === 'aborted' && signal?.aborted === true) done(ended, signal.reason);
      else done(ended, taskError(ended));
    });
    if (signal !== undefined) this.#watch(signal, task);
    this.core.scheduler.submit(task);
  }

  /** Carries a command out; rejects with an IscsiError unless it ends with GOOD or CONDITION MET. */
  execute(request: CommandRequest, signal?: AbortSignal): Promise<InitiatorTask> {
    return execute(this, request, signal);
  }

  /** One listener a signal, however many commands it can abort. */
  #watch(signal: AbortSignal, task: InitiatorTask): void {
    const known = this.#watched.get(signal);
    if (known !== undefined) return void known.tasks.add(task);
    const tasks = new Set([task]);
    const abort = (): void => {
      for (const one of tasks) this.core.scheduler.abort(one, initiatorError('aborted', 'the command was called off'));
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#watched.set(signal, { tasks, abort });
  }

  #unwatch(signal: AbortSignal, task: InitiatorTask): void {
    const known = this.#watched.get(signal);
    if (known === undefined) return;
    known.tasks.delete(task);
    if (known.tasks.size !== 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener('abort', known.abort);
  }

  /** The LUNs there are, ascending. */
  async luns(signal?: AbortSignal): Promise<readonly number[]> {
    const ask = async (bytes: number): Promise<ReturnType<typeof decodeLunList>> => {
      const request = { lun: 0, cdb: cdbs.reportLuns(bytes), dataInBytes: bytes, attentionRetries: ATTENTION_RETRIES };
      return decoded(decodeLunList, (await this.execute(request, signal)).data);
    };
    let list = await ask(LUN_LIST_BYTES);
    if (list.wholeBytes > LUN_LIST_BYTES) list = await ask(Math.min(list.wholeBytes, LUN_LIST_BYTES_MAX));
    return list.luns.toSorted((a, b) => a - b);
  }

  /** A logical unit as a block device; closing that leaves the session open. */
  device(lun: number, signal?: AbortSignal): Promise<BlockDevice> {
    return BlockDevice.open(this, lun, signal);
  }

  /** LOGICAL UNIT RESET, or TARGET WARM RESET for all of them: commands under way are ended. Rejects where the target refuses. */
  reset(lun?: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.core.manage(lun === undefined ? TARGET_WARM_RESET : LOGICAL_UNIT_RESET, lun ?? 0, (response) => {
        if (response === 0) return resolve();
        const why = response === -1 ? 'the connection was lost, or there is none' : `response ${response}`;
        reject(new IscsiError('rejected', `The target did not carry out the reset: ${why}.`));
      });
    });
  }

  /**
   * A round trip past all units (NOP-Out, RFC 7143 §11.18) with data, of which what fits into one segment is sent: what came back. Rejects
   * without a connection, and when that is lost; an answer that never comes is waited for until then.
   */
  ping(data: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      const lost = (why: string): void => reject(new IscsiError('connection-lost', `No answer to a ping: ${why}.`));
      const connection = this.core.pick();
      if (connection === undefined) return lost('there is no connection');
      connection.ping(data, (echo) => (echo === undefined ? lost('the connection was lost') : resolve(echo.slice())));
    });
  }

  /** Finishes what is under way and logs out. */
  close(): Promise<void> {
    return new Promise((resolve) => this.core.close(resolve));
  }

  /** Ends at once; commands under way are rejected. */
  destroy(): void {
    this.core.destroy();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
