/** The fabric, drawn: its nodes as cards, its links coloured by load. */
import '@xyflow/react/dist/base.css';
import './topology.css';
import './links.css';
import './overlays.css';
import { ReactFlow, ReactFlowProvider, useReactFlow, useStore } from '@xyflow/react';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Topology } from '../../../src/server/page.ts';
import { isFarAt, zoomStep } from './detail.ts';
import { fitted, NARROW, type View, wouldLegendCover } from './fit.ts';
import { Legend } from './legend.tsx';
import { LinkCanvas } from './link-canvas.tsx';
import { LinkLabels } from './link-labels.tsx';
import { LinkTip } from './link-tip.tsx';
import { MapContext, MapStore, useMapStore } from './map-store.ts';
import { type CardNode, NodeCard } from './node-card.tsx';
import { centre, nearest } from './plane.ts';
import { Search } from './search.tsx';
import { isSame, type Selection } from './selection.ts';
import type { Step } from './steps.ts';
import { type Layout, useLayout } from './use-layout.ts';

export type { Selection } from './selection.ts';

interface TopologyViewProps {
  readonly topology: Topology;
  readonly selected: Selection | undefined;
  readonly onSelect: (selection: Selection | undefined) => void;
}

export const TopologyView = (props: TopologyViewProps): React.JSX.Element => {
  const [store] = useState(() => new MapStore());
  return (
    <MapContext value={store}>
      <ReactFlowProvider>
        <TopologyMap {...props} />
      </ReactFlowProvider>
    </MapContext>
  );
};

const NODE_TYPES = { card: NodeCard };
const NO_EDGES: never[] = [];
const HIDDEN = { hideAttribution: true };
const KEYS: Readonly<Record<string, Step>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
  Home: 'first',
  End: 'last',
};
/** Fewer cards are there whether they are in view or not: making hundreds anew while the map moves takes longer than a frame, and having them costs little. */
const CULL_FROM = 1500;
/** Tab would lead out of view. */
const TAB_STOP_FROM = 150;
const REST_MILLISECONDS = 140;
/** Of a finger or a pointer, in pixels of the screen. */
const REACH = 9;

