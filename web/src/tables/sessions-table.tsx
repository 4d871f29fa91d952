/** Who is logged in where. */
import { useMemo } from 'react';
import type { SessionState } from '../../../src/server/page.ts';
import { EndSession } from '../actions/end-session.tsx';
import { entrances, useSessions, useTopology } from '../live/index.ts';
import type { Select } from '../shell/selection.ts';
import { shortName } from '../ui/format.ts';
import { filtered } from '../ui/order.ts';
import { type Column, Table } from '../ui/table.tsx';
import { NodeButton } from './node-button.tsx';
import { sessionKey } from './session-key.ts';

const AUTHENTICATION = { none: 'none', chap: 'CHAP', 'mutual-chap': 'mutual CHAP' } as const;

const columnsOf = (onSelect: Select): readonly Column<SessionState>[] => [
  {
    key: 'initiator',
    heading: 'Initiator',
    value: ({ initiator }) => initiator,
    cell: ({ initiator }) => <span className="name">{initiator}</span>,
  },
  {
    key: 'from',
    heading: 'From',
    value: ({ from }) => from ?? '',
    cell: ({ from, remotes }) => (
      <span className="two-lines">
        <span>{from === undefined ? 'outside' : <NodeButton node={from} onSelect={onSelect} />}</span>
        <span className="muted">{remotes.join(', ')}</span>
      </span>
    ),
  },
  {
    key: 'target',
    heading: 'Target',
    value: ({ array, target }) => `${array} ${target ?? ''}`,
    cell: ({ array, target }) => (
      <span className="two-lines" title={target}>
        <span>
          <NodeButton node={array} onSelect={onSelect} />
        </span>
        <span className="muted">{target === undefined ? 'discovery' : shortName(target)}</span>
      </span>
    ),
  },
  {
    key: 'authentication',
    heading: 'Authentication',
    wideOnly: true,
    value: ({ authentication }) => authentication,
    cell: ({ authentication }) => AUTHENTICATION[authentication],
  },
  {
    key: 'commands',
    heading: 'Under way',
    align: 'right',
    value: ({ commandsUnderWay }) => commandsUnderWay,
    cell: ({ commandsUnderWay }) => commandsUnderWay,
  },
  { key: 'end', heading: 'Action', align: 'right', cell: (session) => <EndSession session={session} /> },
];

export const SessionsTable = ({ words, onSelect }: { readonly words: string; readonly onSelect: Select }): React.JSX.Element => {
  const sessions = useSessions();
  const columns = useMemo(() => columnsOf(onSelect), [onSelect]);
  const rows = useMemo(
    () =>
      filtered(sessions, words, ({ initiator, array, target, from, remotes }) =>
        [initiator, array, target, from ?? 'outside', ...remotes].join(' '),
      ),
    [sessions, words],
  );
  return (
    <Table
      label="Sessions"
      rows={rows}
      columns={columns}
      rowKey={sessionKey}
      order={{ by: 'initiator', down: false }}
      empty={sessions.length === 0 ? <NoSessions /> : <p>No session has all of these words.</p>}
    />
  );
};

const NoSessions = (): React.JSX.Element => {
  const topology = useTopology();
  const address = topology === undefined ? undefined : entrances(topology)[0];
  return (
    <>
      <p>No initiator is logged in yet.</p>
      {address === undefined ? (
        <p className="muted">The terminal in which the fabric runs says where its arrays listen.</p>
      ) : (
        <p className="muted">
          One on this machine gets in at <code>{address}</code>: <code>iscsi-ls -s iscsi://{address}</code>
        </p>
      )}
    </>
  );
};
