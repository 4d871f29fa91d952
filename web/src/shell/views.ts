/** What the page can show: all of it at once where there is room, one at a time where there is not. */
import type { IconName } from '../ui/icons.tsx';

export const TABS = ['charts', 'sessions', 'events', 'checks'] as const;
export type Tab = (typeof TABS)[number];

export const VIEWS = ['map', 'details', ...TABS] as const satisfies readonly IconName[];
export type View = (typeof VIEWS)[number];

export const isTab = (view: View): view is Tab => (TABS as readonly View[]).includes(view);

export const VIEW_NAMES: Readonly<Record<View, string>> = {
  map: 'Map',
  details: 'Details',
  charts: 'Charts',
  sessions: 'Sessions & paths',
  events: 'Events',
  checks: 'Checks',
};

/** Where there is little room. */
export const SHORT_NAMES: Readonly<Record<View, string>> = { ...VIEW_NAMES, sessions: 'Sessions' };
