/** With nothing selected: what needs a look, what the fabric is made of, and how to get in. */
import type { Topology } from '../../../src/server/page.ts';
import { entrances, useLinks, useNodeHealth, useSessions, useTopology, useUnits } from '../live/index.ts';
import type { Select } from '../shell/selection.ts';
import { some } from '../ui/format.ts';
import { Section } from '../ui/parts.tsx';
import { ToneWords } from '../ui/tone.tsx';
import { attentionOf } from './attention.ts';
import { UnitList } from './unit-list.tsx';

const SHOWN_MAX = 12;

export const Overview = ({ onSelect }: { readonly onSelect: Select }): React.JSX.Element => {
  const topology = useTopology();
  const units = useUnits();
  if (topology === undefined) return <p className="empty">The fabric has not answered yet.</p>;
  return (
    <>
      <header className="panel-head">
        <h2>{topology.fabric}</h2>
        <p className="muted">{madeOf(topology)}</p>
      </header>
      <Attention topology={topology} onSelect={onSelect} />
      <Section title="Nodes" count={topology.nodes.length}>
        <NodeList topology={topology} onSelect={onSelect} />
      </Section>
      {units.length > 0 && (
        <Section title="Logical units" count={units.length}>
          <UnitList units={units} withArray />
        </Section>
      )}
      <HowToConnect topology={topology} />
    </>
  );
};

const KINDS = { host: ['host'], switch: ['switch', 'switches'], array: ['array'] } as const;

function madeOf({ nodes, links }: Topology): string {
  const counts = Object.entries(KINDS).flatMap(([kind, [one, many]]) => {
    const count = nodes.filter((node) => node.kind === kind).length;
    return count === 0 ? [] : [some(count, one, many)];
  });
  const wires = links.filter(({ kind }) => kind === 'link').length;
  return [...counts, ...(wires === 0 ? [] : [some(wires, 'link')])].join(', ');
}

const Attention = ({ topology, onSelect }: { readonly topology: Topology; readonly onSelect: Select }): React.JSX.Element => {
  const links = useLinks();
  const found = attentionOf(topology, links);
  return (
    <Section title="Needs a look" count={found.length === 0 ? undefined : found.length}>
      {found.length === 0 ? (
        <p className="muted">
          <ToneWords tone="good">No link is cut, faulty or dropping.</ToneWords>
        </p>
      ) : (
        <ul className="rows">
          {found.slice(0, SHOWN_MAX).map(({ index, id, tone, words }) => (
            <li key={id}>
              <button type="button" className="row" onClick={() => onSelect({ kind: 'link', index })}>
                <span className="row-name">{id}</span>
                <span className="row-more">
                  <ToneWords tone={tone}>{words}</ToneWords>
                </span>
              </button>
            </li>
          ))}
          {found.length > SHOWN_MAX && <li className="muted">and {some(found.length - SHOWN_MAX, 'more link')}</li>}
        </ul>
      )}
    </Section>
  );
};

const NodeList = ({ topology, onSelect }: { readonly topology: Topology; readonly onSelect: Select }): React.JSX.Element => {
  const most = 60;
  return (
    <ul className="rows">
      {topology.nodes.slice(0, most).map(({ id, name }) => (
        <NodeRow key={id} id={id} name={name} onSelect={onSelect} />
      ))}
      {topology.nodes.length > most && <li className="muted">and {some(topology.nodes.length - most, 'more node')}, on the map</li>}
    </ul>
  );
};

export const NodeRow = ({
  id,
  name,
  onSelect,
}: {
  readonly id: string;
  readonly name: string;
  readonly onSelect: Select;
}): React.JSX.Element => {
  const { tone, words } = useNodeHealth(id);
  return (
    <li>
      <button type="button" className="row" onClick={() => onSelect({ kind: 'node', id })}>
        <span className="row-name">{name}</span>
        <span className="row-more">
          <ToneWords tone={tone}>{words}</ToneWords>
        </span>
      </button>
    </li>
  );
};

const HowToConnect = ({ topology }: { readonly topology: Topology }): React.JSX.Element | null => {
  const sessions = useSessions();
  const ways = entrances(topology);
  if (ways.length === 0 && sessions.length > 0) return null;
  return (
    <Section title="From this machine">
      {ways.length === 0 ? (
        <p className="muted">
          No service of the fabric is published on this machine. A host with <code>publish: 127.0.0.1:3260 -&gt; array1:3260</code> does
          that.
        </p>
      ) : (
        ways.map((address) => (
          <p key={address} className="muted">
            An initiator here reaches it at <code>{address}</code>, such as <code>iscsi-ls iscsi://{address}</code>
          </p>
        ))
      )}
    </Section>
  );
};
