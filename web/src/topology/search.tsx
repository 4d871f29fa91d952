/** Finds a node by its name. */
import { useId, useMemo, useState } from 'react';
import type { Topology, TopologyNode } from '../../../src/server/page.ts';
import { KindIcon } from './icons.tsx';
import { useMapStore } from './map-store.ts';
import { found } from './find.ts';

const SHOWN_MAX = 8;

export const Search = ({
  topology,
  onChoose,
}: {
  readonly topology: Topology;
  readonly onChoose: (id: string) => void;
}): React.JSX.Element => {
  const [text, setText] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const [chosen, setChosen] = useState(0);
  const store = useMapStore();
  const list = useId();
  const matches = useMemo(() => found(topology.nodes, text), [topology, text]);
  const shown = isOpen && text.trim() !== '' ? matches.slice(0, SHOWN_MAX) : [];

  const type = (now: string): void => {
    setText(now);
    setIsOpen(true);
    setChosen(0);
    store.set({ matches: now.trim() === '' ? undefined : new Set(found(topology.nodes, now).map(({ id }) => id)) });
  };
  const choose = (node: TopologyNode | undefined): void => {
    if (node === undefined) return;
    type('');
    setIsOpen(false);
    onChoose(node.id);
  };
  const press = (event: React.KeyboardEvent): void => {
    if (event.key === 'Enter') choose(shown[chosen] ?? matches[0]);
    else if (event.key === 'Escape') type('');
    else if (event.key === 'ArrowDown') setChosen((chosen + 1) % Math.max(1, shown.length));
    else if (event.key === 'ArrowUp') setChosen((chosen - 1 + shown.length) % Math.max(1, shown.length));
    else return;
    event.preventDefault();
  };
  return (
    <div className="topology-search">
      <input
        type="search"
        placeholder="Find a node"
        aria-label="Find a node of the map"
        role="combobox"
        aria-expanded={shown.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={shown.length > 0 ? `${list}-${chosen}` : undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        value={text}
        onChange={(event) => type(event.target.value)}
        onKeyDown={press}
        onFocus={() => setIsOpen(true)}
        onBlur={() => setIsOpen(false)}
      />
      <ul id={list} role="listbox" aria-label="Nodes found" hidden={shown.length === 0}>
        {shown.map((node, index) => (
          <li
            key={node.id}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === chosen}
            onPointerDown={(event) => {
              event.preventDefault();
              choose(node);
            }}
          >
            <KindIcon kind={node.kind} />
            <span className="topology-name">{node.name}</span>
            <span className="topology-line">{node.description}</span>
          </li>
        ))}
      </ul>
      {isOpen && text.trim() !== '' && matches.length === 0 ? <p className="topology-none">no node is called like that</p> : null}
    </div>
  );
};
