/** The event log: filtered, followed or held still, each event with its data and what it means. */
import { useDeferredValue, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { LoggedEvent, Severity } from '../../../src/server/page.ts';
import { EVENTS_MAX, useEvents } from '../live/index.ts';
import { clockText, some, wholeText } from '../ui/format.ts';
import { toast } from '../ui/toasts.tsx';
import { ToneMark } from '../ui/tone.tsx';
import { EventDetails } from './event-details.tsx';
import { eventMatcher, type EventFilter, NO_FILTER } from './filter.ts';
import { SEVERITIES, SEVERITY_TONES } from './severity.tsx';

/** Drawn at once; earlier ones when asked for. */
const STEP = 200;
/** From the end, in which the log is still followed. */
const END_PIXELS = 24;

export const EventsTab = (): React.JSX.Element => {
  const known = useEvents();
  const [filter, setFilter] = useState<EventFilter>(NO_FILTER);
  const [held, setHeld] = useState<readonly LoggedEvent[] | undefined>();
  const [most, setMost] = useState(STEP);
  const [open, setOpen] = useState<number | undefined>();
  const wanted = useDeferredValue(filter);
  const events = held ?? known.events;
  const found = useMemo(() => events.filter(eventMatcher(wanted)), [events, wanted]);
  const list = useFollowing(found, held === undefined);
  const waiting = held === undefined ? 0 : (known.events.at(-1)?.sequence ?? 0) - (held.at(-1)?.sequence ?? 0);
  return (
    <div className="tab-pane">
      <div className="toolbar">
        <EventFilters filter={filter} onFilter={setFilter} />
        <button type="button" aria-pressed={held !== undefined} onClick={() => setHeld(held === undefined ? known.events : undefined)}>
          {held === undefined ? 'Hold' : `Follow${waiting > 0 ? ` (${wholeText(waiting)} new)` : ''}`}
        </button>
        <button type="button" onClick={() => void copy(found)}>
          Copy as JSON
        </button>
      </div>
      {found.length === 0 ? (
        <div className="empty">
          <p>{events.length === 0 ? 'Nothing has happened yet.' : `None of ${some(events.length, 'event')} is wanted by this filter.`}</p>
        </div>
      ) : (
        <div className="event-scroll" ref={list} role="region" aria-label="Event log" tabIndex={0}>
          {found.length > most && (
            <p className="more">
              {some(found.length - most, 'earlier event')}{' '}
              <button type="button" className="small" onClick={() => setMost(most + STEP)}>
                Show more
              </button>
            </p>
          )}
          <ol className="events">
            {found.slice(-most).map((event) => (
              <EventLine
                key={event.sequence}
                event={event}
                isOpen={open === event.sequence}
                onToggle={() => setOpen(open === event.sequence ? undefined : event.sequence)}
              />
            ))}
          </ol>
        </div>
      )}
      {known.missed > 0 && (
        <p className="note">
          {some(known.missed, 'event')} came faster than they could be sent: /api/events has the latest 10,000, this page{' '}
          {wholeText(EVENTS_MAX)}.
        </p>
      )}
    </div>
  );
};

interface EventFiltersProps {
  readonly filter: EventFilter;
  readonly onFilter: (filter: EventFilter) => void;
}

const EventFilters = ({ filter, onFilter }: EventFiltersProps): React.JSX.Element => (
  <>
    <select
      aria-label="Least severity"
      value={filter.severity}
      onChange={(event) => onFilter({ ...filter, severity: event.target.value as Severity })}
    >
      {SEVERITIES.map((one) => (
        <option key={one} value={one}>
          {one === 'error' ? 'errors' : `${one} and worse`}
        </option>
      ))}
    </select>
    {(
      [
        ['text', 'Text', 'grow'],
        ['source', 'Source', 'medium'],
        ['kind', 'Kind: 2001, link-down', 'medium'],
      ] as const
    ).map(([key, name, size]) => (
      <input
        key={key}
        type="search"
        className={size}
        aria-label={name}
        placeholder={name}
        maxLength={200}
        value={filter[key]}
        onChange={(event) => onFilter({ ...filter, [key]: event.target.value })}
      />
    ))}
  </>
);

interface EventLineProps {
  readonly event: LoggedEvent;
  readonly isOpen: boolean;
  readonly onToggle: () => void;
}

const EventLine = ({ event, isOpen, onToggle }: EventLineProps): React.JSX.Element => (
  <li className={`event tone-${SEVERITY_TONES[event.severity]}`}>
    <button type="button" className="event-line" aria-expanded={isOpen} onClick={onToggle}>
      <span className="event-time">{clockText(event.time)}</span>
      <span className="event-severity">
        <ToneMark tone={SEVERITY_TONES[event.severity]} />
        <span className="event-severity-word">{event.severity}</span>
      </span>
      <span className="event-number">{event.id}</span>
      <span className="event-source">{event.source}</span>
      <span className="event-message">{event.message}</span>
    </button>
    {isOpen && <EventDetails event={event} />}
  </li>
);

/** At the end it stays at the end; who has scrolled up is left in peace. */
function useFollowing(found: readonly LoggedEvent[], isFollowing: boolean): React.RefObject<HTMLDivElement | null> {
  const list = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useEffect(() => {
    const scrolled = list.current;
    if (scrolled === null) return undefined;
    const look = (): void => {
      isAtEnd.current = scrolled.scrollHeight - scrolled.scrollTop - scrolled.clientHeight < END_PIXELS;
    };
    scrolled.addEventListener('scroll', look, { passive: true });
    return () => scrolled.removeEventListener('scroll', look);
  });
  useLayoutEffect(() => {
    if (isFollowing && isAtEnd.current) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [found, isFollowing]);
  return list;
}

async function copy(events: readonly LoggedEvent[]): Promise<void> {
  try {
    await navigator.clipboard.writeText(JSON.stringify(events, undefined, 2));
    toast('good', `${some(events.length, 'event')} copied as JSON.`);
  } catch {
    toast('bad', 'The browser does not let the page write to the clipboard.');
  }
}
