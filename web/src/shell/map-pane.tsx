/** The map, or why there is not much on it. */
import { TopologyView } from '../topology/topology-view.tsx';
import { useNodeHealth, useTopology } from '../live/index.ts';
import { Icon } from '../ui/icons.tsx';
import { ToneWords } from '../ui/tone.tsx';
import type { Select, Selection } from './selection.ts';

export interface MapPaneProps {
  readonly selected: Selection | undefined;
  readonly onSelect: Select;
  /** Something else is looked at instead. It keeps its size and place meanwhile. */
  readonly isAway: boolean;
  /** Undefined: they are beside the map. */
  readonly onDetails: (() => void) | undefined;
}

export const MapPane = ({ selected, onSelect, isAway, onDetails }: MapPaneProps): React.JSX.Element => {
  const topology = useTopology();
  const hasNetwork =
    topology?.links.some(({ kind }) => kind !== 'publication') === true || topology?.nodes.some(({ kind }) => kind === 'switch') === true;
  return (
    <section className="map" aria-label="Map" inert={isAway}>
      <h2 className="unseen">Map</h2>
      {topology === undefined ? (
        <p className="empty centred">The fabric has not answered yet.</p>
      ) : (
        <>
          {!hasNetwork && (
            <p className="map-note">
              Nothing in this fabric has a wire: arrays and hosts use the network of this machine, which is not drawn. With{' '}
              <code>nics</code> and <code>links</code> in the fabric file there is more to see.
            </p>
          )}
          <TopologyView topology={topology} selected={selected} onSelect={onSelect} />
          {onDetails !== undefined && selected !== undefined && <SelectionStrip selected={selected} onDetails={onDetails} />}
        </>
      )}
    </section>
  );
};

/** Where the panel is not beside the map: what is selected, and the way there. */
const SelectionStrip = ({ selected, onDetails }: { readonly selected: Selection; readonly onDetails: () => void }): React.JSX.Element => {
  const topology = useTopology();
  const name = selected.kind === 'node' ? topology?.nodes.find(({ id }) => id === selected.id)?.name : topology?.links[selected.index]?.id;
  const { tone, words } = useNodeHealth(selected.kind === 'node' ? selected.id : '');
  return (
    <button type="button" className="strip" onClick={onDetails}>
      <span className="strip-words">
        <strong>{name}</strong>
        {selected.kind === 'node' && <ToneWords tone={tone}>{words}</ToneWords>}
      </span>
      <span className="strip-more">
        Details <Icon name="next" size={14} />
      </span>
    </button>
  );
};
