/** The canvas of the links, below the cards. Painted when the view moves, when rates change, and when something else is selected or pointed at. */
import { useStore, useStoreApi } from '@xyflow/react';
import { memo, useEffect, useMemo, useRef } from 'react';
import type { LinkState } from '../../../src/server/page.ts';
import { useLinks } from '../live/index.ts';
import { type Look, lookOf } from './looks.ts';
import { isFarAt } from './detail.ts';
import { useMapStore, type MapStore } from './map-store.ts';
import { type Palette, paintLinks } from './paint-links.ts';
import { usePalette } from './palette.ts';
import type { Layout } from './use-layout.ts';

export const LinkCanvas = memo(({ layout }: { readonly layout: Layout }): React.JSX.Element => {
  const canvas = useRef<HTMLCanvasElement>(null);
  const states = useLinks();
  const palette = usePalette();
  const width = useStore((state) => state.width);
  const height = useStore((state) => state.height);
  const flow = useStoreApi();
  const map = useMapStore();
  const looks = useLooks(states);
  const isVirtual = useMemo(() => layout.graph.topology.links.map(({ kind }) => kind !== 'link'), [layout]);

  const paint = useRef<() => void>(undefined);
  paint.current = () => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (element === null || context === null || context === undefined) return;
    const pixelRatio = devicePixelRatio || 1;
    const [x, y, zoom] = flow.getState().transform;
    paintLinks(
      context,
      {
        runs: layout.wiring.runs,
        bundles: layout.bundles,
        looks,
        isVirtual,
        ...chosen(map, layout),
        isFar: isFarAt(zoom),
        isDense: layout.density === 'dense',
      },
      { x, y, zoom, width, height, pixelRatio },
      palette,
    );
  };

  const frame = useRef(0);
  const schedule = useRef(() => {
    if (frame.current !== 0) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      paint.current?.();
    });
  });
  useEffect(() => {
    const stops = [
      flow.subscribe((state, before) => {
        if (state.transform !== before.transform) schedule.current();
      }),
      map.topics.listen('any', schedule.current),
    ];
    return () => {
      for (const stop of stops) stop();
      cancelAnimationFrame(frame.current);
      frame.current = 0;
    };
  }, [flow, map]);
  useEffect(() => schedule.current(), [layout, looks, palette, width, height]);

  const ratio = typeof devicePixelRatio === 'number' ? devicePixelRatio : 1;
  return (
    <canvas
      ref={canvas}
      className="topology-links"
      width={Math.round(width * ratio)}
      height={Math.round(height * ratio)}
      style={{ width, height }}
      aria-hidden="true"
    />
  );
});

/** Only links that changed are looked at again. */
function useLooks(states: readonly (LinkState | undefined)[]): readonly Look[] {
  const known = useRef(new WeakMap<LinkState, Look>());
  return useMemo(
    () =>
      Array.from(states, (state) => {
        if (state === undefined) return lookOf(undefined);
        const found = known.current.get(state) ?? lookOf(state);
        known.current.set(state, found);
        return found;
      }),
    [states],
  );
}

function chosen({ selected, hovered, active, wantsFocus }: MapStore, layout: Layout) {
  const focused = wantsFocus || document.activeElement?.closest('.topology') !== null ? active : undefined;
  const emphasis = hovered ?? selected;
  const node = emphasis?.kind === 'node' ? emphasis.id : undefined;
  return {
    emphasised: node === undefined ? undefined : new Set((layout.graph.jointsOf.get(node) ?? []).map(({ index }) => index)),
    selected: selected?.kind === 'link' ? selected.index : undefined,
    pointed: hovered?.kind === 'link' ? hovered.index : focused?.kind === 'link' ? focused.index : undefined,
  };
}

export type { Palette };
