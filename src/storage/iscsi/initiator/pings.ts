/** NOP-Outs that somebody waits for (RFC 7143 §11.18): who asked, by task tag, until the target has sent the same bytes back. */

/** What came back; undefined: the connection went before it could. */
export type PingDone = (echo: Uint8Array | undefined) => void;

/** Those that were never answered are forgotten, the oldest first. */
const PINGS_MAX = 1024;

export class Pings {
  readonly #waiting = new Map<number, PingDone>();

  add(taskTag: number, done: PingDone): void {
    if (this.#waiting.size >= PINGS_MAX) {
      const [oldest] = this.#waiting.keys();
      this.#take(oldest!)!(undefined);
    }
    this.#waiting.set(taskTag, done);
  }

  /** `echo` is good until this returns. A NOP-In that nobody waits for is none of ours: the keep-alive's, or too late. */
  handle(taskTag: number, echo: Uint8Array): void {
    this.#take(taskTag)?.(echo);
  }

  /** The connection is gone. */
  drop(): void {
    for (const tag of this.#waiting.keys()) this.#take(tag)!(undefined);
  }

  #take(tag: number): PingDone | undefined {
    const done = this.#waiting.get(tag);
    this.#waiting.delete(tag);
    return done;
  }
}
