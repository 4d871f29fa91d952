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

interface Waiting {
  readonly pending: PendingManagement;
  /** Of all attempts: what comes first answers the request. */
  readonly tags: number[];
  timer: Timer;
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

  /** Where PDUs may get lost within a connection, a request is sent again, under another tag, before the connection is given up. */
  send(pending: PendingManagement): void {
    const { connection, code, lun, task } = pending;
    const resends = connection.recoversWithin ? RESENDS : 0;
    const nanos = Math.ceil(this.#timeoutNanos / (resends + 1));
    const tags: number[] = [];
    const attempt = (): Timer => {
      const tag = connection.manage(code, lun, task);
      tags.push(tag);
      this.#waiting.set(tag, waiting);
      return this.#clock.after(nanos, () => {
        if (tags.length > resends) this.#unanswered(pending);
        else waiting.timer = attempt();
      });
    };
    const waiting: Waiting = { pending, tags, timer: { cancel() {} } };
    waiting.timer = attempt();
  }

  /** The request that this is the response to; undefined: nobody asked, or it was answered before. */
  take(tag: number): PendingManagement | undefined {
    const waiting = this.#waiting.get(tag);
    if (waiting === undefined) return undefined;
    this.#forget(waiting);
    return waiting.pending;
  }

  #forget({ tags, timer }: Waiting): void {
    timer.cancel();
    for (const tag of tags) this.#waiting.delete(tag);
  }

  /** The connection is gone; so are its requests. */
  drop(connection: Connection | undefined): void {
    for (const waiting of this.#waiting.values()) {
      if (connection !== undefined && waiting.pending.connection !== connection) continue;
      this.#forget(waiting);
      waiting.pending.done(-1);
    }
  }
}
