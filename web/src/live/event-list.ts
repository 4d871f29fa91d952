/** The latest events, in their order and each once, whether they came by the feed or were asked for. */
import type { LoggedEvent } from '../../../src/server/page.ts';

export const EVENTS_MAX = 2000;

export interface KnownEvents {
  readonly events: readonly LoggedEvent[];
  /** That the feed had no room for, since the page was loaded. */
  readonly missed: number;
}

export class EventList {
  #known: KnownEvents = { events: [], missed: 0 };

  get known(): KnownEvents {
    return this.#known;
  }

  /** False: there was nothing new. */
  append(came: readonly LoggedEvent[], missed = 0): boolean {
    const { events } = this.#known;
    const last = events.at(-1)?.sequence ?? 0;
    const fresh = came.filter(({ sequence }) => sequence > last);
    if (fresh.length === 0 && missed === 0) return false;
    this.#known = { events: latest([...events, ...fresh]), missed: this.#known.missed + missed };
    return true;
  }

  /** Those of the log, with what came by the feed meanwhile. */
  fill(asked: readonly LoggedEvent[]): void {
    const known = new Map([...asked, ...this.#known.events].map((event) => [event.sequence, event]));
    this.#known = { ...this.#known, events: latest([...known.values()].sort((a, b) => a.sequence - b.sequence)) };
  }

  clear(): void {
    this.#known = { events: [], missed: 0 };
  }
}

const latest = (events: readonly LoggedEvent[]): readonly LoggedEvent[] => events.slice(-EVENTS_MAX);
