/** The canvas of the links, below the cards. Painted when the view moves, when rates change, and when something else is selected or pointed at. */
import { useStore, useStoreApi } from '@xyflow/react';
import { memo, useEffect, useMemo, useRef } from 'react';
import type { LinkState } from '../../../src/server/page.ts';
import { useLinks } from '../live/index.ts';
import { type Look, lookOf, PLAIN } from './looks.ts';
import { isFarAt } from './detail.ts';
import { useMapStore, type MapStore } from './map-store.ts';
import { paintLinks } from './paint-links.ts';
import { usePalette } from './palette.ts';
import type { Layout } from './use-layout.ts';

const MOVED_MILLISECONDS = 150;

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
  const painted = useRef({ x: 0, y: 0, zoom: 1, at: 0 });
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
    element.style.transform = '';
    painted.current = { x, y, zoom, at: performance.now() };
  };

  const isDense = useRef(false);
  isDense.current = layout.density === 'dense';
  const schedule = useMemo(() => {
    let frame = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = (): void => {
      clearTimeout(timer);
      timer = undefined;
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        paint.current?.();
      });
    };
    return {
      soon,
      /** While thousands of links are moved, what was painted is moved along, and painted anew a few times a second. */
      moved([x, y, zoom]: readonly [number, number, number]): void {
        const before = painted.current;
        if (!isDense.current || performance.now() - before.at > MOVED_MILLISECONDS) {
          soon();
          return;
        }
        const scale = zoom / before.zoom;
        if (canvas.current !== null)
          canvas.current.style.transform = `translate(${x - before.x * scale}px, ${y - before.y * scale}px) scale(${scale})`;
        timer ??= setTimeout(soon, MOVED_MILLISECONDS);
      },
      stop(): void {
        cancelAnimationFrame(frame);
        clearTimeout(timer);
        frame = 0;
        timer = undefined;
      },
    };
  }, []);
  useEffect(() => {
    const stops = [
      flow.subscribe((state, before) => {
        if (state.transform !== before.transform) schedule.moved(state.transform);
      }),
      map.topics.listen('any', schedule.soon),
      schedule.stop,
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [flow, map, schedule]);
  useEffect(() => schedule.soon(), [schedule, layout, looks, palette, width, height]);

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
  const known = useRef<{ readonly states: readonly (LinkState | undefined)[]; readonly looks: readonly Look[] }>({ states: [], looks: [] });
  return useMemo(() => {
    const { states: before, looks } = known.current;
    const now = Array.from(states, (state, index) => (state === before[index] ? (looks[index] ?? PLAIN) : lookOf(state)));
    known.current = { states, looks: now };
    return now;
  }, [states]);
}

function chosen({ selected, hovered, active, wantsFocus }: MapStore, layout: Layout) {
  const focused = wantsFocus || document.activeElement?.closest('.topology') !== null ? active : undefined;
  // What is pointed at does not take the light from what is selected.
  const emphasis = selected?.kind === 'node' ? selected : hovered;
  const node = emphasis?.kind === 'node' ? emphasis.id : undefined;
  // Of thousands, one that is selected is not found unless the others step back.
  const isOneOfMany = layout.density === 'dense' && selected?.kind === 'link';
  const emphasised =
    node !== undefined ? layout.graph.jointsOf.get(node)?.map(({ index }) => index) : isOneOfMany ? [selected.index] : undefined;
  return {
    emphasised: emphasised === undefined ? undefined : new Set(emphasised),
    selected: selected?.kind === 'link' ? selected.index : undefined,
    pointed: hovered?.kind === 'link' ? hovered.index : focused?.kind === 'link' ? focused.index : undefined,
  };
}
