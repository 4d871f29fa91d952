/** Signals that abort commands: one listener for each, however many commands it can abort. */
export class SignalWatch<Task> {
  readonly #watched = new Map<AbortSignal, { readonly tasks: Set<Task>; readonly abort: () => void }>();
  readonly #abort: (task: Task) => void;

  constructor(abort: (task: Task) => void) {
    this.#abort = abort;
  }

  add(signal: AbortSignal, task: Task): void {
    const known = this.#watched.get(signal);
    if (known !== undefined) return void known.tasks.add(task);
    const tasks = new Set([task]);
    const abort = (): void => {
      for (const one of tasks) this.#abort(one);
    };
    signal.addEventListener('abort', abort, { once: true });
    this.#watched.set(signal, { tasks, abort });
  }

  remove(signal: AbortSignal, task: Task): void {
    const known = this.#watched.get(signal);
    if (known === undefined) return;
    known.tasks.delete(task);
    if (known.tasks.size !== 0) return;
    this.#watched.delete(signal);
    signal.removeEventListener('abort', known.abort);
  }
}
