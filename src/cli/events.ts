/** `samewire events`: what happened in a fabric that is up, or in one whose log there is; and what kinds of events there are. */
import type { EventsAnswer } from '../server/api/events.ts';
import { type LoggedEvent, matcher, type SEVERITIES } from '../server/event-log.ts';
import { present, saying } from './ask-fabric.ts';
import { type CommandContext, UsageError, UserError } from './context.ts';
import { readEventFile } from './event-file.ts';
import { eventKindOf, rangesOfKinds } from './event-kinds.ts';
import { eventLines, type LinedEvent } from './event-log.ts';
import { dayOf, eventText, kindsText, storyText, type TimedEvent } from './event-words.ts';
import { count } from './plain-text.ts';

export interface EventsOptions {
  readonly lines?: number;
  readonly all?: boolean;
  readonly follow?: boolean;
  readonly severity?: (typeof SEVERITIES)[number];
  readonly source?: string;
  readonly kind?: readonly string[];
  readonly grep?: string;
  /** Milliseconds since 1970, from the time now. */
  readonly since?: (nowMilliseconds: number) => number;
  readonly json?: boolean;
  readonly log?: string;
  readonly kinds?: boolean;
  readonly explain?: string;
}

const LINES_USUAL = 20;
/** What one answer has at most: all that a fabric keeps. */
const ANSWER_MAX = 10_000;
/** Of what came since the last look. */
const FOLLOW_MAX = 1000;
const LOOK_MILLISECONDS = 500;

export async function events(file: string | undefined, options: EventsOptions, context: CommandContext): Promise<number> {
  if (options.kinds === true || options.explain !== undefined) return tellKinds(options, context);
  checkKinds(options);
  const show = shower(options, context);
  if (options.log !== undefined) return showFile(options.log, file, options, context, show);
  const limit = options.follow === true && options.lines === 0 ? 0 : limitOf(options);
  const answer = present(file, await ask(file, options, { limit: Math.max(1, options.since === undefined ? limit : ANSWER_MAX) }, context));
  const since = options.since?.(Date.now()) ?? -Infinity;
  const found = answer.events.filter(({ time }) => Date.parse(time) >= since);
  for (const event of found.slice(Math.max(0, found.length - limit))) show(event);
  return options.follow === true ? follow(file, answer.last, options, context, show) : 0;
}

/** With `--since`, all since then, unless it is said how many. */
function limitOf({ all, lines, since }: EventsOptions): number {
  if (all === true) return ANSWER_MAX;
  return Math.min(lines ?? (since === undefined ? LINES_USUAL : ANSWER_MAX), ANSWER_MAX);
}

function ask(
  file: string | undefined,
  { severity, source, kind, grep }: EventsOptions,
  range: { readonly after?: number; readonly limit: number },
  context: CommandContext,
): Promise<EventsAnswer | undefined> {
  const query = new URLSearchParams({ limit: String(range.limit) });
  if (range.after !== undefined) query.set('after', String(range.after));
  if (severity !== undefined) query.set('severity', severity);
  if (source !== undefined) query.set('source', source);
  if (grep !== undefined) query.set('text', grep);
  for (const one of kind ?? []) query.append('kind', one);
  return saying(context.askControl(file, 'GET', `/api/events?${query}`) as Promise<EventsAnswer | undefined>);
}

/** Until Ctrl-C, or until the fabric is not up any more. */
function follow(
  file: string | undefined,
  from: number,
  options: EventsOptions,
  context: CommandContext,
  show: (event: LoggedEvent) => void,
): Promise<number> {
  let last = from;
  let asking = false;
  let failures = 0;
  const note = (sentence: string): void => context.err(`${context.errColors.dim(sentence)}\n`);
  return new Promise((resolve) => {
    let over = false;
    const end = (code: number): void => {
      if (over) return;
      over = true;
      stopLooking();
      stopListening();
      resolve(code);
    };
    const look = async (): Promise<void> => {
      if (asking) return;
      asking = true;
      const answer = await ask(file, options, { after: last, limit: FOLLOW_MAX }, context).then(
        (given) => given ?? 'gone',
        () => 'failed' as const,
      );
      asking = false;
      if (over) return;
      // One that is just being stopped cuts off who asks; the next time, it is not there.
      failures = answer === 'failed' ? failures + 1 : 0;
      if (answer === 'failed' && failures < 2) return;
      if (answer === 'gone' || answer === 'failed') {
        note('The fabric is not up any more.');
        return end(1);
      }
      if (answer.last < last) {
        note('The fabric was started anew.');
        last = 0;
        return;
      }
      if (answer.events.length === FOLLOW_MAX && answer.events[0]!.sequence > last + 1)
        note(`More than ${FOLLOW_MAX} events came at once; the earlier ones are left out.`);
      for (const event of answer.events) show(event);
      last = answer.last;
    };
    const stopLooking = context.every(LOOK_MILLISECONDS, () => void look());
    const stopListening = context.onSignal(() => end(0));
  });
}

