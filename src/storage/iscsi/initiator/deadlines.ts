/**
 * One timer for the time limits of all commands under way: setting one a command would cost more than the command. It is left running when
 * nothing is under way, for the same reason.
 */
import type { Clock, Nanos, Timer } from '../../../base/clock.ts';
import type { InitiatorTask } from './task.ts';

export class Deadlines {
  readonly #clock: Clock;
  readonly #underWay: () => readonly InitiatorTask[];
  readonly #expired: (task: InitiatorTask) => void;
  #timer: Timer | undefined;
  #due: Nanos = Number.POSITIVE_INFINITY;

  /** `expired` is told of every task in `underWay` whose deadline has passed. */
  constructor(clock: Clock, underWay: () => readonly InitiatorTask[], expired: (task: InitiatorTask) => void) {
    this.#clock = clock;
    this.#underWay = underWay;
    this.#expired = expired;
  }

  /** Gives a task its deadline. */
  start(task: InitiatorTask, timeoutNanos: Nanos): void {
    if (timeoutNanos === 0) return;
    task.deadline = this.#clock.now() + timeoutNanos;
    if (task.deadline < this.#due) this.#arm(task.deadline);
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
  }

  #arm(due: Nanos): void {
    this.#timer?.cancel();
    this.#due = due;
    this.#timer = this.#clock.after(Math.max(0, due - this.#clock.now()), () => this.#look());
  }

  #look(): void {
    this.#timer = undefined;
    this.#due = Number.POSITIVE_INFINITY;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    const late: InitiatorTask[] = [];
    for (const task of this.#underWay()) {
      if (task.state !== 'sent') continue;
      if (task.deadline <= now) late.push(task);
      else next = Math.min(next, task.deadline);
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
    for (const task of late) this.#expired(task);
  }
}
