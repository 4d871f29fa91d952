/** One link: what goes each way, what is lost and why, and what can be done to it. */
import type { LinkEndState, TopologyLink } from '../../../src/server/page.ts';
import { Capture } from '../actions/capture.tsx';
import { CutOrMend } from '../actions/cut-link.tsx';
import { DelayForm } from '../actions/delay-form.tsx';
import { FaultsForm } from '../actions/faults-form.tsx';
import { useLink } from '../live/index.ts';
import type { Select } from '../shell/selection.ts';
import { bitRateText, bytesText, countText, nanosText, shareText, wholeText } from '../ui/format.ts';
import { Facts, Meter, Section } from '../ui/parts.tsx';
import { ToneWords } from '../ui/tone.tsx';
import { faultWords } from './fault-words.ts';
import { DropCauses } from './drop-causes.tsx';

export interface LinkPanelProps {
  readonly link: TopologyLink;
  readonly index: number;
  readonly onSelect: Select;
}

const KIND_NAMES = { link: 'Link', attachment: 'Plug for the world', publication: 'Published service' } as const;

/** An end as actions name it. */
export const placeOf = (link: TopologyLink, end: 0 | 1): string => `${link.ends[end].node}:${link.ends[end].port}`;

export const LinkPanel = ({ link, index, onSelect }: LinkPanelProps): React.JSX.Element => {
  const state = useLink(index);
  const at = placeOf(link, 0);
  return (
    <>
      <header className="panel-head">
        <p className="kind">{KIND_NAMES[link.kind]}</p>
        <h2>{link.id}</h2>
        {state !== undefined && (
          <p>
            {state.up ? <ToneWords tone="good">up</ToneWords> : <ToneWords tone="bad">cut</ToneWords>}
            {faultWords(state.faults) !== '' && (
              <span className="beside">
                <ToneWords tone="warn">{faultWords(state.faults)}</ToneWords>
              </span>
            )}
          </p>
        )}
        <p className="buttons ends">
          {link.ends.map(({ node }) => (
            <button key={node} type="button" className="small" onClick={() => onSelect({ kind: 'node', id: node })}>
              Show {node}
            </button>
          ))}
        </p>
      </header>
      {state === undefined ? (
        <p className="muted">{link.kind === 'link' ? 'Nothing is known of it yet.' : 'It has no rate, delay or faults of its own.'}</p>
      ) : (
        <>
          <div className="buttons">
            <CutOrMend link={link} at={at} isUp={state.up} />
          </div>
          {([0, 1] as const).map((end) => (
            <Direction key={end} link={link} end={end} state={state.ends[end]} />
          ))}
          <DropCauses at={at} />
          <Section title="Settings">
            <Facts
              facts={[
                ['Rate', bitRateText(link.rateBitsPerSecond)],
                ['Delay each way', nanosText(state.delayNanos)],
                ['Longest packet', `${wholeText(link.mtuBytes)} bytes`],
              ]}
            />
          </Section>
          <Section title="Faults, each way">
            <FaultsForm at={at} faults={state.faults} />
          </Section>
          <Section title="Delay, each way">
            <DelayForm at={at} delayNanos={state.delayNanos} />
          </Section>
        </>
      )}
      {link.kind !== 'publication' && <Capture at={link.kind === 'attachment' ? attachedPort(link) : at} />}
    </>
  );
};

/** The end that is in the fabric. */
function attachedPort(link: TopologyLink): string {
  const end = link.ends[0].node.startsWith('world ') ? 1 : 0;
  return placeOf(link, end);
}

interface DirectionProps {
  readonly link: TopologyLink;
  readonly end: 0 | 1;
  readonly state: LinkEndState;
}

const Direction = ({ link, end, state }: DirectionProps): React.JSX.Element => (
  <section className="card" aria-label={`From ${placeOf(link, end)}`}>
    <div className="card-head">
      <h3>
        {placeOf(link, end)} <span className="muted">to {placeOf(link, end === 0 ? 1 : 0)}</span>
      </h3>
    </div>
    <p className="big-figure">
      {bitRateText(state.bitsPerSecond)}
      <span className="muted">{countText(state.framesPerSecond)} frames/s</span>
    </p>
    <p className="meter-line">
      <Meter share={state.load} label={`load ${shareText(state.load)}`} />
      <span>{shareText(Math.round(state.load * 1000) / 1000)} of the rate</span>
    </p>
    <Facts
      facts={[
        ['Waiting', bytesText(state.waitingBytes)],
        ['Drops', `${wholeText(state.drops)} (${countText(state.dropsPerSecond)}/s)`],
      ]}
    />
  </section>
);
