/** The page as a whole. */
import { useCallback, useState } from 'react';
import { AccessDialog } from './actions/access.tsx';
import { Panel } from './panel/panel.tsx';
import { BottomBar } from './shell/bottom-bar.tsx';
import { Dock } from './shell/dock.tsx';
import { Header } from './shell/header.tsx';
import { MapPane } from './shell/map-pane.tsx';
import type { Selection } from './shell/selection.ts';
import { isTab, type Tab, type View } from './shell/views.ts';
import { Toasts } from './ui/toasts.tsx';
import { NARROW, useMedia } from './ui/use-media.ts';

export const App = (): React.JSX.Element => {
  const [selected, setSelected] = useState<Selection | undefined>();
  /** Where one thing is shown at a time: which. */
  const [view, setView] = useState<View>('map');
  const [tab, setTab] = useState<Tab>('charts');
  const isNarrow = useMedia(NARROW);
  const show = useCallback((wanted: View) => {
    setView(wanted);
    if (isTab(wanted)) setTab(wanted);
  }, []);
  /** From a list, and not from the map: what is selected is meant to be seen. */
  const selectAndShow = useCallback((selection: Selection | undefined) => {
    setSelected(selection);
    setView('details');
  }, []);
  return (
    <>
      <a className="skip" href="#details" onClick={() => setView('details')}>
        Skip the map
      </a>
      <div className="page" data-view={view}>
        <Header />
        <main className="main">
          <MapPane
            isAway={isNarrow && view !== 'map'}
            selected={selected}
            onSelect={setSelected}
            onDetails={isNarrow ? () => show('details') : undefined}
          />
          <Dock tab={tab} onTab={show} selected={selected} onSelect={isNarrow ? selectAndShow : setSelected} />
        </main>
        <Panel selected={selected} onSelect={setSelected} takesFocus={isNarrow && view === 'details'} />
        <BottomBar view={view} onView={show} />
      </div>
      <Toasts />
      <AccessDialog />
    </>
  );
};
