/** The page's head: which fabric, since when, how it is on the whole, and whether what is shown is what is. */
import { useEffect, useState } from 'react';
import { askForAccess } from '../actions/access.tsx';
import { type Connection, useConnection, useLatest, useTopology } from '../live/index.ts';
import { durationText } from '../ui/format.ts';
import { Icon } from '../ui/icons.tsx';
import { ToneMark } from '../ui/tone.tsx';
import { Figures } from './figures.tsx';
import { setTheme, type Theme, THEMES, useTheme } from './theme.ts';

export const Header = (): React.JSX.Element => {
  const topology = useTopology();
  const latest = useLatest();
  const name = topology?.fabric;
  useEffect(() => {
    document.title = name === undefined ? 'Samewire' : `${name} - Samewire`;
  }, [name]);
  return (
    <header className="head">
      <img src="/icon.svg" alt="" width="26" height="26" />
      <div className="head-name">
        <h1>
          <span className="unseen">Samewire: </span>
          {name ?? 'Samewire'}
        </h1>
        <p>{latest === undefined ? 'waiting for the fabric' : `up ${durationText(latest.upMilliseconds)}`}</p>
      </div>
      <Figures />
      <div className="head-tools">
        <ConnectionState />
        <Access />
        <ThemeChoice />
      </div>
    </header>
  );
};

const ConnectionState = (): React.JSX.Element => {
  const connection = useConnection();
  const seconds = useSecondsUntil(connection.phase === 'waiting' ? connection.at : undefined);
  return (
    <p className="connection" role="status">
      <ToneMark tone={connection.phase === 'open' ? 'good' : connection.phase === 'connecting' ? 'busy' : 'bad'} />
      <span>{connectionWords(connection)}</span>
      {seconds !== undefined && (
        <span className="connection-more" aria-hidden="true">
          again in {seconds} s
        </span>
      )}
    </p>
  );
};

function connectionWords(connection: Connection): string {
  if (connection.phase === 'open') return 'Live';
  if (connection.phase === 'connecting') return 'Connecting';
  if (connection.phase === 'refused') return 'Token needed';
  return connection.why === 'stopped' ? 'Fabric stopped' : 'Connection lost';
}

function useSecondsUntil(at: number | undefined): number | undefined {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (at === undefined) return undefined;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [at]);
  return at === undefined ? undefined : Math.max(0, Math.ceil((at - now) / 1000));
}

const Access = (): React.JSX.Element | null => {
  const connection = useConnection();
  if (connection.phase !== 'open' && connection.phase !== 'refused') return null;
  return (
    <button type="button" className="access" onClick={() => askForAccess()}>
      <Icon name="key" />
      <span className="access-words">{connection.phase === 'refused' ? 'Give token' : connection.mayAct ? 'May act' : 'Only looks'}</span>
    </button>
  );
};

const THEME_NAMES: Readonly<Record<Theme, string>> = { auto: 'as the system has it', light: 'light', dark: 'dark' };

const ThemeChoice = (): React.JSX.Element => {
  const theme = useTheme();
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={`Colours: ${THEME_NAMES[theme]}. Change to ${THEME_NAMES[next]}`}
      title={`Colours: ${THEME_NAMES[theme]}`}
      onClick={() => setTheme(next)}
    >
      <Icon name={theme} />
    </button>
  );
};
