/** What is to be known of the link that is pointed at, in focus or selected: both rates, and what is wrong with it. It hides no card. */
import { useStore } from '@xyflow/react';
import type { LinkState, TopologyLink } from '../../../src/server/page.ts';
import { useLink } from '../live/index.ts';
import { notePlace, onScreen } from './fit.ts';
import { faultsOf, lookOf, percent, rateWords, speedWords } from './looks.ts';
import { useOfMap } from './map-store.ts';
import type { Point } from './plane.ts';
import type { Layout } from './use-layout.ts';

const WIDTH = 264;
const LINE_HEIGHT = 20;
/** Its name, a rate each way, its state; then what is wrong. */
const LINES = 5;

export const LinkTip = ({ layout }: { readonly layout: Layout }): React.JSX.Element | null => {
  const pointed = useOfMap(({ hovered, active }) => {
    if (hovered !== undefined) return hovered.kind === 'link' ? hovered.index : -1;
    const isFocused = document.activeElement?.matches('[data-map-link]:focus-visible') === true;
    return isFocused && active?.kind === 'link' ? active.index : undefined;
  });
  const selected = useOfMap((store) => (store.selected?.kind === 'link' ? store.selected.index : undefined));
  const index = pointed ?? selected;
  const run = index === undefined ? undefined : layout.wiring.runs[index];
  const at = index === undefined ? undefined : layout.labelAt(index);
  return run === undefined || at === undefined ? null : (
    <Tip index={run.joint.index} link={run.joint.link} at={at} layout={layout} isPointed={pointed !== undefined} />
  );
};

interface TipProps {
  readonly index: number;
  readonly link: TopologyLink;
  readonly at: Point;
  readonly layout: Layout;
  /** And not only selected: then the panel tells the same. */
  readonly isPointed: boolean;
}

const Tip = ({ index, link, at, layout, isPointed }: TipProps): React.JSX.Element | null => {
  const state = useLink(index);
  const [x, y, zoom] = useStore((store) => store.transform);
  const [width, height] = [useStore((store) => store.width), useStore((store) => store.height)];
  const wrong = state === undefined ? 0 : Number(faultsOf(state.faults).length > 0) + Number(lookOf(state).isDropping);
  const size = { width: WIDTH, height: LINE_HEIGHT * (LINES + wrong) };
  const view = { x, y, zoom };
  const cards = [...layout.places.values()].map((box) => onScreen(box, view));
  const point = { x: at.x * zoom + x, y: at.y * zoom + y };
  const place = notePlace(point, size, { width, height }, cards) ?? (isPointed ? notePlace(point, size, { width, height }, []) : undefined);
  if (place === undefined) return null;
  return (
    <div
      className="topology-tip"
      role="tooltip"
      style={{
        width: WIDTH,
        transform: `translate(${place.x}px, ${place.y}px)`,
      }}
    >
      <strong>{link.id}</strong>
      {state === undefined ? <span>{KINDS[link.kind]}</span> : <Rates link={link} state={state} />}
    </div>
  );
};

const KINDS = {
  link: 'nothing known yet',
  attachment: 'plugged in from outside: not measured',
  publication: 'a service on a socket of this machine: not measured',
} as const;

const Rates = ({ link, state }: { readonly link: TopologyLink; readonly state: LinkState }): React.JSX.Element => {
  const look = lookOf(state);
  const drops = state.ends[0].dropsPerSecond + state.ends[1].dropsPerSecond;
  const faults = faultsOf(state.faults);
  return (
    <>
      {([0, 1] as const).map((end) => (
        <span key={end} className="topology-rate">
          <span>{`${link.ends[end].node} → ${link.ends[1 - end]!.node}`}</span>
          <span>{`${rateWords(state.ends[end].bitsPerSecond)}  ${percent(state.ends[end].load)}`}</span>
        </span>
      ))}
      <span className="topology-rate">
        <span>{look.isCut ? '✕ cut' : 'up'}</span>
        <span>
          {[speedWords(link.rateBitsPerSecond), delayWords(state.delayNanos), `MTU ${link.mtuBytes}`]
            .filter((word) => word !== '')
            .join(' · ')}
        </span>
      </span>
      {faults.length === 0 ? null : <span className="topology-wrong">{`faults set: ${faults.join(', ')}`}</span>}
      {drops === 0 ? null : <span className="topology-wrong">{`${Math.ceil(drops)} frames dropped a second`}</span>}
    </>
  );
};

function delayWords(nanos: number): string {
  if (nanos >= 1e6) return `${Number((nanos / 1e6).toPrecision(3))} ms`;
  return nanos >= 1000 ? `${Number((nanos / 1000).toPrecision(3))} µs` : `${Math.round(nanos)} ns`;
}
