/** The latest events of a node. */
import { useMemo } from 'react';
import type { LoggedEvent } from '../../../src/server/page.ts';
import { useEvents } from '../live/index.ts';
import { concerns } from '../events/filter.ts';
import { clockText } from '../ui/format.ts';
import { Section } from '../ui/parts.tsx';
import { ToneMark } from '../ui/tone.tsx';
import { SEVERITY_TONES } from '../events/severity.tsx';

const SHOWN_MAX = 8;

export const NodeEvents = ({ node }: { readonly node: string }): React.JSX.Element => {
  const { events } = useEvents();
  const mine = useMemo(() => latestOf(events, node), [events, node]);
  return (
    <Section title="Latest events">
      {mine.length === 0 ? (
        <p className="muted">None yet.</p>
      ) : (
        <ol className="event-lines">
          {mine.map(({ sequence, time, severity, message }) => (
            <li key={sequence}>
              <span className="event-time">{clockText(time)}</span>
              <ToneMark tone={SEVERITY_TONES[severity]} />
              <span>
                <span className="unseen">{severity}: </span>
                {message}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Section>
  );
};

/** The latest first. */
function latestOf(events: readonly LoggedEvent[], node: string): LoggedEvent[] {
  const found: LoggedEvent[] = [];
  for (let index = events.length - 1; index >= 0 && found.length < SHOWN_MAX; index -= 1) {
    const event = events[index]!;
    if (event.severity !== 'debug' && concerns(event, node)) found.push(event);
  }
  return found;
}
