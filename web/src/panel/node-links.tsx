/** The links of a node: the way from port to port by keyboard. */
import type { TopologyLink, TopologyNode } from '../../../src/server/page.ts';
import { useLink, useTopology } from '../live/index.ts';
import type { Select } from '../shell/selection.ts';
import { bitRateText } from '../ui/format.ts';
import { byName } from '../ui/order.ts';
import { Meter, Section } from '../ui/parts.tsx';
import { ToneWords } from '../ui/tone.tsx';

export const NodeLinks = ({ node, onSelect }: { readonly node: TopologyNode; readonly onSelect: Select }): React.JSX.Element | null => {
  const topology = useTopology();
  const rows = (topology?.links ?? [])
    .flatMap((link, index) => ([0, 1] as const).flatMap((end) => (link.ends[end].node === node.id ? [{ link, index, end }] : [])))
    .sort((a, b) => byName(a.link.ends[a.end].port, b.link.ends[b.end].port));
  if (rows.length === 0) return null;
  return (
    <Section title="Links" count={rows.length}>
      <ul className="rows">
        {rows.map(({ link, index, end }) => (
          <LinkRow key={`${index} ${end}`} link={link} index={index} end={end} onSelect={onSelect} />
        ))}
      </ul>
    </Section>
  );
};

interface LinkRowProps {
  readonly link: TopologyLink;
  readonly index: number;
  readonly end: 0 | 1;
  readonly onSelect: Select;
}

const LinkRow = ({ link, index, end, onSelect }: LinkRowProps): React.JSX.Element => {
  const state = useLink(index);
  const [mine, other] = [link.ends[end], link.ends[end === 0 ? 1 : 0]];
  const otherText = other.port === '' ? other.node : link.kind === 'link' ? `${other.node}:${other.port}` : other.node;
  const [out, back] = [state?.ends[end], state?.ends[end === 0 ? 1 : 0]];
  const load = Math.max(out?.load ?? 0, back?.load ?? 0);
  return (
    <li>
      <button type="button" className="row tight" onClick={() => onSelect({ kind: 'link', index })}>
        <span className="row-name">
          {mine.port === '' ? '' : `${mine.port} `}
          <span className="muted">to {otherText}</span>
        </span>
        {state === undefined ? (
          <span className="row-more muted">{link.kind === 'publication' ? 'published' : 'plug'}</span>
        ) : state.up ? (
          <span className="row-more figures-pair">
            <span>↑ {bitRateText(out!.bitsPerSecond)}</span>
            <span>↓ {bitRateText(back!.bitsPerSecond)}</span>
            <Meter share={load} label={`load ${Math.round(load * 100)} %`} />
          </span>
        ) : (
          <span className="row-more">
            <ToneWords tone="bad">cut</ToneWords>
          </span>
        )}
      </button>
    </li>
  );
};
