/** Everything worth telling a person is one typed, numbered event; terminals, logs and metrics are views of that one stream. */

export type Severity = 'debug' | 'info' | 'warning' | 'error';

export interface FabricEvent {
  /** The event's number, for life: documented, searched for, never used again for something else. */
  readonly id: number;
  /** The event's name in kebab-case, unique like its number. */
  readonly name: string;
  readonly severity: Severity;
  /** Which thing of the fabric it concerns, as a path: `array1/iqn.2026-01.net.samewire:disk/session 3`. */
  readonly source: string;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export type EventSink = (event: FabricEvent) => void;

export const ignoreEvents: EventSink = () => {};

/** What the reference page says of an event. */
export interface EventStory<Data> {
  /** What has happened, and why it is told. */
  readonly means: string;
  /** What to do about it, in whole sentences; absent: nothing needs to be done. */
  readonly remedy?: string;
  /** What its source looks like, such as `array1/iqn.2026-01.net.example:disk1`; absent: as is usual in the range of its number. */
  readonly source?: string;
  /** Data of such an event, from which its message is made. */
  readonly example: Data;
}

/** Declares an event once; what it gives back raises it. `text` makes the sentence for people from the data. */
export interface EventKind<Data extends Readonly<Record<string, unknown>>> {
  (sink: EventSink, source: string, data: Data): void;
  readonly id: number;
  readonly eventName: string;
  readonly severity: Severity;
}

export interface DeclaredEvent {
  readonly id: number;
  readonly name: string;
  readonly severity: Severity;
  readonly story: EventStory<Readonly<Record<string, unknown>>>;
  /** The message of the story's example. */
  readonly message: string;
}

/** What was declared so far, by number: for reference pages, and so that no number or name is given twice. */
const declared = new Map<number, DeclaredEvent>();
const numbers = new Map<string, number>();
export const declaredEvents: ReadonlyMap<number, DeclaredEvent> = declared;

export function eventKind<Data extends Readonly<Record<string, unknown>>>(
  id: number,
  name: string,
  severity: Severity,
  text: (data: Data) => string,
  story: EventStory<Data>,
): EventKind<Data> {
  const taken = declared.has(id) ? id : numbers.get(name);
  if (taken !== undefined) throw new Error(`event ${id} ${name} and ${taken} ${declared.get(taken)?.name} are different`);
  numbers.set(name, id);
  declared.set(id, { id, name, severity, story, message: text(story.example) });
  const raise = (sink: EventSink, source: string, data: Data): void => sink({ id, name, severity, source, message: text(data), data });
  return Object.assign(raise, { id, eventName: name, severity });
}
