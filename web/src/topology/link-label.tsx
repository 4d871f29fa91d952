/** The label of a link: its rate, or what is wrong with it. It is also the link's button, for keys, fingers and screen readers. */
import { memo, useLayoutEffect, useRef } from 'react';
import type { TopologyLink } from '../../../src/server/page.ts';
import { useLink } from '../live/index.ts';
import { Mark } from './icons.tsx';
import { faultsOf, linkWords, lookOf, rateWords, speedWords } from './looks.ts';
import { ACTIVE, SELECTED, useFlags, useMapStore } from './map-store.ts';
import type { Point } from './plane.ts';
import { pointAlong, type Run } from './run.ts';

const LABELS = { link: 'link', attachment: 'attached', publication: 'published' } as const;

interface LabelProps {
  readonly index: number;
  readonly link: TopologyLink;
  readonly run: Run;
  readonly at: Point;
}

export const LinkLabel = memo(({ index, link, run, at }: LabelProps): React.JSX.Element => {
  const state = useLink(index);
  const store = useMapStore();
  const flags = useFlags({ kind: 'link', index });
  const button = useRef<HTMLButtonElement>(null);
  const isActive = (flags & ACTIVE) !== 0;
  useLayoutEffect(() => {
    if (isActive && store.wantsFocus) {
      store.wantsFocus = false;
      button.current?.focus({ preventScroll: true });
    }
  }, [isActive, store]);
  const look = lookOf(state);
  const angle = pointAlong(run.points, 0.5).angle + (look.heavier === 1 ? Math.PI : 0);
  const faults = state === undefined ? [] : faultsOf(state.faults);
  const most = state === undefined ? 0 : Math.max(state.ends[0].bitsPerSecond, state.ends[1].bitsPerSecond);
  return (
    <button
      ref={button}
      type="button"
      className="topology-label"
      data-map-link={index}
      data-level={look.level}
      data-cut={look.isCut || undefined}
      data-hurt={look.isFaulty || look.isDropping || undefined}
      aria-label={linkWords(link, state)}
      aria-pressed={(flags & SELECTED) !== 0}
      tabIndex={isActive ? 0 : -1}
      style={{ transform: `translate(${at.x}px, ${at.y}px) translate(-50%, -50%)` }}
    >
      {look.isCut ? (
        <>
          <Mark mark="cut" /> cut
        </>
      ) : look.level > 0 ? (
        <>
          {look.heavier === undefined ? null : <Mark mark="flow" angle={angle} />} {rateWords(most)}
        </>
      ) : (
        <span className="topology-speed">{speedWords(link.rateBitsPerSecond) || LABELS[link.kind]}</span>
      )}
      {look.isFaulty ? (
        <span className="topology-badge" data-badge="faulty" title={faults.join(', ')}>
          <Mark mark="faulty" />
        </span>
      ) : null}
      {look.isDropping ? (
        <span className="topology-badge" data-badge="dropping" title="drops frames">
          <Mark mark="dropping" />
        </span>
      ) : null}
    </button>
  );
});
