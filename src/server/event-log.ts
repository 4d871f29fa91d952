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
  /** At least so severe; default: `info`, and of kinds that are asked for all. */
  readonly severity?: Severity | undefined;
  /** What the source contains, in any case. */
  readonly source?: string | undefined;
  /** Numbers or names of kinds of events. */
  readonly kinds?: readonly string[] | undefined;
  /** What the message contains, in any case. */
  readonly text?: string | undefined;
}

const EVENTS_MAX = 10_000;
/** Warnings and errors that are kept also after that: a flood of other events must not wash them away. */
const SEVERE_MAX = 1000;

/** The last so many of something, by the numbers 1, 2, 3, ... that they get. */
class Ring {
  readonly #kept: LoggedEvent[] = [];
  readonly #max: number;
  /** Of the latest; 0: there was none. */
  last = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Of the oldest that is still here. */
  get first(): number {
    return Math.max(1, this.last - this.#max + 1);
  }

  add(event: LoggedEvent): void {
    // The place of a number is its remainder.
    this.#kept[this.last % this.#max] = event;
    this.last += 1;
  }

  at(number: number): LoggedEvent {
    return this.#kept[(number - 1) % this.#max]!;
  }
}

export class EventLog {
  readonly #latest: Ring;
  readonly #severe: Ring;
  readonly #now: () => Date;
  readonly #listeners = new Set<(event: LoggedEvent) => void>();
  #milliseconds = Number.NaN;
  #time = '';
  /** How many there were of each kind and severity, also of those that are not kept any more. */
  readonly counts = new Map<number, { readonly name: string; readonly severity: Severity; count: number }>();

  constructor(now: () => Date, max = EVENTS_MAX, severeMax = SEVERE_MAX) {
    this.#now = now;
    this.#latest = new Ring(max);
    this.#severe = new Ring(severeMax);
  }

  readonly sink: EventSink = ({ id, name, severity, source, message, data }) => {
    const logged: LoggedEvent = { sequence: this.#latest.last + 1, time: this.#timeText(), id, name, severity, source, message, data };
    this.#latest.add(logged);
    if (severity === 'warning' || severity === 'error') this.#severe.add(logged);
    const known = this.counts.get(id);
    if (known === undefined) this.counts.set(id, { name, severity, count: 1 });
    else known.count += 1;
    for (const listener of this.#listeners) listener(logged);
  };

  /** Of the latest event; 0: there was none. */
  get last(): number {
    return this.#latest.last;
  }

  /** From here on all are still here; of those before, the latest warnings and errors. */
  get first(): number {
    return this.#latest.first;
  }

  /** In the order in which they came. */
  find(query: EventQuery = {}): LoggedEvent[] {
    const matches = matcher(query);
    const after = query.after ?? 0;
    const limit = query.limit ?? Infinity;
    const found: LoggedEvent[] = [];
    const least = Math.max(this.first, after + 1);
    for (let number = this.last; number >= least && found.length < limit; number -= 1) {
      const event = this.#latest.at(number);
      if (matches(event)) found.push(event);
    }
    const severe = this.#severe;
    for (let number = severe.last; number >= severe.first && found.length < limit; number -= 1) {
      const event = severe.at(number);
      if (event.sequence <= after) break;
      if (event.sequence < this.first && matches(event)) found.push(event);
    }
    return found.reverse();
  }

  /** Gives back how to stop listening. */
  listen(listener: (event: LoggedEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Many events come in one millisecond: its text is made once. */
  #timeText(): string {
    const now = this.#now();
    const milliseconds = now.getTime();
    if (milliseconds !== this.#milliseconds) {
      this.#milliseconds = milliseconds;
      this.#time = now.toISOString();
    }
    return this.#time;
  }
}

export function matcher({ severity, source, kinds, text }: EventQuery): (event: FabricEvent) => boolean {
  const least = SEVERITIES.indexOf(severity ?? (kinds === undefined ? 'info' : 'debug'));
  const [part, words] = [source?.toLowerCase(), text?.toLowerCase()];
  return (event) =>
    SEVERITIES.indexOf(event.severity) >= least &&
    (part === undefined || event.source.toLowerCase().includes(part)) &&
    (words === undefined || event.message.toLowerCase().includes(words)) &&
    (kinds === undefined || kinds.includes(String(event.id)) || kinds.includes(event.name));
}