function showFile(
  path: string,
  file: string | undefined,
  options: EventsOptions,
  context: CommandContext,
  show: (event: LinedEvent & TimedEvent) => void,
): number {
  if (file !== undefined) throw new UsageError('Events are of a fabric that is up, or of a log: give the file of one of them.');
  if (options.follow === true) throw new UsageError('A log is read as it is; follow the fabric itself: samewire events -f');
  const matches = matcher({ severity: options.severity, source: options.source, kinds: options.kind, text: options.grep });
  const since = options.since?.(Date.now()) ?? -Infinity;
  const limit = options.all === true ? Infinity : (options.lines ?? (options.since === undefined ? LINES_USUAL : Infinity));
  const latest: (LinedEvent & TimedEvent)[] = [];
  const { strange, cut } = readEventFile(path, (event) => {
    if (!matches(event) || Date.parse(event.time) < since) return;
    if (limit === Infinity) return show(event);
    latest.push(event);
    // Not with each: what is in front moves up.
    if (latest.length > 2 * limit + 1000) latest.splice(0, latest.length - limit);
  });
  for (const event of latest.slice(Math.max(0, latest.length - limit))) show(event);
  const note = (sentence: string): void => context.err(`${context.errColors.yellow('note:')} ${sentence}\n`);
  if (strange > 0) note(`${count(strange, 'line')} of ${path} ${strange === 1 ? 'is no event' : 'are no events'}.`);
  if (cut) note(`The last line of ${path} is cut.`);
  return 0;
}

/** As JSON lines like those of a log, or for people, with the day where it changes. */
function shower({ json }: EventsOptions, context: CommandContext): (event: LinedEvent & TimedEvent) => void {
  if (json === true) return eventLines({ write: (line) => context.out(line) }, 'debug');
  let day = dayOf(new Date().toISOString());
  return (event) => {
    const colors = context.outColors;
    const its = dayOf(event.time);
    if (its !== day) context.out(`${colors.dim(`-- ${its} --`)}\n`);
    day = its;
    context.out(eventText(event, context.terminal?.size().columns, colors));
  };
}

function checkKinds({ kind }: EventsOptions): void {
  const unknown = kind?.find((word) => eventKindOf(word) === undefined);
  if (unknown !== undefined) throw new UsageError(`There is no kind of event ${unknown}. \`samewire events --kinds\` lists them all.`);
}

function tellKinds({ explain, json }: EventsOptions, context: CommandContext): number {
  if (explain === undefined) {
    const kinds = rangesOfKinds().flatMap((range) => range.kinds.map((kind) => ({ ...kind, room: range.title })));
    context.out(json === true ? `${JSON.stringify(kinds)}\n` : kindsText(context.outColors));
    return 0;
  }
  const found = eventKindOf(explain);
  if (found === undefined) throw new UsageError(`There is no kind of event ${explain}. \`samewire events --kinds\` lists them all.`);
  const { range, ...kind } = found;
  context.out(json === true ? `${JSON.stringify({ ...kind, room: range.title })}\n` : storyText(kind, range, context.outColors));
  return 0;
}

/** `5m`, a time of day, or a date with or without one; where the terminal is. Throws a UserError. */
export function sinceWhen(written: string, nanosOf: (written: string) => number | undefined): (nowMilliseconds: number) => number {
  const nanos = nanosOf(written);
  if (nanos !== undefined) return (now) => now - nanos / 1e6;
  const day = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(written);
  if (day !== null) {
    const [hours, minutes, seconds] = [Number(day[1]), Number(day[2]), Number(day[3] ?? 0)];
    if (hours < 24 && minutes < 60 && seconds < 60)
      return (now) => {
        const at = new Date(now);
        at.setHours(hours, minutes, seconds, 0);
        // Later than now: it was yesterday.
        if (at.getTime() > now) at.setDate(at.getDate() - 1);
        return at.getTime();
      };
  }
  // A date alone is midnight there, which Date would take for UTC.
  const milliseconds = /^\d{4}-\d{2}-\d{2}/.test(written) ? Date.parse(written.length === 10 ? `${written}T00:00` : written) : Number.NaN;
  if (Number.isNaN(milliseconds))
    throw new UserError(`\`${written}\` is no time. Write \`5m\`, \`22:15\`, \`2026-01-15\` or \`2026-01-15T22:15:00Z\`.`);
  return () => milliseconds;
}
