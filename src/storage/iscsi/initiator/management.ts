/** Task management requests that wait for their responses (RFC 7143 §11.5-11.6). */
import type { Clock, Nanos, Timer } from '../../../base/clock.ts';
import type { Connection } from './connection-types.ts';
import type { InitiatorTask } from './task.ts';

/** How often a request is sent again before its connection is given up, at error recovery levels 1 and 2. */
const RESENDS = 2;

export interface PendingManagement {
  readonly code: number;
  readonly lun: number;
  /** The one that ABORT TASK means. */
  readonly task: InitiatorTask | undefined;
  readonly connection: Connection;
  /** The response, or -1 where there will be none. */
  readonly done: (response: number) => void;
}

interface Waiting extends PendingManagement {
  readonly timer: Timer;
}

export class Management {
  readonly #clock: Clock;
  readonly #timeoutNanos: Nanos;
  readonly #unanswered: (pending: PendingManagement) => void;
  readonly #waiting = new Map<number, Waiting>();

  constructor(clock: Clock, timeoutNanos: Nanos, unanswered: (pending: PendingManagement) => void) {
    this.#clock = clock;
    this.#timeoutNanos = timeoutNanos;
    this.#unanswered = unanswered;
  }

  send(pending: PendingManagement): void {
    this.#attempt(pending, pending.connection.recoversWithin ? RESENDS : 0);
  }

  /** Where PDUs may get lost within a connection, a request is sent again under another tag; what is answered to the old one is ignored. */
  #attempt(pending: PendingManagement, resends: number): void {
    const { connection, code, lun, task } = pending;
    const tag = connection.manage(code, lun, task);
    const nanos = connection.recoversWithin ? Math.ceil(this.#timeoutNanos / (RESENDS + 1)) : this.#timeoutNanos;
    const timer = this.#clock.after(nanos, () => {
      if (resends === 0) return this.#unanswered(pending);
      this.#waiting.delete(tag);
      this.#attempt(pending, resends - 1);
    });
    this.#waiting.set(tag, { ...pending, timer });
  }

  /** The request that this is the response to; undefined: nobody asked. */
  take(tag: number): PendingManagement | undefined {
    const waiting = this.#waiting.get(tag);
    if (waiting === undefined) return undefined;
    this.#waiting.delete(tag);
    waiting.timer.cancel();
    return waiting;
  }

  /** The connection is gone; so are its requests. */
  drop(connection: Connection | undefined): void {
    for (const [tag, waiting] of this.#waiting) {
      if (connection !== undefined && waiting.connection !== connection) continue;
      this.#waiting.delete(tag);
      waiting.timer.cancel();
      waiting.done(-1);
    }
  }
}
