/** Cuts a link, or mends it. */
import type { SessionState, TopologyLink } from '../../../src/server/page.ts';
import { live, useSessions, useTopology } from '../live/index.ts';
import { some } from '../ui/format.ts';
import { ActionButton } from './action-button.tsx';

export interface CutOrMendProps {
  readonly link: TopologyLink;
  readonly at: string;
  readonly isUp: boolean;
}

export const CutOrMend = ({ link, at, isUp }: CutOrMendProps): React.JSX.Element => {
  const sessions = useSessions();
  const topology = useTopology();
  const switches = new Set(topology?.nodes.filter(({ kind }) => kind === 'switch').map(({ id }) => id));
  const hurt = isUp ? sessionsAt(link, sessions, switches) : 0;
  return (
    <ActionButton
      tone={isUp ? 'danger' : 'primary'}
      confirm={
        hurt === 0
          ? undefined
          : {
              title: 'Cut this link?',
              text: (
                <p>
                  {some(hurt, 'session')} may go by {link.id}. What is under way on it is lost at once, as when a cable is pulled.
                </p>
              ),
            }
      }
      act={async () => {
        await live.api.post('/api/network/link', { at, up: !isUp });
        return `The link ${link.id} is ${isUp ? 'cut' : 'mended'}.`;
      }}
    >
      {isUp ? 'Cut the link' : 'Mend the link'}
    </ActionButton>
  );
};

/** Of the machines at its ends; between switches it is not known whose frames pass, so that all may be hurt. */
function sessionsAt({ ends }: TopologyLink, sessions: readonly SessionState[], switches: ReadonlySet<string>): number {
  const machines = ends.map(({ node }) => node).filter((node) => !switches.has(node));
  if (machines.length === 0) return sessions.length;
  return sessions.filter(({ array, from }) => machines.includes(array) || (from !== undefined && machines.includes(from))).length;
}
