/**
 * The tasks of a session by Initiator Task Tag (RFC 7143 §11.2.1.8). A tag names a slot and how often the slot has been used, so that a
 * response to a task that is over finds nobody; requests other than SCSI commands have tags from 80000000h on.
 */
import type { InitiatorTask } from './task.ts';

const SLOT_BITS = 12;
const SLOTS = 1 << SLOT_BITS;
const SLOT_MASK = SLOTS - 1;
const USES = 1 << (31 - SLOT_BITS);

export const TASKS_MAX = SLOTS;

export class TaskTable {
  readonly #tasks: (InitiatorTask | undefined)[] = [];
  readonly #uses: number[] = [];
  readonly #free: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Gives the task a tag. There are never more than `TASKS_MAX`. */
  add(task: InitiatorTask): void {
    const slot = this.#free.pop() ?? this.#tasks.length;
    const use = ((this.#uses[slot] ?? 0) + 1) % USES;
    this.#uses[slot] = use;
    this.#tasks[slot] = task;
    this.#size += 1;
    task.initiatorTaskTag = use * SLOTS + slot;
  }

  find(tag: number): InitiatorTask | undefined {
    const task = this.#tasks[tag & SLOT_MASK];
    return task !== undefined && task.initiatorTaskTag === tag ? task : undefined;
  }

  remove(task: InitiatorTask): void {
    const slot = task.initiatorTaskTag & SLOT_MASK;
    if (this.#tasks[slot] !== task) return;
    this.#tasks[slot] = undefined;
    this.#free.push(slot);
    this.#size -= 1;
  }

  /** Everything under way, in no order. */
  all(): InitiatorTask[] {
    return this.#tasks.filter((task) => task !== undefined);
  }
}

const REQUEST_BASE = 0x8000_0000;

/** The next tag for a text, task management, logout or NOP request. */
export const nextRequestTag = (last: number): number => (last < REQUEST_BASE || last >= 0xffff_fffe ? REQUEST_BASE : last + 1);
