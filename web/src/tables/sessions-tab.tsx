/** Sessions at arrays, and paths of hosts: each a table to sort and search. */
import { useState } from 'react';
import { useHosts, useSessions } from '../live/index.ts';
import type { Select } from '../shell/selection.ts';
import { some } from '../ui/format.ts';
import { PathsTable } from './paths-table.tsx';
import { SessionsTable } from './sessions-table.tsx';

export const SessionsTab = ({ onSelect }: { readonly onSelect: Select }): React.JSX.Element => {
  const [kind, setKind] = useState<'sessions' | 'paths'>('sessions');
  const [words, setWords] = useState('');
  const sessions = useSessions();
  const hosts = useHosts();
  const paths = hosts.reduce((sum, { devices }) => sum + devices.reduce((count, device) => count + device.paths.length, 0), 0);
  return (
    <div className="tab-pane">
      <div className="toolbar">
        <fieldset className="choice">
          <legend className="unseen">What is shown</legend>
          {(['sessions', 'paths'] as const).map((one) => (
            <label key={one} className={kind === one ? 'chosen' : undefined}>
              <input type="radio" name="sessions-or-paths" checked={kind === one} onChange={() => setKind(one)} />
              {one === 'sessions' ? some(sessions.length, 'session') : some(paths, 'path')}
            </label>
          ))}
        </fieldset>
        <input
          type="search"
          className="grow"
          aria-label={`Filter ${kind}`}
          placeholder={`Filter ${kind}`}
          maxLength={200}
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      </div>
      {kind === 'sessions' ? <SessionsTable words={words} onSelect={onSelect} /> : <PathsTable words={words} onSelect={onSelect} />}
    </div>
  );
};
