/** One event: its data, and what the reference page says of its kind. */
import type { LoggedEvent } from '../../../src/server/page.ts';
import { useEventKind } from './event-kinds.ts';

export const EventDetails = ({ event }: { readonly event: LoggedEvent }): React.JSX.Element => {
  const kind = useEventKind(event.id);
  return (
    <div className="event-details">
      <p className="muted">
        Event {event.id} {event.name}, number {event.sequence} of this run, {event.time}
      </p>
      {kind?.story !== undefined && (
        <dl className="story">
          <dt>Means</dt>
          <dd>{kind.story.means}</dd>
          <dt>To do</dt>
          <dd>{kind.story.remedy ?? 'Nothing needs to be done.'}</dd>
        </dl>
      )}
      <pre>{JSON.stringify(event.data, undefined, 2)}</pre>
    </div>
  );
};
