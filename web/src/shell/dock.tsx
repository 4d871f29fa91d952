/** Below the map: charts, sessions and paths, events, checks; one of them at a time. */
import { lazy, type ReactNode, Suspense } from 'react';
import { ChecksTab } from '../checks/checks-tab.tsx';
import { EventsTab } from '../events/events-tab.tsx';
import { SessionsTab } from '../tables/sessions-tab.tsx';
import type { Select, Selection } from './selection.ts';
import { type Tab, TABS, VIEW_NAMES } from './views.ts';

// With what draws them, which nobody needs for the first look.
const ChartsTab = lazy(async () => ({ default: (await import('../charts/charts-tab.tsx')).ChartsTab }));

export interface DockProps {
  readonly tab: Tab;
  readonly onTab: (tab: Tab) => void;
  readonly selected: Selection | undefined;
  readonly onSelect: Select;
}

export const Dock = ({ tab, onTab, selected, onSelect }: DockProps): React.JSX.Element => (
  <section className="dock" aria-label="Charts and lists">
    <div className="tabs" role="tablist" aria-label="Charts and lists">
      {TABS.map((one) => (
        <button
          key={one}
          type="button"
          role="tab"
          id={`tab-${one}`}
          aria-selected={one === tab}
          aria-controls="dock-body"
          tabIndex={one === tab ? 0 : -1}
          onClick={() => onTab(one)}
          onKeyDown={(event) => {
            const wanted = neighbour(tab, event.key);
            if (wanted === undefined) return;
            event.preventDefault();
            onTab(wanted);
            document.getElementById(`tab-${wanted}`)?.focus();
          }}
        >
          {VIEW_NAMES[one]}
        </button>
      ))}
    </div>
    <div className="dock-body" id="dock-body" role="tabpanel" aria-labelledby={`tab-${tab}`}>
      <h2 className="unseen">{VIEW_NAMES[tab]}</h2>
      <Suspense fallback={<p className="empty">Loading…</p>}>{contentOf(tab, selected, onSelect)}</Suspense>
    </div>
  </section>
);

function contentOf(tab: Tab, selected: Selection | undefined, onSelect: Select): ReactNode {
  if (tab === 'charts') return <ChartsTab selected={selected} />;
  if (tab === 'sessions') return <SessionsTab onSelect={onSelect} />;
  return tab === 'events' ? <EventsTab /> : <ChecksTab />;
}

/** As tabs are gone through by keyboard (ARIA Authoring Practices: tabs). */
function neighbour(tab: Tab, key: string): Tab | undefined {
  const at = TABS.indexOf(tab);
  if (key === 'ArrowRight') return TABS[(at + 1) % TABS.length];
  if (key === 'ArrowLeft') return TABS[(at + TABS.length - 1) % TABS.length];
  if (key === 'Home') return TABS[0];
  return key === 'End' ? TABS.at(-1) : undefined;
}
