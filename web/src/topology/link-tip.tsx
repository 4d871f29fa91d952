/** What is to be known of the link that is pointed at, in focus or selected: both rates, and what is wrong with it. */
import { useStore } from '@xyflow/react';
import type { LinkState, TopologyLink } from '../../../src/server/page.ts';
import { useLink } from '../live/index.ts';
import { faultsOf, lookOf, percent, rateWords, speedWords } from './looks.ts';
import { useOfMap } from './map-store.ts';
import type { Layout } from './use-layout.ts';

const WIDTH = 264;

export const LinkTip = ({ layout }: { readonly layout: Layout }): React.JSX.Element | null => {
  const index = useOfMap(({ hovered, selected, active }) => {
    if (hovered !== undefined) return hovered.kind === 'link' ? hovered.index : undefined;
    const isFocused = document.activeElement?.hasAttribute('data-map-link') === true;
    if (isFocused && active?.kind === 'link') return active.index;
    return selected?.kind === 'link' ? selected.index : undefined;
  });
  const run = index === undefined ? undefined : layout.wiring.runs[index];
  const at = index === undefined ? undefined : layout.labelAt(index);
  return run === undefined || at === undefined ? null : <Tip index={run.joint.index} link={run.joint.link} x={at.x} y={at.y} />;
};

const Tip = ({
  index,
  link,
  x,
  y,
}: {
  readonly index: number;
  readonly link: TopologyLink;
  readonly x: number;
  readonly y: number;
}): React.JSX.Element => {
  const state = useLink(index);
  const [left, top, zoom] = useStore((store) => store.transform);
  const [paneWidth, paneHeight] = [useStore((store) => store.width), useStore((store) => store.height)];
  const isBelow = y * zoom + top < paneHeight / 2;
  const centre = Math.max(WIDTH / 2 + 8, Math.min(paneWidth - WIDTH / 2 - 8, x * zoom + left));
  return (
    <div
      className="topology-tip"
      role="tooltip"
      style={{
        width: WIDTH,
        transform: `translate(${centre}px, ${y * zoom + top + (isBelow ? 18 : -18)}px) translate(-50%, ${isBelow ? '0' : '-100%'})`,
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