const TopologyMap = ({ topology, selected, onSelect }: TopologyViewProps): React.JSX.Element => {
  const store = useMapStore();
  const flow = useReactFlow();
  const [width, height] = [useStore((state) => state.width), useStore((state) => state.height)];
  const layout = useLayout(topology, width, height);
  const nodes = useMemo(() => (layout === undefined ? [] : flowNodes(layout)), [layout]);
  const fit = useFit(layout, width, height);
  const isLegendInTheWay = useMemo(
    () =>
      layout === undefined ||
      layout.density === 'dense' ||
      wouldLegendCover([...layout.places.values()], viewOf(layout, width, height), { width, height }),
    [layout, width, height],
  );
  useEffect(() => store.set({ selected }), [store, selected]);
  useEffect(() => {
    if (layout !== undefined && !isThere(layout, store.active)) store.set({ active: layout.steps.first, hovered: undefined });
  }, [store, layout]);

  const select = useCallback(
    (selection: Selection | undefined) => {
      if (selection !== undefined) store.set({ active: selection });
      onSelect(selection);
    },
    [store, onSelect],
  );
  const show = useCallback(
    (selection: Selection, isCentred: boolean) => {
      if (layout === undefined) return;
      const at = placeOf(layout, selection);
      if (at === undefined) return;
      const { x, y, zoom } = flow.getViewport();
      const [left, top] = [at.x * zoom + x, at.y * zoom + y];
      const isInView = left > 60 && top > 40 && left < width - 60 && top < height - 40;
      if (!isCentred && isInView) return;
      fit.hold();
      void flow.setCenter(at.x, at.y, isCentred ? { zoom: Math.max(zoom, 0.9), duration: smoothly(250) } : { zoom, duration: 0 });
    },
    [layout, flow, fit, width, height],
  );

  const pressKey = (event: React.KeyboardEvent): void => {
    const at = selectionOf(event.target);
    if (layout === undefined || at === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    const step = KEYS[event.key];
    if (event.key === 'Escape' && selected !== undefined) select(undefined);
    else if (step === undefined) return;
    else {
      const next = layout.steps.next(at, step, store.cameFrom);
      if (next !== undefined) {
        show(next, false);
        const cameFrom = next.kind === 'link' && at.kind === 'node' ? at.id : next.kind === 'link' ? store.cameFrom : undefined;
        store.set({ active: next, cameFrom, wantsFocus: true });
      }
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const linkUnder = (event: React.MouseEvent): Selection | undefined => {
    if (layout === undefined) return undefined;
    const point = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const index = layout.hitTest().linkAt(point, REACH / flow.getZoom());
    return index === undefined ? undefined : { kind: 'link', index };
  };
  /** Of many cards one in view is where Tab leads to. */
  const keepTabStop = (): void => {
    if (layout === undefined || nodes.length < TAB_STOP_FROM || selectionOf(document.activeElement) !== undefined) return;
    const { x, y, zoom } = flow.getViewport();
    const middle = { x: (width / 2 - x) / zoom, y: (height / 2 - y) / zoom };
    const at = store.active === undefined ? undefined : placeOf(layout, store.active);
    if (at !== undefined && Math.abs(at.x - middle.x) * zoom < width / 2 && Math.abs(at.y - middle.y) * zoom < height / 2) return;
    const id = nearest(layout.places, middle);
    if (id !== undefined) store.set({ active: { kind: 'node', id } });
  };
  const zoomBy = (factor: number): void => {
    fit.hold();
    void flow.zoomTo(flow.getZoom() * factor, { duration: smoothly(150) });
  };
  const hover = (hovered: Selection | undefined): void => {
    if (!isSame(hovered, store.hovered)) store.set({ hovered });
  };
  return (
    <section
      className="topology"
      aria-label="Map of the fabric"
      data-density={layout?.density}
      onKeyDown={pressKey}
      onClick={(event) => {
        const clicked = selectionOf(event.target);
        if (clicked !== undefined) select(clicked);
      }}
      onPointerOver={(event) => {
        if (event.pointerType === 'mouse') hover(selectionOf(event.target));
      }}
      onPointerLeave={() => hover(undefined)}
      onFocus={(event) => {
        const focused = selectionOf(event.target);
        if (focused !== undefined) store.set({ active: focused });
      }}
      onBlur={() => store.set({})}
    >
      <Search
        topology={topology}
        onChoose={(id) => {
          const node: Selection = { kind: 'node', id };
          show(node, true);
          store.set({ active: node });
          onSelect(node);
        }}
      />
      <ReactFlow
        nodes={nodes}
        edges={NO_EDGES}
        nodeTypes={NODE_TYPES}
        aria-label="Map: arrow keys move along links and rows, Enter selects"
        minZoom={0.03}
        maxZoom={2.5}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        onlyRenderVisibleElements={nodes.length >= CULL_FROM}
        disableKeyboardA11y
        zoomOnDoubleClick={false}
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        panActivationKeyCode={null}
        zoomActivationKeyCode={null}
        proOptions={HIDDEN}
        onMoveStart={(event) => {
          if (event !== null) fit.hold();
        }}
        onMoveEnd={keepTabStop}
        onPaneClick={(event) => select(linkUnder(event))}
        onPaneMouseMove={(event) => {
          // Not while the map is dragged.
          if (event.buttons === 0) hover(linkUnder(event));
        }}
        onPaneMouseLeave={() => hover(undefined)}
      >
        {layout === undefined ? null : (
          <>
            <LinkCanvas layout={layout} />
            <LinkLabels layout={layout} />
            <LinkTip layout={layout} />
          </>
        )}
        <ZoomDetail />
      </ReactFlow>
      {layout === undefined ? null : <Legend isFolded={width < NARROW || isLegendInTheWay} />}
      <div className="topology-zoom" role="group" aria-label="Zoom">
        <ZoomButton words="Zoom in" path="M8 3v10M3 8h10" onPress={() => zoomBy(1.3)} />
        <ZoomButton words="Zoom out" path="M3 8h10" onPress={() => zoomBy(1 / 1.3)} />
        <ZoomButton
          words="Fit the whole map"
          path="M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10"
          onPress={() => fit.now(smoothly(200))}
        />
      </div>
    </section>
  );
};

const smoothly = (milliseconds: number): number => (matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : milliseconds);

const ZoomButton = ({
  words,
  path,
  onPress,
}: {
  readonly words: string;
  readonly path: string;
  readonly onPress: () => void;
}): React.JSX.Element => (
  <button type="button" aria-label={words} title={words} onClick={onPress}>
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <path d={path} />
    </svg>
  </button>
);

/** Tells the style sheet how much can be read. */
const ZoomDetail = (): null => {
  const isFar = useStore((state) => isFarAt(state.transform[2]));
  const step = useStore((state) => zoomStep(state.transform[2]));
  const pane = useStore((state) => state.domNode);
  useLayoutEffect(() => {
    pane?.closest('.topology')?.setAttribute('data-detail', isFar ? 'far' : 'near');
  }, [pane, isFar]);
  useLayoutEffect(() => {
    const style = pane?.closest<HTMLElement>('.topology')?.style;
    // Close up nothing is drawn against the zoom.
    const value = isFar ? `${step}` : '1';
    const set = (): void => style?.setProperty('--zoom', value);
    if (style?.getPropertyValue('--zoom') === '') set();
    // All cards are laid out anew by it: once, when the zoom has come to rest.
    const timer = setTimeout(set, REST_MILLISECONDS);
    return () => clearTimeout(timer);
  }, [pane, isFar, step]);
  return null;
};

function flowNodes({ graph, cards, places, wiring, density }: Layout): CardNode[] {
  return [...places].map(([id, { x, y, width, height }]) => ({
    id,
    type: 'card',
    position: { x, y },
    width,
    height,
    // The library would call every card a node of a flow; ours have a name of their own.
    domAttributes: { 'aria-roledescription': undefined },
    data: { node: graph.nodes.get(id)!, card: cards.get(id)!, density, tabs: wiring.tabs.get(id) ?? [] },
  }));
}

function selectionOf(target: EventTarget | null): Selection | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>('[data-map-node],[data-map-link]') : null;
  const { mapNode, mapLink } = element?.dataset ?? {};
  if (mapNode !== undefined) return { kind: 'node', id: mapNode };
  return mapLink === undefined ? undefined : { kind: 'link', index: Number(mapLink) };
}

function placeOf(layout: Layout, selection: Selection): { readonly x: number; readonly y: number } | undefined {
  if (selection.kind === 'link') return layout.labelAt(selection.index);
  const place = layout.places.get(selection.id);
  return place === undefined ? undefined : centre(place);
}

const isThere = (layout: Layout, selection: Selection | undefined): boolean =>
  selection !== undefined && placeOf(layout, selection) !== undefined;

function viewOf({ places, wiring, density }: Layout, width: number, height: number): View {
  // Of hundreds, what links need beyond their cards is little, and of lanes beside stacks.
  const lines = density === 'dense' ? [] : wiring.runs.flatMap((run) => (run === undefined ? [] : [run.bounds]));
  return fitted([...places.values()], lines, { width, height });
}

interface Fit {
  now(duration: number): void;
  /** From now on the view is the reader's own. */
  hold(): void;
}

/** Shows the whole map at first, and again whenever it changes, until somebody moves it. */
function useFit(layout: Layout | undefined, width: number, height: number): Fit {
  const flow = useReactFlow();
  const isHeld = useRef(false);
  const latest = useRef({ layout, width, height });
  latest.current = { layout, width, height };
  const fit = useMemo(
    (): Fit => ({
      now(duration) {
        isHeld.current = false;
        const { layout, width, height } = latest.current;
        if (layout === undefined || width === 0) return;
        void flow.setViewport(viewOf(layout, width, height), { duration });
      },
      hold() {
        isHeld.current = true;
      },
    }),
    [flow],
  );
  const topology = layout?.graph.topology;
  useLayoutEffect(() => {
    isHeld.current = false;
  }, [topology]);
  useLayoutEffect(() => {
    if (!isHeld.current) fit.now(0);
  }, [fit, layout, width, height]);
  return fit;
}
