/** One node: its ports, and everything that goes on at it. */
import type { TopologyNode } from '../../../src/server/page.ts';
import { useNodeDetail, useNodeHealth, useWatch } from '../live/index.ts';
import type { Select } from '../shell/selection.ts';
import { some } from '../ui/format.ts';
import { Section } from '../ui/parts.tsx';
import { ToneWords } from '../ui/tone.tsx';
import { Rescan } from '../actions/host-actions.tsx';
import { Ping } from '../actions/ping.tsx';
import { GroupList } from './group-list.tsx';
import { HostSections } from './host-sections.tsx';
import { MachineSections } from './machine-sections.tsx';
import { NodeEvents } from './node-events.tsx';
import { NodeLinks } from './node-links.tsx';
import { SessionList } from './session-list.tsx';
import { SwitchSections } from './switch-sections.tsx';
import { UnitList } from './unit-list.tsx';
import { WorldSections } from './world-sections.tsx';

const KIND_NAMES = { host: 'Host', array: 'Array', switch: 'Switch', world: 'From outside', published: 'Published' } as const;

export const NodePanel = ({ node, onSelect }: { readonly node: TopologyNode; readonly onSelect: Select }): React.JSX.Element => {
  useWatch(node.id);
  const detail = useNodeDetail();
  const { tone, words } = useNodeHealth(node.id);
  return (
    <>
      <header className="panel-head">
        <p className="kind">{KIND_NAMES[node.kind]}</p>
        <h2>{node.name}</h2>
        <p className="muted">{node.description}</p>
        <p>
          <ToneWords tone={tone}>{words}</ToneWords>
        </p>
      </header>
      {node.kind === 'host' && (
        <div className="buttons">
          <Rescan host={node.id} />
        </div>
      )}
      <NodeLinks node={node} onSelect={onSelect} />
      {detail === undefined && node.kind !== 'world' && node.kind !== 'published' && <p className="muted">Asking for its ports…</p>}
      {detail !== undefined && (
        <>
          {detail.units.length > 0 && (
            <Section title="Logical units" count={detail.units.length}>
              <UnitList units={detail.units} />
            </Section>
          )}
          {detail.groups.length > 0 && (
            <Section title="Portal groups" count={detail.groups.length}>
              <GroupList array={node.id} groups={detail.groups} />
            </Section>
          )}
          {detail.host !== undefined && <HostSections host={detail.host} />}
          {(node.kind === 'array' || detail.sessions.length > 0) && (
            <Section title="Sessions" count={detail.sessions.length}>
              <SessionList sessions={detail.sessions} at={node.id} />
            </Section>
          )}
          {node.kind === 'world' && <WorldSections attached={detail.attached} />}
          {detail.switch !== undefined && <SwitchSections report={detail.switch} attached={detail.attached} />}
          {detail.machine !== undefined && <MachineSections report={detail.machine} />}
          {detail.machine !== undefined && <Ping from={node.id} />}
          {detail.leftOut > 0 && (
            <p className="muted">{some(detail.leftOut, 'entry is', 'entries are')} not shown: the lists are bounded.</p>
          )}
        </>
      )}
      <NodeEvents node={node.id} />
    </>
  );
};
