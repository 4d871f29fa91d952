/** Task management requests that wait for their responses (RFC 7143 §11.5-11.6). */
import type { Clock, Nanos, Timer } from '../../../base/clock.ts';
import type { Connection } from './connection-types.ts';
import type { InitiatorTask } from './task.ts';

export interface PendingManagement {
  readonly code: number;
  readonly lun: number;
  /** The one that ABORT TASK means. */
  readonly task: InitiatorTask | undefined;
  readonly connection: Connection;
  /** CmdSN it was sent with: commands from there on came later. */
  readonly commandSequenceNumber: number;
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
    const tag = pending.connection.manage(pending.code, pending.lun, pending.task);
    const timer = this.#clock.after(this.#timeoutNanos, () => this.#unanswered(pending));
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
