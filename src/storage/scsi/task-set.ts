/** Task set of a logical unit (SAM-5 §8): which commands are under way, and the order that task attributes ask for. */
import type { Command } from './command.ts';
import type { UnitNexus } from './unit-nexus.ts';

type Start = (command: Command) => void;

interface Waiting {
  readonly command: Command;
  readonly start: Start;
}

export class TaskSet {
  readonly #running = new Set<Command>();
  #waiting: Waiting[] = [];
  readonly #limit: number;
  #orderedRunning = 0;
  #starting = false;
  #idle: { readonly commands: Set<Command>; readonly settled: () => void }[] = [];

  readonly #onEnd: (command: Command) => void;

  /** `onEnd` is told of every command that leaves the set. */
  constructor(limit: number, onEnd: (command: Command) => void = () => {}) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  get size(): number {
    return this.#running.size + this.#waiting.length;
  }

  /** True when no further command is taken: the caller answers TASK SET FULL (SAM-5 §5.3.1). */
  get full(): boolean {
    return this.size >= this.#limit;
  }

  /** Takes the command in and calls `start` when its attribute allows: at once unless ordering holds it back. */
  add(command: Command, start: Start): void {
    command.onEnd = this.#ended;
    if (command.attribute === 'head-of-queue') this.#run(command, start);
    else if (this.#waiting.length !== 0 || this.#blocks(command)) this.#waiting.push({ command, start });
    else this.#run(command, start);
  }

  /** The commands of one I_T nexus, or of all. */
  commands(link?: UnitNexus): Command[] {
    const all = [...this.#running, ...this.#waiting.map((waiting) => waiting.command)];
    return link === undefined ? all : all.filter((command) => command.link === link);
  }

  /** Calls `then` once no command but `except` runs; commands that wait for their turn don't count. */
  whenOthersEnd(except: Command, then: () => void): void {
    const others = new Set(this.#running);
    others.delete(except);
    this.#idle.push({ commands: others, settled: then });
    this.#settle();
  }

  /** Aborts commands, and calls `then` once none of them touches the medium any more. */
  abort(commands: readonly Command[], then: () => void): void {
    const ending = new Set(commands.filter((command) => !command.finished));
    this.#idle.push({ commands: new Set(ending), settled: then });
    // Out of the queue first, all of them: the end of one must not start the next.
    const unstarted = this.#waiting.filter((waiting) => ending.has(waiting.command));
    this.#waiting = this.#waiting.filter((waiting) => !ending.has(waiting.command));
    for (const command of ending) command.abort();
    for (const { command } of unstarted) command.endUnstarted();
    this.#startNext();
    this.#settle();
  }

  // SAM-5 §8.6.3: an ORDERED command waits for all older ones, and younger SIMPLE ones wait for it.
  #blocks(command: Command): boolean {
    return this.#orderedRunning !== 0 || (command.attribute === 'ordered' && this.#running.size !== 0);
  }

  #run(command: Command, start: Start): void {
    this.#running.add(command);
    if (command.attribute === 'ordered') this.#orderedRunning += 1;
    start(command);
  }

  readonly #ended = (command: Command): void => {
    this.#onEnd(command);
    if (this.#running.delete(command) && command.attribute === 'ordered') this.#orderedRunning -= 1;
    for (const idle of this.#idle) idle.commands.delete(command);
    this.#startNext();
    this.#settle();
  };

  /** Starts what may run now. A command that ends at once comes back here: then the loop below it goes on, and the stack stays flat. */
  #startNext(): void {
    if (this.#starting) return;
    this.#starting = true;
    while (this.#waiting.length !== 0 && !this.#blocks(this.#waiting[0]!.command)) {
      const next = this.#waiting.shift()!;
      // A transport may have failed it while it waited: its data-out went wrong.
      if (!next.command.finished) this.#run(next.command, next.start);
    }
    this.#starting = false;
  }

  #settle(): void {
    if (this.#idle.length === 0) return;
    const settled = this.#idle.filter((idle) => idle.commands.size === 0);
    if (settled.length === 0) return;
    this.#idle = this.#idle.filter((idle) => idle.commands.size !== 0);
    for (const idle of settled) idle.settled();
  }
}
