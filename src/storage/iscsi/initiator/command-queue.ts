/** Commands that wait for their turn, first come, first served; bounded in number and in bytes of data. */
import type { InitiatorTask } from './task.ts';

/** When this many have been taken from the front, the array is cut. */
const CUT = 1024;

export class CommandQueue {
  #tasks: (InitiatorTask | undefined)[] = [];
  #head = 0;
  #size = 0;
  #bytes = 0;

  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  push(task: InitiatorTask): void {
    this.#tasks.push(task);
    this.#count(task, 1);
  }

  /** In front of all others, in the order given. */
  putFirst(tasks: readonly InitiatorTask[]): void {
    if (tasks.length === 1 && this.#head > 0) {
      this.#head -= 1;
      this.#tasks[this.#head] = tasks[0]!;
    } else {
      this.#tasks = [...tasks, ...this.#tasks.slice(this.#head)];
      this.#head = 0;
    }
    for (const task of tasks) this.#count(task, 1);
  }

  first(): InitiatorTask | undefined {
    while (this.#head < this.#tasks.length && this.#tasks[this.#head] === undefined) this.#advance();
    return this.#tasks[this.#head];
  }

  /** Takes the first one away. */
  shift(): void {
    const task = this.first();
    if (task === undefined) return;
    this.#advance();
    this.#count(task, -1);
  }

  remove(task: InitiatorTask): boolean {
    const at = this.#tasks.indexOf(task, this.#head);
    if (at === -1) return false;
    this.#tasks[at] = undefined;
    this.#count(task, -1);
    return true;
  }

  /** Takes everything away. */
  clear(): InitiatorTask[] {
    const tasks = this.#tasks.slice(this.#head).filter((task) => task !== undefined);
    this.#tasks = [];
    this.#head = 0;
    this.#size = 0;
    this.#bytes = 0;
    return tasks;
  }

  #advance(): void {
    this.#tasks[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#tasks.length) {
      this.#tasks.length = 0;
      this.#head = 0;
    } else if (this.#head >= CUT) {
      this.#tasks.splice(0, this.#head);
      this.#head = 0;
    }
  }

  #count(task: InitiatorTask, sign: 1 | -1): void {
    this.#size += sign;
    this.#bytes += sign * task.weightBytes;
  }
}
