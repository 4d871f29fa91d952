/** A node of the map: what it is, how it is, and its ports. */
import { type Node, type NodeProps } from '@xyflow/react';
import { memo, useLayoutEffect, useRef } from 'react';
import type { TopologyNode } from '../../../src/server/page.ts';
import { type Tone, useLink, useNodeHealth } from '../live/index.ts';
import { type Card, type Density, shortPort } from './cards.ts';
import { KindIcon, ToneMark } from './icons.tsx';
import { ACTIVE, SELECTED, UNMATCHED, useFlags, useMapStore } from './map-store.ts';
import type { Tab } from './wiring.ts';

export interface CardData extends Record<string, unknown> {
  readonly node: TopologyNode;
  readonly card: Card;
  readonly density: Density;
  readonly tabs: readonly Tab[];
}

export type CardNode = Node<CardData, 'card'>;

const KIND_WORDS = { host: 'host', array: 'array', switch: 'switch', world: 'outside', published: 'published service' } as const;

const NodeCardPlain = ({ data: { node, card, density, tabs } }: NodeProps<CardNode>): React.JSX.Element => {
  const { tone, words } = useNodeHealth(node.id);
  const store = useMapStore();
  const flags = useFlags({ kind: 'node', id: node.id });
  const button = useRef<HTMLButtonElement>(null);
  const isActive = (flags & ACTIVE) !== 0;
  useLayoutEffect(() => {
    if (isActive && store.wantsFocus) {
      store.wantsFocus = false;
      button.current?.focus({ preventScroll: true });
    }
  }, [isActive, store]);
  const isHurt = tone === 'warn' || tone === 'bad';
  // On narrow screens a long name takes the second line, too.
  const isLong = density === 'compact' && !isHurt && node.name.length > 9;
  const line = density === 'dense' || isLong ? '' : isHurt ? words : node.description || words;
  return (
    <>
      <button
        ref={button}
        type="button"
        className="topology-card"
        data-map-node={node.id}
        data-kind={node.kind}
        data-tone={tone}
        data-long={isLong || undefined}
        data-unmatched={(flags & UNMATCHED) !== 0 || undefined}
        aria-label={nameOf(node, line, tone, words)}
        aria-pressed={(flags & SELECTED) !== 0}
        tabIndex={isActive ? 0 : -1}
        title={`${node.name}\n${node.description}\n${words}`}
      >
        {density === 'dense' ? null : <KindIcon kind={node.kind} />}
        <span className="topology-name">{node.name}</span>
        {density === 'dense' && !isHurt ? null : <ToneMark tone={tone} />}
        {line === '' ? null : <span className="topology-line"> {line}</span>}
      </button>
      {density === 'dense'
        ? null
        : tabs.map((tab) => (tab.port === '' ? null : <Port key={tab.link} tab={tab} isNamed={card.hasPortNames} />))}
    </>
  );
};

/** Begins with all that is seen on the card, so that who speaks to it can say what they read. */
function nameOf(node: TopologyNode, line: string, tone: Tone, words: string): string {
  const seen = [`${KIND_WORDS[node.kind]} ${node.name}`, ...(line === '' ? [node.description] : [line])];
  return [...seen, TONE_WORDS[tone] + (line === words ? '' : `: ${words}`)].filter((part) => part !== '').join(', ');
}

export const TONE_WORDS = { good: 'good', busy: 'busy', warn: 'impaired', bad: 'bad', idle: 'quiet' } as const;

export const NodeCard = memo(NodeCardPlain);

const Port = memo(({ tab, isNamed }: { readonly tab: Tab; readonly isNamed: boolean }): React.JSX.Element => {
  const isCut = useLink(tab.link)?.up === false;
  const { x, y, width, height } = tab.box;
  return (
    <span
      className="topology-port"
      data-side={tab.side}
      data-cut={isCut || undefined}
      aria-hidden="true"
      title={isCut ? `${tab.port}: link cut` : tab.port}
      style={{ left: x, top: y, width, height }}
    >
      {isNamed ? shortPort(tab.port) : null}
    </span>
  );
});
