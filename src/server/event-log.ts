/** The events of a running fabric, numbered as they come; the last ones are kept, for whoever looks later. */
import type { EventSink, FabricEvent, Severity } from '../base/event.ts';

export interface LoggedEvent extends FabricEvent {
  /** Counts from 1, without gaps: whoever has one knows what is missing. */
  readonly sequence: number;
  /** ISO 8601. */
  readonly time: string;
}

export const SEVERITIES = ['debug', 'info', 'warning', 'error'] as const satisfies readonly Severity[];

export interface EventQuery {
  /** Those after this one. */
  readonly after?: number | undefined;
  /** The latest so many. */
  readonly limit?: number | undefined;
  /** At least so severe; default: `info`. */
  readonly severity?: Severity | undefined;
  /** What the source contains, in any case. */
  readonly source?: string | undefined;
  /** Numbers or names of kinds of events. */
  readonly kinds?: readonly string[] | undefined;
  /** What the message contains, in any case. */
  readonly text?: string | undefined;
}

const EVENTS_MAX = 10_000;

export class EventLog {
  readonly #kept: LoggedEvent[] = [];
  readonly #max: number;
  readonly #now: () => Date;
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #last = 0;
  /** How many there were of each kind and severity, also of those that are not kept any more. */
  readonly counts = new Map<number, { readonly name: string; readonly severity: Severity; count: number }>();

  constructor(now: () => Date, max = EVENTS_MAX) {
    this.#now = now;
    this.#max = max;
  }

  readonly sink: EventSink = (event) => {
    const logged: LoggedEvent = { sequence: (this.#last += 1), time: this.#now().toISOString(), ...event };
    // A ring: the place of a number is its remainder.
    this.#kept[(logged.sequence - 1) % this.#max] = logged;
    const known = this.counts.get(event.id);
    if (known === undefined) this.counts.set(event.id, { name: event.name, severity: event.severity, count: 1 });
    else known.count += 1;
    for (const listener of this.#listeners) listener(logged);
  };

  /** Of the latest event; 0: there was none. */
  get last(): number {
    return this.#last;
  }

  /** Of the oldest that is still here. */
  get first(): number {
    return Math.max(1, this.#last - this.#max + 1);
  }

  /** In the order in which they came. */
  find(query: EventQuery = {}): LoggedEvent[] {
    const matches = matcher(query);
    const limit = query.limit ?? this.#max;
    const found: LoggedEvent[] = [];
    for (let sequence = this.#last; sequence >= Math.max(this.first, (query.after ?? 0) + 1) && found.length < limit; sequence -= 1) {
      const event = this.#kept[(sequence - 1) % this.#max]!;
      if (matches(event)) found.push(event);
    }
    return found.reverse();
  }

  /** Gives back how to stop listening. */
  listen(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}

export function matcher({ severity = 'info', source, kinds, text }: EventQuery): (event: FabricEvent) => boolean {
  const least = SEVERITIES.indexOf(severity);
  const [part, words] = [source?.toLowerCase(), text?.toLowerCase()];
  return (event) =>
    SEVERITIES.indexOf(event.severity) >= least &&
    (part === undefined || event.source.toLowerCase().includes(part)) &&
    (words === undefined || event.message.toLowerCase().includes(words)) &&
    (kinds === undefined || kinds.includes(String(event.id)) || kinds.includes(event.name));
}
