/** Sessions at one node. */
import type { SessionState } from '../../../src/server/page.ts';
import { EndSession } from '../actions/end-session.tsx';
import { shortName, some } from '../ui/format.ts';
import { sessionKey } from '../tables/session-key.ts';

const SHOWN_MAX = 30;

export const SessionList = ({ sessions, at }: { readonly sessions: readonly SessionState[]; readonly at: string }): React.JSX.Element =>
  sessions.length === 0 ? (
    <p className="muted">Nobody is logged in.</p>
  ) : (
    <ul className="plain">
      {sessions.slice(0, SHOWN_MAX).map((session) => (
        <li key={sessionKey(session)} className="path">
          <div>
            <span className="name">{session.initiator}</span>
            <span className="muted">
              {session.target === undefined ? 'discovery' : shortName(session.target)}
              {session.array === at ? '' : ` at ${session.array}`}, from {session.remotes.join(', ')}
              {session.from === undefined ? ' (outside)' : ''}
              {session.commandsUnderWay === 0 ? '' : `, ${some(session.commandsUnderWay, 'command')} under way`}
            </span>
          </div>
          <EndSession session={session} />
        </li>
      ))}
      {sessions.length > SHOWN_MAX && <li className="muted">and {some(sessions.length - SHOWN_MAX, 'more session')}, in the table</li>}
    </ul>
  );
