/** Ends a session at its array: the initiator sees its connections go. */
import type { SessionState } from '../../../src/server/page.ts';
import { live } from '../live/index.ts';
import { some } from '../ui/format.ts';
import { ActionButton } from './action-button.tsx';

export const EndSession = ({ session }: { readonly session: SessionState }): React.JSX.Element => (
  <ActionButton
    small
    label={`End session ${session.id} of ${session.initiator} at ${session.array}`}
    confirm={{
      title: 'End this session?',
      text: (
        <>
          <p>
            {session.initiator} is logged in at {session.array}, with {some(session.commandsUnderWay, 'command')} under way.
          </p>
          <p>Its connections are closed without a word, as when an array loses power. Most initiators log in again at once.</p>
        </>
      ),
    }}
    act={async () => {
      await live.api.post('/api/sessions/end', { array: session.array, session: session.id });
      return `The session ${session.id} of ${session.initiator} has ended.`;
    }}
  >
    End
  </ActionButton>
);
