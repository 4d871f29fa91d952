/** Who wants to know when what has changed: listeners by topic, for `useSyncExternalStore`. */

export class Topics {
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Gives back how to stop. */
  listen(topic: string, listener: () => void): () => void {
    const found = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, found.add(listener));
    return () => {
      found.delete(listener);
      if (found.size === 0 && this.#listeners.get(topic) === found) this.#listeners.delete(topic);
    };
  }

  tell(topics: Iterable<string>): void {
    const told = new Set<() => void>();
    for (const topic of topics) for (const listener of this.#listeners.get(topic) ?? []) told.add(listener);
    for (const listener of told) listener();
  }
}
