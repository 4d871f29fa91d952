/** The side panel: what is selected, or, with nothing selected, what needs a look. */
import { useEffect, useRef } from 'react';
import type { Select, Selection } from '../shell/selection.ts';
import { useTopology } from '../live/index.ts';
import { Icon } from '../ui/icons.tsx';
import { LinkPanel } from './link-panel.tsx';
import { NodePanel } from './node-panel.tsx';
import { Overview } from './overview.tsx';

export interface PanelProps {
  readonly selected: Selection | undefined;
  readonly onSelect: Select;
  /** Only it is on the screen: then the focus goes there with it. */
  readonly takesFocus: boolean;
}

export const Panel = ({ selected, onSelect, takesFocus }: PanelProps): React.JSX.Element => {
  const topology = useTopology();
  const body = useRef<HTMLDivElement>(null);
  const key = selected === undefined ? '' : selected.kind === 'node' ? `node ${selected.id}` : `link ${selected.index}`;
  useEffect(() => {
    body.current?.scrollTo({ top: 0 });
    if (takesFocus && key !== '') body.current?.focus();
  }, [key, takesFocus]);
  const node = selected?.kind === 'node' ? topology?.nodes.find(({ id }) => id === selected.id) : undefined;
  const link = selected?.kind === 'link' ? topology?.links[selected.index] : undefined;
  return (
    <aside className="panel" id="details" aria-label="Details">
      <div
        className="panel-body"
        ref={body}
        tabIndex={-1}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && !event.defaultPrevented && !isInDialog(event.target)) onSelect(undefined);
        }}
      >
        {(node !== undefined || link !== undefined) && (
          <button
            type="button"
            className="quiet icon-button panel-close"
            aria-label="Close, and show the whole fabric"
            onClick={() => onSelect(undefined)}
          >
            <Icon name="close" />
          </button>
        )}
        {node !== undefined && <NodePanel key={key} node={node} onSelect={onSelect} />}
        {link !== undefined && selected?.kind === 'link' && <LinkPanel key={key} link={link} index={selected.index} onSelect={onSelect} />}
        {node === undefined && link === undefined && <Overview onSelect={onSelect} />}
      </div>
    </aside>
  );
};

/** It closes that, and not the panel behind it. */
const isInDialog = (target: EventTarget): boolean => target instanceof Element && target.closest('dialog') !== null;
